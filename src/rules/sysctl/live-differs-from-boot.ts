import { type SetAtBoot, textAtBoot } from '../../assess/key-value.ts';
import { type Ending, NOBODY } from '../../assess/writer-run.ts';
import { writerName, writerPlace, writerTime } from '../../assess/writer-words.ts';
import { command, key, name, path, text, value } from '../../core/text.ts';
import type { ShadowReason } from '../../resolve/resolution.ts';
import type { FileLine } from '../../snapshot/fact.ts';
import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { catalogueEntry, sameSetting } from '../../sysctl/catalogue.ts';
import { parseNumbers } from '../../sysctl/codec.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import { ADVICE_NEEDS, isAdvisedAgainst } from '../advice/advice-rule.ts';
import type { AdviceFacts } from '../advice/row.ts';
import { ADVICE_ROWS } from '../advice/rows.ts';
import type { Remedy } from '../remedy.ts';
import { defineRule, type Report, type RuleFacts, type Subject } from '../rule.ts';
import { beatenLine } from '../support/beaten.ts';
import { differsFrom } from '../support/defaults.ts';
import { type Drift, drift, NEVER_COMPARED } from '../support/drift.ts';
import { isPackagesFile } from '../support/package-file.ts';
import { refusalOf } from '../support/refused.ts';
import { deleteLine, requireSetting, shown } from '../support/settings.ts';
import { allOf, keySubject, lineText } from '../support/subjects.ts';
import { VECTORS, vectorProblem } from '../support/vectors.ts';

/** What stands in the end, and who sets it behind the files. */
type Later = {
  readonly to: string;
  readonly manager: string;
  readonly when: string;
  readonly place: string;
};
type Args = { readonly key: string; readonly live: string; readonly boot: string; readonly line: string };

