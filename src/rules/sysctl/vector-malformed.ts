import { key, type Text, text, value } from '../../core/text.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import type { Remedy } from '../remedy.ts';
import { defineRule, type Report, type RuleFacts, type Surroundings } from '../rule.ts';
import { differsFrom, exactDefault } from '../support/defaults.ts';
import { deleteLine, requireSetting, shown } from '../support/settings.ts';
import { keySubject, lineText } from '../support/subjects.ts';
import {
  type BadLine,
  badLines,
  isWrittenByHalf,
  problemText,
  VECTORS,
  type VectorProblem,
  vectorProblem,
} from '../support/vectors.ts';

type LiveArgs = { readonly key: string; readonly value: string; readonly problem: VectorProblem };
type HalfArgs = { readonly key: string; readonly value: string; readonly line: string };
type LineArgs = LiveArgs & { readonly line: string };

const WORDS: Readonly<Record<VectorProblem, string>> = {
  'no-number': 'holds something that is no number',
  length: 'has the wrong count of numbers',
  'too-large': 'holds a number that the kernel refuses',
  order: 'does not rise from number to number',
};

const messages = {
  live: (args: LiveArgs) => text`${key(args.key)} is ${value(args.value)}, which ${WORDS[args.problem]}`,
  half: (args: HalfArgs) =>
    text`${key(args.key)} is ${value(args.value)}: its first numbers come from ${args.line}, which the kernel took only in part, the rest is older`,
  line: (args: LineArgs) =>
    text`${args.line} sets ${key(args.key)} to ${value(args.value)}, which ${WORDS[args.problem]}`,
};

type Facts = Surroundings &
  Pick<RuleFacts, 'sysctls' | 'defaults'> & { readonly resolution: RuleFacts['resolution'] | null };
type Reports = readonly Report<typeof messages>[];

function deleteBad({ file, line }: BadLine, sysctl: SysctlKey): Remedy {
  return deleteLine(
    { file, line },
    'bad-setting',
    text`delete the line; without it the kernel sets ${key(sysctl)} by itself at boot`,
  );
}

/** Back to the kernel's own value where that is known; a guess would be one more odd value. */
function restore(sysctl: SysctlKey, facts: Facts): readonly Remedy[] {
  const own = exactDefault(facts.defaults.kernelDefault(sysctl));
  const because = text`the kernel's own value, in order and complete`;
  if (own === null) {
    const instruction = text`set ${key(sysctl)} to numbers that rise, or reboot without the line: the kernel computes its own value from the memory`;
    return [{ kind: 'investigate', instruction }];
  }
  return [requireSetting(facts, { key: sysctl, relation: 'exactly', value: own, because })];
}

function expectation(sysctl: SysctlKey, facts: Facts): Text | null {
  const own = exactDefault(facts.defaults.kernelDefault(sysctl));
  return own === null ? text`numbers that rise` : text`${value(own)}, the kernel's own`;
}

function lineReports(sysctl: SysctlKey, lines: readonly BadLine[], facts: Facts): Reports {
  return lines.map((bad) => ({
    messageId: 'line',
    args: { key: sysctl, value: shown(bad.value), problem: bad.problem, line: `${bad.file}:${bad.line}` },
    subject: { id: `${bad.file}:${bad.line}`, label: lineText(bad) },
    cause: `${sysctl} ${bad.file}:${bad.line}`,
    severity: 'medium',
    confidence: 'inferred',
    evidence: [
      {
        name: text`${key(sysctl)} in ${lineText(bad)}`,
        measured: text`${value(shown(bad.value))}, which ${problemText(sysctl, bad.problem, facts.traits)}`,
        expected: expectation(sysctl, facts),
      },
    ],
    remedies: [deleteBad(bad, sysctl)],
  }));
}

function liveReports(sysctl: SysctlKey, raw: string, lines: readonly BadLine[], facts: Facts): Reports {
  const found = vectorProblem(sysctl, raw, facts.traits);
  // The kernel holds numbers only: anything else was no reading of this key.
  const problem = found === 'no-number' ? null : found;
  const live = facts.sysctls.numbers(sysctl) ?? [];
  const own = facts.defaults.kernelDefault(sysctl);
  const half = lines.find((bad) => isWrittenByHalf(sysctl, live, bad, facts.traits));
  const now = shown(raw);
  const common = {
    subject: keySubject(sysctl),
    cause: sysctl,
    severity: 'high',
    evidence: [
      { name: text`${key(sysctl)}`, measured: text`${value(now)}`, expected: expectation(sysctl, facts) },
    ],
  } as const;
  const remedies = (bad: readonly BadLine[]) => [
    ...restore(sysctl, facts),
    ...bad.map((each) => deleteBad(each, sysctl)),
  ];
  if (problem !== null) {
    const args = { key: sysctl, value: now, problem };
    return [{ ...common, messageId: 'live', args, confidence: 'measured', remedies: remedies(lines) }];
  }
  if (half === undefined || (own !== null && !differsFrom(live, own))) return [];
  const args = { key: sysctl, value: now, line: `${half.file}:${half.line}` };
  return [{ ...common, messageId: 'half', args, confidence: 'inferred', remedies: remedies([half]) }];
}

function reportsOn(sysctl: SysctlKey, facts: Facts): Reports {
  const { resolution, sysctls, filesApply, traits } = facts;
  const raw = sysctls.raw(sysctl);
  const lines =
    resolution === null || !filesApply ? [] : badLines(sysctl, resolution.bootValue(sysctl), traits);
  return [
    ...(raw === null ? [] : liveReports(sysctl, raw, lines, facts)),
    ...lineReports(sysctl, lines, facts),
  ];
}

export const vectorMalformed = defineRule({
  id: 'sysctl/vector-malformed',
  title: 'A setting of several numbers is out of order, incomplete or out of range',
  why: 'The kernel checks neither order nor completeness: it keeps the numbers that it took before one that it refuses, and works with the mixture.',
  references: ['man 7 tcp', 'proc_dointvec() in kernel/sysctl.c'],
  requires: ['sysctls', 'defaults'],
  uses: ['resolution'],
  messages,
  check(facts) {
    const reports = VECTORS.flatMap((sysctl) => reportsOn(sysctl, facts));
    return reports.length === 0 ? { kind: 'pass' } : { kind: 'fail', reports };
  },
});
