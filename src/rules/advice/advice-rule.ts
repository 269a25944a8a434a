import type { KeyValue } from '../../assess/key-value.ts';
import { formatFigure } from '../../core/figure.ts';
import { key, type Text, text, value } from '../../core/text.ts';
import type { FileLine } from '../../snapshot/fact.ts';
import { catalogueEntry, membersOf } from '../../sysctl/catalogue.ts';
import { parseNumbers } from '../../sysctl/codec.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import type { Remedy } from '../remedy.ts';
import { type AnyRule, defineRule, type Outcome, type Report } from '../rule.ts';
import { beatenLine } from '../support/beaten.ts';
import { exactDefault } from '../support/defaults.ts';
import { refusalOf } from '../support/refused.ts';
import {
  deleteLine,
  linesBehind,
  otherManagers,
  requireSetting,
  shown,
  winningLine,
} from '../support/settings.ts';
import { keySubject, lineText } from '../support/subjects.ts';
import { isMalformed } from '../support/vectors.ts';
import type { AdviceFacts, AdviceRow, Judgement, Setting, Verdict, View } from './row.ts';

/** What rows look at besides the resolution, the live values and the kernel's own. */
export const ADVICE_NEEDS = ['listeners', 'rates', 'writers', 'memoryBytes', 'pageBytes'] as const;

type LiveArgs = { readonly key: string; readonly value: string; readonly says: string };
type LineArgs = LiveArgs & { readonly line: string };

const messages = {
  line: (args: LineArgs) => text`${args.line} sets ${key(args.key)} to ${value(args.value)}: ${args.says}`,
  live: (args: LiveArgs) => text`${key(args.key)} is ${value(args.value)}: ${args.says}`,
};

type Reports = readonly Report<typeof messages>[];

/** null where the kernel refuses the text, or takes it only in part: other rules speak of that. */
function settingOf(
  sysctl: SysctlKey,
  raw: string | null,
  at: FileLine | null,
  facts: AdviceFacts,
): Setting | null {
  if (raw === null) return null;
  const [first, ...rest] = parseNumbers(raw, membersOf(sysctl)) ?? [];
  if (first === undefined || refusalOf(sysctl, raw, facts.traits) !== null) return null;
  if (isMalformed(sysctl, raw, facts)) return null;
  return { key: sysctl, numbers: [first, ...rest], at };
}

function viewOf(facts: AdviceFacts, atBoot: boolean): View {
  const { sysctls, defaults, resolution, filesApply } = facts;
  const rawOf = (sysctl: SysctlKey): string | null => {
    const boot = atBoot && filesApply ? resolution?.bootValue(sysctl) : undefined;
    const set = boot?.kind === 'set' ? boot.value : sysctls.raw(sysctl);
    return set ?? exactDefault(defaults.kernelDefault(sysctl));
  };
  return {
    facts,
    rawOf,
    numbersOf: (sysctl) => parseNumbers(rawOf(sysctl) ?? ''),
    own: (sysctl) => defaults.kernelDefault(sysctl),
  };
}

function isHere(sysctl: SysctlKey, { isHostWide, environment, traits }: AdviceFacts): boolean {
  if (isHostWide(sysctl)) return false;
  const scopes = traits.current(catalogueEntry(sysctl)?.scope ?? []);
  return environment === 'host' || scopes.every((each) => each === 'network-namespace');
}

/** One key of a row: its line that wins at boot, its live value, and what is to be said of each. */
type Case = {
  readonly sysctl: SysctlKey;
  readonly facts: AdviceFacts;
  readonly boot: KeyValue | null;
  readonly raw: string | null;
  readonly onLine: Judgement;
  readonly onLive: Judgement;
};

function isBad(judgement: Judgement): judgement is Verdict {
  return judgement?.kind === 'bad';
}