const messages = {
  differs: (args: Args) =>
    text`${key(args.key)} is ${value(args.live)} now, but ${value(args.boot)} after the next boot, by ${args.line}`,
  manyDiffer: ({ file }: { readonly file: string }, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} will change at the next boot, by ${path(file)}`,
  beaten: (args: Args & { readonly beaten: string }) =>
    text`${key(args.key)} is ${value(args.live)} now, but ${value(args.boot)} after the next boot: ${args.line} beats ${args.beaten}`,
  notApplied: (args: Args) =>
    text`${args.line} sets ${key(args.key)} to ${value(args.boot)}, but it was never applied: the live value is still the kernel's own, ${value(args.live)}`,
  rewritten: (args: { readonly key: string; readonly live: string } & Later) =>
    text`${key(args.key)} is ${value(args.live)} now, but ${value(args.to)} after the next boot: ${name(args.manager)} sets it ${args.when} (${path(args.place)})`,
  ours: (args: Args) =>
    text`${key(args.key)} is ${value(args.live)} now, but ${value(args.boot)} after the next boot, by ${args.line}, which is ours: the live value or the line was changed since`,
  onlyLive: (args: { readonly keys: number }, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${args.keys === 1 ? 'was' : 'were'} changed since boot and ${args.keys === 1 ? 'stands' : 'stand'} in no sysctl file that is read at boot: a reboot brings the kernel's own value back`,
};

type Reports = readonly Report<typeof messages>[];
type Facts = AdviceFacts & { readonly resolution: RuleFacts['resolution'] };
type Case = Drift & { readonly sysctl: SysctlKey; readonly facts: Facts };

function textOf({ file, line }: FileLine): string {
  return `${file}:${line}`;
}

function causeOf({ from, through }: SetAtBoot): string {
  return through === null ? textOf(from) : `${textOf(from)}, which sets ${through}`;
}

function commonOf({ sysctl, live, boot }: Case) {
  return {
    args: { key: sysctl, live: shown(live), boot: shown(textAtBoot(boot)), line: causeOf(boot) },
    subject: keySubject(sysctl),
    cause: sysctl,
    evidence: [
      {
        name: text`${key(sysctl)}`,
        measured: text`${value(shown(live))}`,
        expected: text`${value(shown(textAtBoot(boot)))} by ${lineText(boot.from)}`,
      },
    ],
  };
}

/** Lines behind the beaten one that would win in turn, once the winner is gone. */
function linesBetween({ sysctl, live, boot }: Case, beaten: FileLine): readonly FileLine[] {
  const read = boot.shadowed.filter(({ reason }) => reason === 'later-file' || reason === 'later-line');
  const place = read.findIndex(({ file, line }) => file === beaten.file && line === beaten.line);
  return read
    .slice(place + 1)
    .filter(({ value: setting }) => !sameSetting(sysctl, setting, live))
    .map(({ file, line }) => ({ file, line }));
}

/** The only line for the key raises a value that may safely be higher, and the kernel's own still stands. */
function wasNeverApplied({ sysctl, live, boot, facts }: Case): boolean {
  const entry = catalogueEntry(sysctl);
  const own = facts.defaults.kernelDefault(sysctl);
  const [now] = parseNumbers(live) ?? [];
  const [wanted] = parseNumbers(textAtBoot(boot)) ?? [];
  if (own === null || now === undefined || wanted === undefined) return false;
  return (
    entry?.belowDefault !== undefined &&
    entry.shape.kind === 'integer' &&
    boot.shadowed.length === 0 &&
    wanted > now &&
    !differsFrom([now], own)
  );
}

function decide(): Remedy {
  const instruction = text`decide which is right: write the live value into the sysctl files, or set now what the next boot sets`;
  return { kind: 'investigate', instruction };
}

/** Whoever asked for our line asks for the value again, so the line itself is no reason to set it. */
function goBackToPlan(): Remedy {
  const status = command('backlogctl status');
  const instruction = text`${status} compares it with what was applied: apply with the same profiles sets it again, and ${command('backlogctl rollback')} takes the line back`;
  return { kind: 'investigate', instruction };
}

/** What happens to the keys of other subsystems is worth knowing here, and for others to decide. */
function weightOf({ sysctl }: Case): Pick<Report, 'severity' | 'remedies'> {
  return sysctl.startsWith('net.')
    ? { severity: 'low', remedies: [decide()] }
    : { severity: 'info', remedies: [] };
}

/** Nothing tells which value is meant. What one file would change has one cause: it was not applied, or undone. */
function undecided(cases: readonly Case[]): Reports {
  return cases.map((each): Report<typeof messages> => {
    const { file } = each.boot.from;
    const { args, ...common } = commonOf(each);
    const found = { ...common, ...weightOf(each), confidence: 'inferred' } as const;
    const isAlone = cases.every((other) => other === each || other.boot.from.file !== file);
    return isAlone
      ? { ...found, messageId: 'differs', args }
      : { ...found, messageId: 'manyDiffer', args: { file }, cause: `${found.severity} ${file}` };
  });
}

function rewritten(sysctl: SysctlKey, live: string, { by, value: end }: Ending): Report<typeof messages> {
  const place = writerPlace(by);
  const to = shown(end);
  return {
    messageId: 'rewritten',
    args: { key: sysctl, live: shown(live), to, manager: writerName(by), when: writerTime(by), place },
    subject: keySubject(sysctl),
    cause: sysctl,
    severity: 'info',
    confidence: 'inferred',
    evidence: [
      {
        name: text`${key(sysctl)}`,
        measured: text`${value(shown(live))}`,
        expected: text`${value(to)} by ${path(place)}`,
      },
    ],
    remedies: [],
  };
}

/** null where nothing tells which of the two values is meant. */
function explained(each: Case): Reports | null {
  const { sysctl, live, boot, ending, facts } = each;
  const { args, ...common } = commonOf(each);
  if (ending !== null) {
    // Of a line that somebody meant sysctl/rewritten-later speaks, and says what stands now, too.
    const isNews = isPackagesFile(boot.from.file) && !sameSetting(sysctl, live, textAtBoot(boot));
    return isNews ? [rewritten(sysctl, live, ending)] : [];
  }
  if (boot.through !== null) return null;
  if (boot.from.file === each.facts.ownDropIn) {
    const found = { ...common, messageId: 'ours', severity: 'medium', confidence: 'inferred' } as const;
    return [{ ...found, args, remedies: [goBackToPlan()] }];
  }
  const beaten = beatenLine(sysctl, live, boot);
  if (beaten !== null) {
    const instruction = text`delete the line, or move it before ${lineText(beaten)}: it decides ${key(sysctl)} at boot`;
    const found = { ...common, messageId: 'beaten', severity: 'medium', confidence: 'inferred' } as const;
    const next = text`delete the line as well: it would decide ${key(sysctl)} once the other is gone`;
    const remedies = [
      deleteLine(boot.from, 'persistence', instruction),
      ...linesBetween(each, beaten).map((at) => deleteLine(at, 'persistence', next)),
    ];
    return [{ ...found, args: { ...args, beaten: textOf(beaten) }, remedies }];
  }
  // A row of advice/ has the line taken out, which settles what the next boot sets.
  if (isAdvisedAgainst(ADVICE_ROWS, sysctl, facts)) return [];
  if (wasNeverApplied(each)) {
    const because = text`${lineText(boot.from)} asks for it and was never applied`;
    const wanted = { key: sysctl, relation: 'at-least', value: shown(textAtBoot(boot)), because } as const;
    const found = { ...common, messageId: 'notApplied', severity: 'medium', confidence: 'inferred' } as const;
    return [{ ...found, args, remedies: [requireSetting(facts, wanted)] }];
  }
  return null;
}

/** What the kernel will not take whole says nothing of the value after boot. */
function isMalformed(sysctl: SysctlKey, setting: string, { traits }: Facts): boolean {
  if (VECTORS.includes(sysctl)) return vectorProblem(sysctl, setting, traits) !== null;
  return refusalOf(sysctl, setting, traits) !== null;
}

function driftingCases(sysctls: readonly SysctlKey[], facts: Facts): readonly Case[] {
  return sysctls.flatMap((sysctl): readonly Case[] => {
    const found = drift(sysctl, facts);
    if (found === null) return [];
    const { boot, ending } = found;
    const isOddLine = ending === null && boot.through === null && isMalformed(sysctl, boot.from.value, facts);
    return isOddLine ? [] : [{ sysctl, facts, ...found }];
  });
}

/** Somebody else sets what stands there now, or what nobody can tell, and will again. */
function isManaged(sysctl: SysctlKey, { writers, sysctls }: Facts): boolean {
  const live = sysctls.raw(sysctl);
  const sets = ({ value: to, how }: OtherWriter) =>
    to === undefined ? how !== 'rerun' && how !== 'copy' : live !== null && sameSetting(sysctl, to, live);
  return writers?.of(sysctl).some(sets) === true;
}

/** sysctl/value-refused and sysctl/set-before-module say why the line does nothing. */
const IN_VAIN: ReadonlySet<ShadowReason> = new Set(['refused-value', 'before-module']);

/** No line sets it. */
function changedByHand(sysctls: readonly SysctlKey[], facts: Facts): Reports {
  const differing = sysctls.filter((sysctl) => {
    if (NEVER_COMPARED.test(sysctl) || facts.isHostWide(sysctl)) return false;
    const own = facts.defaults.kernelDefault(sysctl);
    const live = facts.sysctls.numbers(sysctl);
    const boot = facts.resolution.bootValue(sysctl);
    if (own === null || live === null || boot.kind !== 'unset') return false;
    if (boot.shadowed.some(({ reason }) => IN_VAIN.has(reason))) return false;
    // Nor did a person change what Docker or the system manager sets at every boot.
    if (catalogueEntry(sysctl)?.alsoSetBy !== undefined) return false;
    if (isMalformed(sysctl, live.join(' '), facts) || !differsFrom(live, own)) return false;
    return !isManaged(sysctl, facts);
  });
  const outcomes = differing.map(
    (sysctl) => [sysctl, facts.writers?.outcome(sysctl, null) ?? NOBODY] as const,
  );
  const changed = outcomes.flatMap(([sysctl, { ending, rivals }]) =>
    ending === null && rivals.length === 0 ? [sysctl] : [],
  );
  const managed = outcomes.flatMap(([sysctl, { ending }]) =>
    ending === null ? [] : [rewritten(sysctl, facts.sysctls.raw(sysctl) ?? '', ending)],
  );
  return [...managed, ...changed.map((sysctl) => onlyLive(sysctl, changed.length, facts))];
}

function onlyLive(sysctl: SysctlKey, keys: number, facts: Facts): Report<typeof messages> {
  return {
    messageId: 'onlyLive',
    args: { keys },
    subject: keySubject(sysctl),
    cause: '',
    severity: 'info',
    confidence: 'inferred',
    evidence: [
      {
        name: text`${key(sysctl)}`,
        measured: text`${value(shown(facts.sysctls.raw(sysctl) ?? ''))}`,
        expected: null,
      },
    ],
    remedies: [],
  };
}

export const liveDiffersFromBoot = defineRule({
  id: 'sysctl/live-differs-from-boot',
  title: 'A live value is not what the sysctl files set at the next boot',
  why: 'After a reboot the host behaves differently, and nobody will remember why.',
  references: ['man 5 sysctl.d', 'man 8 sysctl'],
  requires: ['resolution', 'sysctls', 'defaults'],
  uses: ADVICE_NEEDS,
  messages,
  check(facts) {
    if (!facts.filesApply)
      return { kind: 'notApplicable', why: 'the sysctl files do not reach this network namespace' };
    const sysctls = facts.sysctls.keys();
    const cases = driftingCases(sysctls, facts).map((each) => ({ each, reports: explained(each) }));
    const reports = [
      ...cases.flatMap(({ reports: found }) => found ?? []),
      ...undecided(cases.flatMap(({ each, reports: found }) => (found === null ? [each] : []))),
      ...changedByHand(sysctls, facts),
    ];
    return reports.length === 0 ? { kind: 'pass' } : { kind: 'fail', reports };
  },
});
