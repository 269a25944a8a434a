import type { BootResolution } from '../../assess/assessment.ts';
import type { KeyValue } from '../../assess/key-value.ts';
import { changeWriter } from '../../assess/writer-words.ts';
import type { Writers } from '../../assess/writers.ts';
import { baseName, compareInByteOrder } from '../../core/paths.ts';
import { key, path, type Text, text } from '../../core/text.ts';
import type { KernelTraits } from '../../model/kernel-traits.ts';
import type { FileLine } from '../../snapshot/fact.ts';
import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { catalogueEntry, membersOf, sameSetting } from '../../sysctl/catalogue.ts';
import type { Range } from '../../sysctl/catalogue-entry.ts';
import { parseNumbers } from '../../sysctl/codec.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import type { Requirement } from '../../sysctl/requirement.ts';
import { areSecondsInTicks, longestSeconds } from '../../sysctl/seconds-in-ticks.ts';
import type { Remedy } from '../remedy.ts';
import type { Surroundings } from '../rule.ts';

type Place = Pick<Surroundings, 'netns' | 'environment' | 'filesApply'>;

/** In a container only its definition can meet the requirement: the host's sysctl files never reach it. */
export function requireSetting(place: Place, wanted: Omit<Requirement, 'netns'>): Remedy {
  const requirement = { ...wanted, netns: place.netns };
  return place.environment === 'container'
    ? { kind: 'set-in-container', requirement }
    : { kind: 'require', requirement };
}

/**
 * The largest number that a key takes on this kernel; no bound where the catalogue has none of the kernel's.
 * @param ticksPerSecond of the kernel's clock, in which it keeps some times; null where that is not known
 */
export function largestValue(
  sysctl: SysctlKey,
  traits: KernelTraits,
  ticksPerSecond: number | null = null,
): number {
  if (areSecondsInTicks(sysctl)) return longestSeconds(ticksPerSecond).most;
  const ranges = traits.current<Range>(catalogueEntry(sysctl)?.range ?? []);
  const isUnbounded = ranges.length === 0 || ranges.some(({ takesMore }) => takesMore);
  return isUnbounded ? Number.POSITIVE_INFINITY : Math.max(...ranges.map(({ max }) => max));
}

/** A value as a message shows it: on one line, and never as nothing at all. */
export function shown(setting: string): string {
  const words = setting.trim().split(/\s+/).join(' ');
  return words === '' ? '(empty)' : words;
}

type Line = FileLine & { readonly value: string };

/** The line that sets the key at boot, with what it says; null where none that names it does, or it is not known. */
export function winningLine(boot: KeyValue): Line | null {
  return boot.kind === 'set' && boot.through === null ? boot.from : null;
}

/**
 * The lines behind a bad value: the one that wins at boot with those that would take over from it, or those that say
 * the same without being read, which somebody may have loaded by hand.
 */
export function linesBehind(
  place: Place,
  resolution: BootResolution | null,
  sysctl: SysctlKey,
  isBad: (value: string) => boolean,
): readonly FileLine[] {
  if (resolution === null || !place.filesApply) return [];
  const boot = resolution.bootValue(sysctl);
  const winner = winningLine(boot);
  if (winner !== null && isBad(winner.value)) {
    const repeating = boot.shadowed.filter(({ reason }) => reason === 'repeated');
    return [winner, ...repeating].map(({ file, line }) => ({ file, line }));
  }
  return resolution
    .linesOf(sysctl)
    .filter(({ file, value }) => winner === null && isBad(value) && isLoadersFile(file))
    .map(({ file, line }) => ({ file, line }));
}

export function deleteLine(at: FileLine, purpose: 'bad-setting' | 'persistence', instruction: Text): Remedy {
  return { kind: 'delete-line', at, purpose, instruction };
}

/** Whether a loader may read the file: another manager's own file is no business of a drop-in. */
function isLoadersFile(file: string): boolean {
  return file === '/etc/sysctl.conf' || /\/sysctl\.d\/[^/]+$/.test(file);
}

/**
 * What somebody else would make of a key that our own line sets to `instead`, where that is a bad value: our line would
 * lose to it.
 */
export function otherManagers(
  place: Pick<Surroundings, 'filesApply' | 'ownDropIn'>,
  writers: Writers | null,
  sysctl: SysctlKey,
  isBad: (value: string) => boolean,
  instead: string,
): readonly Remedy[] {
  const ending = place.filesApply ? (writers?.ending(sysctl, instead) ?? null) : null;
  if (ending === null || !isBad(ending.value)) return [];
  const { by } = ending;
  // Our own line would be among the files that are applied once more.
  if (by.how === 'rerun' && !isReadAfter(by, place.ownDropIn)) return [];
  return [changeOther(by, changeWriter(by, sysctl, instead))];
}