function caseOf(row: AdviceRow, sysctl: SysctlKey, facts: AdviceFacts): Case | null {
  const boot = facts.filesApply && facts.resolution !== null ? facts.resolution.bootValue(sysctl) : null;
  const line = boot === null ? null : winningLine(boot);
  // What a plan of ours has set is accounted for, and so is the live value that came of it.
  if (line !== null && line.file === facts.ownDropIn) return null;
  const raw = isHere(sysctl, facts) ? facts.sysctls.raw(sysctl) : null;
  const at = line === null ? null : { file: line.file, line: line.line };
  const judged = (setting: Setting | null, atBoot: boolean) =>
    setting === null ? null : row.judge(setting, viewOf(facts, atBoot));
  return {
    sysctl,
    facts,
    boot,
    raw,
    onLine: judged(settingOf(sysctl, line?.value ?? null, at, facts), true),
    onLive: judged(settingOf(sysctl, raw, null, facts), false),
  };
}

/** The line beats another that the live value agrees with: that is the affair of sysctl/live-differs-from-boot. */
function isMereConflict({ sysctl, boot, raw, onLive }: Case): boolean {
  return !isBad(onLive) && boot?.kind === 'set' && raw !== null && beatenLine(sysctl, raw, boot) !== null;
}

function expectedText(sysctl: SysctlKey, { expected }: Verdict, { defaults }: AdviceFacts): Text | null {
  const own = defaults.kernelDefault(sysctl);
  if (expected !== undefined) return expected;
  return own === null ? null : text`${value(own.map(formatFigure).join(' '))}, the kernel's own`;
}

function isBadText(row: AdviceRow, { sysctl, facts }: Case): (raw: string) => boolean {
  return (raw) => {
    const setting = settingOf(sysctl, raw, null, facts);
    return setting !== null && isBad(row.judge(setting, viewOf(facts, true)));
  };
}

function remediesFor(
  row: AdviceRow,
  each: Case,
  verdict: Verdict,
  lines: readonly FileLine[],
): readonly Remedy[] {
  const { sysctl, facts, onLive } = each;
  if (verdict.severity === 'info') return [];
  const { require: wanted, byHand, manager } = verdict;
  const instruction = byHand ?? text`delete the line that sets ${key(sysctl)}`;
  const isLive = row.live === 'here' && isBad(onLive);
  const instead = wanted?.value ?? null;
  const mending: readonly Remedy[] = [
    ...(isLive && wanted !== undefined ? [requireSetting(facts, wanted)] : []),
    ...lines.map((at) => deleteLine(at, 'bad-setting', instruction)),
    ...(manager === undefined
      ? []
      : [
          {
            kind: 'change-other-manager',
            manager: manager.name,
            at: null,
            instruction: manager.instruction,
          } as const,
        ]),
    ...(instead === null ? [] : otherManagers(facts, facts.writers, sysctl, isBadText(row, each), instead)),
  ];
  return mending.length > 0 ? mending : [{ kind: 'investigate', instruction }];
}

function lineReport(row: AdviceRow, each: Case, verdict: Verdict): Reports {
  const line = each.boot === null ? null : winningLine(each.boot);
  if (line === null || isMereConflict(each)) return [];
  const at = { file: line.file, line: line.line };
  const measured = text`${value(shown(line.value))}`;
  return [
    {
      messageId: 'line',
      args: { key: each.sysctl, value: shown(line.value), line: `${at.file}:${at.line}`, says: verdict.says },
      subject: { id: `${at.file}:${at.line}`, label: lineText(at) },
      cause: `${each.sysctl} ${at.file}:${at.line}`,
      severity: verdict.severity,
      confidence: 'inferred',
      evidence: [
        {
          name: text`${key(each.sysctl)} in ${lineText(at)}`,
          measured,
          expected: expectedText(each.sysctl, verdict, each.facts),
        },
      ],
      remedies: remediesFor(row, each, verdict, [at]),
    },
  ];
}

