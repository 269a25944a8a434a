import type { ListenerAssessment } from '../../assess/assessment.ts';
import type { Figure } from '../../core/figure.ts';
import { formatFigure } from '../../core/figure.ts';
import { key, name, text, value } from '../../core/text.ts';
import { catalogueEntry } from '../../sysctl/catalogue.ts';
import type { CatalogueEntry } from '../../sysctl/catalogue-entry.ts';
import { parseNumbers } from '../../sysctl/codec.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import type { Remedy } from '../remedy.ts';
import { defineRule, type Report, type RuleFacts, type Surroundings } from '../rule.ts';
import { isBelow, leastDefault } from '../support/defaults.ts';
import { limitOf } from '../support/pressure.ts';
import { hasFullGrant, isDoubtful, SOMAXCONN } from '../support/queue-remedies.ts';
import { deleteLine, linesBehind, requireSetting } from '../support/settings.ts';
import { keySubject } from '../support/subjects.ts';
import { isMalformed } from '../support/vectors.ts';

type Args = { readonly key: string; readonly live: string; readonly own: string };
type HarmfulArgs = Args & { readonly harm: string };

const messages = {
  below: (args: HarmfulArgs) =>
    text`${key(args.key)} is ${value(args.live)}, below this kernel's own ${value(args.own)}: ${args.harm}`,
  harmless: (args: Args) =>
    text`${key(args.key)} is ${value(args.live)}, below this kernel's own ${value(args.own)}, but cuts no listener now`,
  covered: (args: Args & { readonly rule: string }) =>
    text`${key(args.key)} is ${value(args.live)}, below this kernel's own ${value(args.own)}: ${name(args.rule)} says whom that cuts, and to what to raise it`,
};

type Facts = Surroundings &
  Pick<RuleFacts, 'sysctls' | 'defaults'> & {
    readonly resolution: RuleFacts['resolution'] | null;
    readonly listeners: RuleFacts['listeners'] | null;
  };

/** A container sees some of the host's variables without being able to set them: they are the host's affair. */
function isOurs({ key: sysctl, scope }: CatalogueEntry, facts: Facts): boolean {
  const { environment, traits, isHostWide } = facts;
  if (isHostWide(sysctl)) return false;
  return environment === 'host' || traits.current(scope).every((each) => each === 'network-namespace');
}

/** Bound by somaxconn now, or as soon as it calls listen() again. */
function runsInto(listener: ListenerAssessment, somaxconn: number): boolean {
  const { boundBy, backlog } = listener;
  const isBound = boundBy === 'somaxconn' || boundBy === 'both';
  // Of a program whose request is not known, a limit that is just somaxconn tells the same.
  const mayBeBound = backlog.requested === null && (limitOf(listener) ?? 0) >= somaxconn;
  return isBound || mayBeBound || (backlog.requested ?? 0) > somaxconn;
}

/** A somaxconn that no listener runs into cuts nothing. */
function isHarmless(sysctl: SysctlKey, [live = 0]: readonly number[], { listeners }: Facts): boolean {
  return sysctl === SOMAXCONN && listeners !== null && !listeners.some((one) => runsInto(one, live));
}

/** The rule that asks for as much already, for a listener that names a number; null where none does. */
function coveringRule(sysctl: SysctlKey, [own]: readonly Figure[], { listeners }: Facts): string | null {
  if (sysctl !== SOMAXCONN || own === undefined) return null;
  const asking = (listeners ?? []).filter(
    ({ backlog }) => !backlog.followsSomaxconn && (backlog.requested ?? 0) >= own.high,
  );
  if (asking.some(({ boundBy }) => boundBy === 'somaxconn')) return 'accept-queue/bound-by-somaxconn';
  const isStale = (one: ListenerAssessment) =>
    one.boundBy === 'somaxconn-at-listen' && !hasFullGrant(one) && !isDoubtful(one);
  return asking.some(isStale) ? 'accept-queue/stale-listener' : null;
}

function deletions({ key: sysctl }: CatalogueEntry, own: readonly Figure[], facts: Facts): readonly Remedy[] {
  const isLow = (setting: string) => isBelow(parseNumbers(setting, own.length) ?? [], own);
  return linesBehind(facts, facts.resolution, sysctl, isLow).map((at) =>
    deleteLine(at, 'bad-setting', text`delete the line: the kernel's own ${key(sysctl)} is higher`),
  );
}

function raise(entry: CatalogueEntry, own: readonly Figure[], facts: Facts): Remedy {
  const because = text`this kernel's own value`;
  const relation = entry.unit === 'switch' ? 'exactly' : 'at-least';
  return requireSetting(facts, { key: entry.key, relation, value: leastDefault(own), because });
}

function reportOn(sysctl: SysctlKey, facts: Facts): readonly Report<typeof messages>[] {
  const entry = catalogueEntry(sysctl);
  const own = facts.defaults.kernelDefault(sysctl);
  const live = facts.sysctls.numbers(sysctl);
  if (entry?.belowDefault === undefined || own === null || live === null || !isOurs(entry, facts)) return [];
  if (!isBelow(live, own) || isMalformed(sysctl, live.join(' '), facts)) return [];
  const args = { key: sysctl, live: live.join(' '), own: own.map(formatFigure).join(', ') };
  const common = {
    subject: keySubject(sysctl),
    cause: sysctl,
    confidence: 'inferred',
    evidence: [
      { name: text`${key(sysctl)}`, measured: text`${value(args.live)}`, expected: text`${value(args.own)}` },
    ],
  } as const;
  if (isHarmless(sysctl, live, facts)) {
    return [{ ...common, messageId: 'harmless', args, severity: 'info', remedies: [] }];
  }
  const lines = deletions(entry, own, facts);
  const rule = coveringRule(sysctl, own, facts);
  if (rule !== null && lines.length === 0) {
    return [{ ...common, messageId: 'covered', args: { ...args, rule }, severity: 'info', remedies: [] }];
  }
  const remedies = rule === null ? [raise(entry, own, facts), ...lines] : lines;
  const harm = entry.belowDefault;
  return [{ ...common, messageId: 'below', args: { ...args, harm }, severity: 'low', remedies }];
}

export const belowKernelDefault = defineRule({
  id: 'sysctl/below-kernel-default',
  title: 'A setting is below what this kernel sets by itself',
  why: 'Defaults have grown over the years, so a line that once raised a value now lowers it.',
  references: ['kernel commit 19f92a030ca6 (somaxconn)', 'kernel commit 572be9bf9d0d (tcp_rmem)'],
  requires: ['sysctls', 'defaults'],
  uses: ['resolution', 'listeners'],
  messages,
  check(facts) {
    const reports = facts.sysctls.keys().flatMap((sysctl) => reportOn(sysctl, facts));
    return reports.length === 0 ? { kind: 'pass' } : { kind: 'fail', reports };
  },
});