export function changeOther(by: OtherWriter, instruction: Text): Remedy {
  const at = by.line === undefined ? null : { file: by.file, line: by.line };
  return { kind: 'change-other-manager', manager: by.by, at, instruction };
}

/** Loaders read directories in the byte order of the names; /etc/sysctl.conf, where it is read at all, is read last. */
function isReadAfter({ file }: { readonly file: string }, dropIn: string): boolean {
  return file === '/etc/sysctl.conf' || compareInByteOrder(baseName(file), baseName(dropIn)) > 0;
}

function meets(setting: string, { key: sysctl, relation, value: wanted }: Requirement): boolean {
  if (relation === 'exactly') return sameSetting(sysctl, setting, wanted);
  const members = membersOf(sysctl);
  const bounds = parseNumbers(wanted, members) ?? [];
  const numbers = parseNumbers(setting, members);
  // The kernel refuses what is no number, and the line before stands.
  if (numbers === null) return true;
  return numbers.every((each, index) => {
    const bound = bounds[index] ?? each;
    return relation === 'at-least' ? each >= bound : each <= bound;
  });
}

/** The lines that would beat a line of the drop-in at boot and that say something else than is required. */
function linesInTheWay(
  requirement: Requirement,
  resolution: BootResolution,
  ownDropIn: string,
): readonly FileLine[] {
  const boot = resolution.bootValue(requirement.key);
  const unread = new Set(
    boot.shadowed
      .filter(({ reason }) => reason === 'masked-file' || reason === 'file-not-read')
      .map((line) => `${line.file}:${line.line}`),
  );
  const behind = resolution
    .linesOf(requirement.key)
    .filter(
      (line) =>
        isReadAfter(line, ownDropIn) && isLoadersFile(line.file) && !unread.has(`${line.file}:${line.line}`),
    );
  const lastGood = behind.findLastIndex((line) => meets(line.value, requirement));
  const exclusion = boot.kind === 'unset' && boot.excludedBy !== undefined ? [boot.excludedBy] : [];
  return [...behind.slice(lastGood + 1), ...exclusion.filter((line) => isReadAfter(line, ownDropIn))].map(
    ({ file, line }) => ({
      file,
      line,
    }),
  );
}

type Boot = Pick<Surroundings, 'filesApply' | 'ownDropIn'> & {
  readonly resolution: BootResolution | null;
  readonly writers: Writers;
};

/**
 * With each requirement the lines of other files that would take it back at the next boot, unless the remedies
 * have them deleted anyway.
 */
export function keepAtBoot(
  remedies: readonly Remedy[],
  { resolution, writers, filesApply, ownDropIn }: Boot,
): readonly Remedy[] {
  if (resolution === null || !filesApply) return remedies;
  const named = new Set(
    remedies.flatMap((each) => (each.kind === 'delete-line' ? [`${each.at.file}:${each.at.line}`] : [])),
  );
  return remedies.flatMap((remedy): readonly Remedy[] => {
    if (remedy.kind !== 'require') return [remedy];
    const { requirement } = remedy;
    const lines = linesInTheWay(requirement, resolution, ownDropIn).filter(
      ({ file, line }) => !named.has(`${file}:${line}`),
    );
    const instruction = text`delete the line, or set ${key(requirement.key)} there: it is read after ${path(baseName(ownDropIn))} and would undo the setting at the next boot`;
    return [
      remedy,
      ...lines.map((at) => deleteLine(at, 'persistence', instruction)),
      ...managersInTheWay(requirement, { writers, ownDropIn }, remedies),
    ];
  });
}

/** Another manager that would take the requirement back, unless the remedies name it anyway. */
function managersInTheWay(
  requirement: Requirement,
  { writers, ownDropIn }: Pick<Boot, 'writers' | 'ownDropIn'>,
  remedies: readonly Remedy[],
): readonly Remedy[] {
  const named = new Set(
    remedies.flatMap((each) => (each.kind === 'change-other-manager' ? [each.manager] : [])),
  );
  return otherManagers(
    { filesApply: true, ownDropIn },
    writers,
    requirement.key,
    (setting) => !meets(setting, requirement),
    requirement.value,
  ).filter((remedy) => remedy.kind !== 'change-other-manager' || !named.has(remedy.manager));
}
