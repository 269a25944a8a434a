import { baseName, compareInByteOrder } from '../core/paths.ts';
import { list, plainText } from '../core/text.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import { dropInPath, whyNoDropInName } from '../sysctl/own-drop-in.ts';
import { type BaseFiles, filesTaken, isAmong, type Taking } from './base-files.ts';
import type { DropInLine } from './drop-in.ts';
import type { Files } from './files.ts';
import { type LostKey, lostUnder, type Place, resolvedWith } from './lost-keys.ts';
import type { Lost } from './lost-line.ts';
import type { Conflict } from './plan.ts';
import type { PlanInput } from './plan-input.ts';
import { distinctTakings, type Way, waysToTakeOver } from './takeover.ts';

const NO_LOADER: Lost = {
  kind: 'no-loader',
  message: 'nothing was found here that reads sysctl files at boot, so no drop-in would count',
  ways: ['change the running kernel only: --no-persist'],
};

const LET_IT_RUN = 'let it run again: systemctl unmask systemd-sysctl.service';

function maskedLoader(mask: string): Lost {
  return {
    kind: 'no-loader',
    message: `${mask} masks systemd-sysctl.service, which applies the sysctl files at boot: no drop-in would count`,
    ways: [LET_IT_RUN, 'change the running kernel only: --no-persist'],
  };
}

/** Of lines that stand already: what keeps all of them from being applied, and what may be done about it. */
export function keptFromBoot(mask: string, dropIn: string): Pick<Lost, 'message' | 'ways'> {
  return {
    message: `nothing applies ${dropIn} at boot: ${mask} masks systemd-sysctl.service`,
    ways: [LET_IT_RUN],
  };
}

const IN_CONTAINER: Lost = {
  kind: 'no-loader',
  message: 'this is a container without a loader of its own: no sysctl file in it is ever read',
  ways: [
    "set the values in the container's definition",
    'change the running kernel only, until the container is started anew: --no-persist',
  ],
};

/** Names that most files are read before, and one that is read right after the file that wins. */
function namesBehind(lost: readonly LostKey[]): readonly string[] {
  const winners = lost.flatMap(({ at }) => (at === undefined ? [] : [baseName(at.file)]));
  const last = [...winners].sort(compareInByteOrder).at(-1);
  const behind = last === undefined ? [] : [`${last.replace(/\.conf$/, '')}_backlogctl.conf`];
  return ['99-zz-backlogctl.conf', 'zz-backlogctl.conf', ...behind];
}

/**
 * A name under which every line of the drop-in would decide its key, found out by resolving the files with it; null
 * where there is none, as against /etc/sysctl.conf where it is read last.
 */
function winningName(
  lost: readonly LostKey[],
  lines: readonly DropInLine[],
  others: Files,
  place: Place,
): string | null {
  if (!lost.every(({ kind }) => kind === 'shadowed')) return null;
  const taken = new Set((place.assessment.snapshot.sysctlFiles ?? []).map(({ path }) => baseName(path)));
  const wins = (name: string) => {
    const path = dropInPath(name);
    const resolution = resolvedWith(lines, others, place, path);
    return resolution !== null && lostUnder(path, lines, resolution).length === 0;
  };
  const free = namesBehind(lost).filter((name) => whyNoDropInName(name) === null && !taken.has(name));
  return free.find(wins) ?? null;
}

/** The same for lines that stand among files that do; null also where none of them is beaten. */
export function nameThatWins(lines: readonly DropInLine[], others: Files, place: Place): string | null {
  const resolution = resolvedWith(lines, others, place);
  const lost = resolution === null ? [] : lostUnder(place.ours.dropIn.path, lines, resolution);
  return lost.length === 0 ? null : winningName(lost, lines, others, place);
}

/** `/etc/sysctl.conf:3 and /etc/sysctl.d/zz.conf:9` */
function placesText(lines: readonly Taking[]): string {
  return plainText(list(lines.map(({ path, line }) => [{ kind: 'path', text: `${path}:${line}` }])));
}

/** What leads out of it, in the order of how little it touches; and what `--takeover` cannot do. */
function conflictOf(
  { key, because, ways, ...lost }: LostKey,
  way: Way | undefined,
  fileName: string | null,
  { netns, asked }: { readonly netns: string; readonly asked: boolean },
): Conflict {
  const common = { ...lost, netns, key, because: [...because] };
  if (lost.kind !== 'shadowed') return { ...common, ways };
  const rename =
    fileName === null ? [] : [`let our file be read after it, under another name: --file-name ${fileName}`];
  const takeOver =
    way?.kind === 'lines'
      ? [
          `have ${placesText(way.lines)} commented out, until a rollback brings ${way.lines.length === 1 ? 'it' : 'them'} back: --takeover`,
        ]
      : [];
  const whyNot = asked && way?.kind === 'none' ? `. --takeover does not help, for ${way.why}` : '';
  return {
    ...common,
    message: `${lost.message}${whyNot}`,
    ways: [...rename, ...takeOver, ...ways, 'leave it as it is, and apply the rest: --on-conflict skip'],
    ...(fileName === null ? {} : { fileName }),
    ...(takeOver.length === 0 ? {} : { takeover: true as const }),
  };
}

/** Lines of the drop-in at the next boot. */
export type AtBoot = {
  /** Those that would not decide their keys, because another line wins or nobody reads ours. */
  readonly conflicts: readonly Conflict[];
  /** Lines of other files that are commented out, so that ours decide. */
  readonly takings: readonly Taking[];
};

function isGranted(way: Way | undefined, { standing }: BaseFiles, { takeover }: PlanInput): boolean {
  if (way?.kind !== 'lines') return false;
  return takeover || way.lines.every((each) => isAmong(standing, each));
}

/**
 * Worked out by resolving the files as the plan would leave them. Where a line of another file wins it is commented out
 * if that is asked for, or was done before; else it is a conflict.
 */
export function atBoot(
  lines: readonly DropInLine[],
  base: BaseFiles,
  input: PlanInput,
  netns: string,
): AtBoot {
  const { snapshot, loader, loaderMask } = input.assessment;
  const { sysctlFiles, host } = snapshot;
  const only = (lost: Lost): AtBoot => ({
    conflicts: [{ ...lost, netns, key: null, because: [] }],
    takings: [],
  });
  if (lines.length === 0 || sysctlFiles === undefined) return { conflicts: [], takings: [] };
  const resolution = resolvedWith(lines, base.files, input);
  if (resolution === null) return only(NO_LOADER);
  const lost = lostUnder(input.ours.dropIn.path, lines, resolution);
  if (loader?.kind === 'none' && lost.length > 0) {
    const why = host.environment === 'container' ? IN_CONTAINER : NO_LOADER;
    return only(loaderMask === null ? why : maskedLoader(loaderMask));
  }
  const ways = waysToTakeOver(lost, lines, base, input);
  const granted = lost.filter(({ key }) => isGranted(ways.get(key), base, input));
  const takings = distinctTakings(granted.flatMap(({ key }) => takingsOf(key, ways)));
  const left = lost.filter((each) => !granted.includes(each));
  const fileName = left.length === 0 ? null : winningName(left, lines, filesTaken(takings, base), input);
  const common = { netns, asked: input.takeover };
  return { conflicts: left.map((each) => conflictOf(each, ways.get(each.key), fileName, common)), takings };
}

function takingsOf(key: SysctlKey, ways: ReadonlyMap<SysctlKey, Way>): readonly Taking[] {
  const way = ways.get(key);
  return way?.kind === 'lines' ? way.lines : [];
}
