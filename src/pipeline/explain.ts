import type { ListenerAssessment, NamespaceAssessment } from '../assess/assessment.ts';
import type { KeyValue } from '../assess/key-value.ts';
import { type UserError, unknownNameError, usageError } from '../core/errors.ts';
import type { Fact, UnknownWhy } from '../core/fact.ts';
import type { Figure } from '../core/figure.ts';
import type { Text } from '../core/text.ts';
import type { Finding } from '../rules/finding.ts';
import { findRule, RULES } from '../rules/registry.ts';
import type { AnyRule } from '../rules/rule.ts';
import { CATALOGUE, catalogueEntry } from '../sysctl/catalogue.ts';
import type { CatalogueEntry } from '../sysctl/catalogue-entry.ts';
import { interfacePath } from '../sysctl/interface-keys.ts';
import { parseKey, type SysctlKey, swapSeparators } from '../sysctl/key.ts';
import type { AuditReport } from './audit-report.ts';
import { placeOf } from './effects/here.ts';
import { keyEffects } from './effects/key-effects.ts';
import { listenerEffects } from './effects/listener.ts';
import { type OtherWriters, otherWritersOf } from './other-writers.ts';

export type KeyExplanation = {
  readonly kind: 'key';
  readonly key: string;
  readonly entry: CatalogueEntry | null;
  readonly live: readonly {
    readonly namespace: string;
    readonly value: string | null;
    readonly why: UnknownWhy | null;
  }[];
  readonly boot: KeyValue | null;
  readonly others: OtherWriters;
  readonly kernelDefault: readonly Figure[] | null;
  /** What a change would do on this host, and what it would not. */
  readonly change: readonly Text[];
  readonly findings: readonly Finding[];
};

export type Explanation =
  | KeyExplanation
  | {
      readonly kind: 'listener';
      readonly listener: ListenerAssessment;
      readonly change: readonly Text[];
      readonly findings: readonly Finding[];
    }
  | {
      readonly kind: 'rule';
      readonly rule: AnyRule;
      readonly findings: readonly Finding[];
      readonly notChecked: readonly string[];
    }
  | { readonly kind: 'finding'; readonly finding: Finding };

function mentions(finding: Finding, key: string): boolean {
  return (
    finding.subjects.some(({ id }) => id === key) ||
    finding.remedies.some((remedy) => 'requirement' in remedy && remedy.requirement.key === key)
  );
}

function liveValues(namespaces: readonly NamespaceAssessment[], key: string): KeyExplanation['live'] {
  return namespaces.map(({ namespace: { name }, live }) => {
    const fact = live(key);
    return fact.ok
      ? { namespace: name, value: fact.value, why: null }
      : { namespace: name, value: null, why: fact.why };
  });
}

function explainKey(key: string, { assessment, findings }: AuditReport): KeyExplanation {
  const boot = assessment.resolution?.bootValue(key) ?? null;
  return {
    kind: 'key',
    key,
    entry: catalogueEntry(key) ?? null,
    live: liveValues(assessment.namespaces, key),
    boot,
    others: otherWritersOf(key, assessment, boot ?? { kind: 'unknown' }),
    kernelDefault: assessment.namespaces[0]?.kernelDefault(key) ?? null,
    change: keyEffects(key, assessment),
    findings: findings.filter((finding) => mentions(finding, key)),
  };
}

/** `:443`, `0.0.0.0:443`, `/run/x.sock`, or the id of the audit's JSON. */
function isCalled({ id, label, listener }: ListenerAssessment, target: string): boolean {
  if (target === id || target === label) return true;
  return listener.protocol === 'tcp' && target === `:${listener.port}`;
}

function explainListeners(
  target: string,
  assessed: NamespaceAssessment,
  { findings, assessment }: AuditReport,
): readonly Explanation[] {
  const { namespace, listeners } = assessed;
  return listeners
    .filter((listener) => isCalled(listener, target))
    .map((listener) => ({
      kind: 'listener',
      listener,
      change: listenerEffects(listener, placeOf(assessed, assessment)),
      findings: findings.filter(
        ({ netns, subjects }) => netns === namespace.id && subjects.some(({ id }) => id === listener.id),
      ),
    }));
}

/** The key that is asked after, where an audit would not look at it. */
export function unreadKeys(target: string): readonly SysctlKey[] {
  const key = parseKey(target);
  if (!key.ok) return [];
  const isOfInterface = interfacePath(swapSeparators(key.key)) !== null;
  return catalogueEntry(key.key)?.readOnDemand || isOfInterface ? [key.key] : [];
}

function isThere(live: Fact<string>): boolean {
  return live.ok || (live.why !== 'absent' && live.why !== 'not-collected');
}

function isKnownKey(key: string, { assessment }: AuditReport): boolean {
  return (
    catalogueEntry(key) !== undefined ||
    assessment.namespaces.some(({ live }) => isThere(live(key))) ||
    (assessment.resolution?.linesOf(key).length ?? 0) > 0 ||
    assessment.writers.of(key).some(({ key: named, how }) => named !== '*' && how !== 'rerun') ||
    assessment.resolution?.bootValue(key).kind === 'unknown'
  );
}

/** `stale-listener` of `accept-queue/stale-listener`: what the ids of its findings begin with. */
function nameOf(rule: string): string {
  return rule.slice(rule.indexOf('/') + 1);
}

/** An id of a finding that an audit before this one printed; null for anything else. */
function lapsedFinding(target: string): UserError | null {
  const rule = RULES.find(({ id }) => new RegExp(`^${nameOf(id)}-[0-9a-f]{8}$`).test(target));
  return rule === undefined
    ? null
    : usageError(
        `there is no finding '${target}' now: it no longer holds, or these are other facts`,
        `backlogctl explain ${rule.id} says what the rule looks for`,
      );
}

function candidates({ findings, assessment }: AuditReport): readonly string[] {
  return [
    ...CATALOGUE.map(({ key }) => key),
    ...RULES.flatMap(({ id }) => [id, nameOf(id)]),
    ...findings.map(({ id }) => id),
    ...assessment.namespaces.flatMap(({ listeners }) => listeners.map(({ label }) => label)).slice(0, 200),
  ];
}

/**
 * Everything that a name stands for, most often one thing; several where listeners share a port.
 * @throws UserError where nothing is called so
 */
export function explain(target: string, report: AuditReport): readonly Explanation[] {
  const finding = report.findings.find(({ id }) => id === target);
  if (finding !== undefined) return [{ kind: 'finding', finding }];
  const rule = findRule(target) ?? RULES.find(({ id }) => nameOf(id) === target);
  if (rule !== undefined) {
    return [
      {
        kind: 'rule',
        rule,
        findings: report.findings.filter((each) => each.rule === rule.id),
        notChecked: report.notChecked.filter((each) => each.rule === rule.id).map(({ why }) => why),
      },
    ];
  }
  const listeners = report.assessment.namespaces.flatMap((each) => explainListeners(target, each, report));
  if (listeners.length > 0) return listeners;
  const key = parseKey(target);
  if (key.ok && isKnownKey(key.key, report)) return [explainKey(key.key, report)];
  throw (
    lapsedFinding(target) ?? unknownNameError('key, listener, rule or finding', target, candidates(report))
  );
}
