import type { Assessment, NamespaceAssessment } from '../assess/assessment.ts';
import { messageOf } from '../core/errors.ts';
import { assembleFacts } from './facts.ts';
import type { Finding, NotChecked, RuleResults, SuppressedFinding, Waiver } from './finding.ts';
import { group, type PlacedReport, sortKey } from './grouping.ts';
import { RULES } from './registry.ts';
import { ACTIONS, type Action, actionOf } from './remedy.ts';
import { type AnyRule, type NamespaceFacts, type Outcome, type Report, SEVERITIES } from './rule.ts';
import { keepAtBoot } from './support/settings.ts';
import { waiverFor } from './waivers.ts';

export type RunOptions = {
  /** All of them where left out; in the order in which findings of one severity are listed. */
  readonly rules?: readonly AnyRule[];
  readonly waivers: readonly Waiver[];
  /** YYYY-MM-DD: waivers lapse by it. */
  readonly today: string;
};

type Judged = {
  readonly rule: AnyRule;
  readonly netns: string;
  readonly outcome: Outcome | { readonly kind: 'errored'; readonly why: string };
};

/** A requirement that the next boot would undo mends nothing, whichever rule it comes from. */
function lasting(
  outcome: Outcome,
  { resolution, writers, ownDropIn }: Assessment,
  { filesApply }: NamespaceFacts,
): Outcome {
  if (outcome.kind !== 'fail') return outcome;
  const keep = (report: Report): Report => ({
    ...report,
    remedies: keepAtBoot(report.remedies, { resolution, writers, filesApply, ownDropIn }),
  });
  return { kind: 'fail', reports: outcome.reports.map(keep) };
}

/** A rule that throws has a bug of its own: it costs its own verdict and no other's. */
function judge(rule: AnyRule, assessment: Assessment, namespace: NamespaceAssessment): Judged {
  const netns = namespace.namespace.id;
  try {
    const assembled = assembleFacts(rule, assessment, namespace);
    const outcome = assembled.ok
      ? lasting(rule.check(assembled.value), assessment, assembled.value)
      : ({ kind: 'unknown', why: assembled.why } as const);
    return { rule, netns, outcome };
  } catch (thrown) {
    return { rule, netns, outcome: { kind: 'errored', why: `${rule.id} failed: ${messageOf(thrown)}` } };
  }
}

function reportsOf({ rule, netns, outcome }: Judged): readonly PlacedReport[] {
  return outcome.kind === 'fail' ? outcome.reports.map((report) => ({ rule, netns, report })) : [];
}

function notChecked({ rule, netns, outcome }: Judged): readonly NotChecked[] {
  return outcome.kind === 'unknown' || outcome.kind === 'errored'
    ? [{ rule: rule.id, netns, outcome: outcome.kind, why: outcome.why }]
    : [];
}

/** The worst first; then in the order of the rules, of each rule's messages, and of the subjects. */
function bySeverity(rules: readonly AnyRule[]): (a: Finding, b: Finding) => number {
  const messages = rules.flatMap(({ id, messages: of }) => Object.keys(of).map((each) => `${id} ${each}`));
  const order = new Map(messages.map((message, index) => [message, index]));
  const place = ({ rule, messageId }: Finding) => order.get(`${rule} ${messageId}`) ?? 0;
  return (a, b) =>
    SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
    place(a) - place(b) ||
    compare(firstSubject(a), firstSubject(b)) ||
    compare(a.id, b.id);
}

function firstSubject({ subjects: [first] }: Finding): string {
  return first === undefined ? '' : sortKey(first);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

type Sorted = {
  readonly open: readonly PlacedReport[];
  readonly waived: ReadonlyMap<Waiver, PlacedReport[]>;
};

function sortByWaiver(reports: readonly PlacedReport[], { waivers, today }: RunOptions): Sorted {
  const open: PlacedReport[] = [];
  const waived = new Map<Waiver, PlacedReport[]>();
  for (const report of reports) {
    const waiver = waiverFor(report, waivers, today);
    const held = waiver === null ? open : waived.get(waiver);
    if (held !== undefined) held.push(report);
    else if (waiver !== null) waived.set(waiver, [report]);
  }
  return { open, waived };
}

/**
 * Judges every rule in every network namespace. Pure: the same assessment, waivers and day give the same results.
 * Waivers are applied before grouping, so a finding that keeps some of its subjects speaks of those alone.
 */
export function runRules(assessment: Assessment, options: RunOptions): RuleResults {
  const rules = options.rules ?? RULES;
  const judged = assessment.namespaces.flatMap((namespace) =>
    rules.map((rule) => judge(rule, assessment, namespace)),
  );
  const order = bySeverity(rules);
  const { open, waived } = sortByWaiver(judged.flatMap(reportsOf), options);
  const suppressed = [...waived].flatMap(([waiver, reports]): readonly SuppressedFinding[] =>
    group(reports).map((finding) => ({ finding, waiver })),
  );
  return {
    findings: [...group(open)].sort(order),
    suppressed: suppressed.sort((a, b) => order(a.finding, b.finding)),
    notChecked: judged.flatMap(notChecked),
    counts: {
      pass: judged.filter(({ outcome }) => outcome.kind === 'pass').length,
      notApplicable: judged.filter(({ outcome }) => outcome.kind === 'notApplicable').length,
    },
  };
}

/** What the findings ask a person or a plan to do, in the order of ACTIONS; empty means: change nothing. */
export function actionsOf(findings: readonly Finding[]): readonly Action[] {
  const wanted = new Set(findings.flatMap(({ remedies }) => remedies.map(actionOf)));
  return ACTIONS.filter((action) => wanted.has(action));
}