function liveReport(row: AdviceRow, each: Case, verdict: Verdict): Reports {
  const { sysctl, raw, facts } = each;
  if (raw === null) return [];
  const lines = linesBehind(facts, facts.resolution, sysctl, isBadText(row, each));
  return [
    {
      messageId: 'live',
      args: { key: sysctl, value: shown(raw), says: verdict.says },
      subject: keySubject(sysctl),
      cause: sysctl,
      severity: verdict.severity,
      confidence: 'inferred',
      evidence: [
        {
          name: text`${key(sysctl)}`,
          measured: text`${value(shown(raw))}`,
          expected: expectedText(sysctl, verdict, facts),
        },
      ],
      remedies: remediesFor(row, each, verdict, lines),
    },
  ];
}

/** A line that is in force too is named once, as the line. */
function reportsOn(row: AdviceRow, each: Case): Reports {
  const { onLine, onLive } = each;
  const liveIsBad = isBad(onLive);
  if (row.live === 'another-rule' && liveIsBad) return [];
  if (isBad(onLine)) return lineReport(row, each, onLine);
  return liveIsBad && row.live === 'here' ? liveReport(row, each, onLive) : [];
}

function unknownWhy({ onLine, onLive }: Case): string | null {
  const open = [onLine, onLive].find((each) => each?.kind === 'unknown');
  return open?.kind === 'unknown' ? open.why : null;
}

function check(row: AdviceRow, facts: AdviceFacts): Outcome<typeof messages> {
  const cases = row.keys.flatMap((sysctl) => caseOf(row, sysctl, facts) ?? []);
  const reports = cases.flatMap((each) => reportsOn(row, each));
  if (reports.length > 0) return { kind: 'fail', reports };
  const [why] = cases.flatMap((each) => unknownWhy(each) ?? []);
  if (why !== undefined) return { kind: 'unknown', why };
  // Neither files nor live values: nothing was looked at.
  const isBlind =
    facts.filesApply &&
    facts.resolution === null &&
    cases.every(({ raw, sysctl }) => raw === null && !facts.sysctls.isAbsent(sysctl));
  return isBlind ? { kind: 'unknown', why: 'the sysctl files were not collected' } : { kind: 'pass' };
}

/** The rule of one row; its messages are those that it can come to. */
export function adviceRule(row: AdviceRow): AnyRule {
  const rule = ruleOf(row);
  const said = Object.entries(rule.messages).filter(([id]) => id === 'line' || row.live === 'here');
  return { ...rule, messages: Object.fromEntries(said) };
}

function ruleOf(row: AdviceRow): AnyRule {
  const { id, title, why, references } = row;
  return defineRule({
    id: `advice/${id}`,
    title,
    why,
    references,
    requires: ['sysctls', 'defaults'],
    uses: ['resolution', ...ADVICE_NEEDS],
    messages,
    check: (facts) => check(row, facts),
  });
}

/** Whether a row asks for the line that sets the key to be changed, once it takes effect. */
export function isAdvisedAgainst(rows: readonly AdviceRow[], sysctl: SysctlKey, facts: AdviceFacts): boolean {
  return rows.some((row) => {
    const found = row.keys.includes(sysctl) ? caseOf(row, sysctl, facts) : null;
    return (
      found !== null &&
      isBad(found.onLine) &&
      found.onLine.severity !== 'info' &&
      reportsOn(row, found).length > 0
    );
  });
}

/** Whether a row asks for the value to be taken back, wherever it stands. */
export function isBadAdvice(
  rows: readonly AdviceRow[],
  sysctl: SysctlKey,
  raw: string,
  facts: AdviceFacts,
): boolean {
  const setting = settingOf(sysctl, raw, null, facts);
  return rows.some((row) => {
    if (setting === null || !row.keys.includes(sysctl)) return false;
    const found = row.judge(setting, viewOf(facts, true));
    return isBad(found) && found.severity !== 'info';
  });
}
