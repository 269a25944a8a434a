import type { BootResolution } from '../assess/assessment.ts';
import { type KeyValue, textAtBoot } from '../assess/key-value.ts';
import { memoized } from '../assess/lazy.ts';
import { baseName } from '../core/paths.ts';
import type { Origin } from '../resolve/resolution.ts';
import { causesOf } from '../resolve/side-effects.ts';
import { SYSCTL_CREDENTIALS } from '../sysctl/credentials.ts';
import { type SysctlKey, swapSeparators } from '../sysctl/key.ts';
import { LONGEST_NAME } from '../sysctl/own-drop-in.ts';
import { type BaseFiles, editableBytes, filesTaken, isAmong, type Taking } from './base-files.ts';
import { silenced, whyNotEdited } from './comment-out.ts';
import type { DropInLine } from './drop-in.ts';
import { bytesOfFile, type Files, fileReadAt, isEtcSysctlFile, withBytesAt } from './files.ts';
import { type LostKey, lostUnder, resolvedWith } from './lost-keys.ts';
import type { PlanInput } from './plan-input.ts';

/** What it takes for our line to decide a key at boot: lines to comment out, or why none can be, for behind `for`. */
export type Way =
  | { readonly kind: 'lines'; readonly lines: readonly Taking[] }
  | { readonly kind: 'none'; readonly why: string };

type Ways = ReadonlyMap<SysctlKey, Way>;

function whyNotByPath(file: string, files: Files): string | null {
  if (SYSCTL_CREDENTIALS.includes(file))
    return 'it is a credential, which this machine is given anew at each boot';
  const read = fileReadAt(file, files);
  if (read === null) {
    const link = files.find(({ path, kind }) => path === file && kind === 'link');
    return link === undefined
      ? 'it is no regular file'
      : `it is a link to ${link.target ?? 'another file'}, which is none of the sysctl files`;
  }
  if (!isEtcSysctlFile(read.path))
    return `${read.path} is not the host's own: the next version of its package would bring the line back`;
  const isLong = Buffer.byteLength(baseName(read.path)) > LONGEST_NAME;
  return isLong ? 'its name leaves no room for that of a new version beside it' : null;
}

/** Why no line of the file can be commented out; null where each can. */
function whyNotTaken(file: string, { now }: BaseFiles, input: PlanInput): string | null {
  if (file === input.ours.dropIn.path) return 'the line that wins is one of ours';
  const ofPath = whyNotByPath(file, now);
  const path = fileReadAt(file, now)?.path;
  if (ofPath !== null || path === undefined) return ofPath;
  const other = input.otherFiles(path);
  if (!other.ok) return other.why;
  const bytes = editableBytes(path, now, input);
  return bytes === null ? 'it changed while it was read' : whyNotEdited(bytes);
}

/** The files without us and without these lines either, to see who has the last word then. */
function withoutLines(takings: readonly Taking[], { files }: BaseFiles): Files {
  const paths = [...new Set(takings.map(({ path }) => path))];
  return paths.reduce<Files>((left, path) => {
    const file = fileReadAt(path, left);
    const bytes = file === null ? null : bytesOfFile(file);
    const numbers = takings.flatMap((each) => (each.path === path ? [each.line] : []));
    return bytes === null ? left : withBytesAt(left, path, silenced(bytes, new Set(numbers)));
  }, files);
}

/** Each line once: whoever comes first to one that beats two keys gives the reason. */
export function distinctTakings(takings: readonly Taking[]): readonly Taking[] {
  const byLine = new Map<string, Taking>();
  for (const taking of takings) {
    const place = `${taking.line} ${taking.path}`;
    if (!byLine.has(place)) byLine.set(place, taking);
  }
  return [...byLine.values()];
}

/** A line that was taken over before keeps its note, so that nothing is written anew for the sake of a word. */
function takingAt({ file, line }: Origin, key: SysctlKey, { files, standing }: BaseFiles): Taking | null {
  const path = fileReadAt(file, files)?.path;
  if (path === undefined) return null;
  return standing.find((each) => each.path === path && each.line === line) ?? { path, line, key };
}

/** Each takes the files to be resolved once more. */
const MOST_LINES = 64;

/** What is known while it is found out: per key the lines so far, or why there are none. */
type Open = { readonly ways: ReadonlyMap<SysctlKey, Way>; readonly lost: readonly LostKey[] };

function linesSoFar(ways: ReadonlyMap<SysctlKey, Way>): readonly Taking[] {
  return [...ways.values()].flatMap((way) => (way.kind === 'lines' ? way.lines : []));
}

/** The way with the line in it that has the last word now. */
function longer(
  { key, at }: LostKey,
  way: Way | undefined,
  base: BaseFiles,
  whyNot: (file: string) => string | null,
): Way {
  const lines = way?.kind === 'lines' ? way.lines : [];
  const taking = at === undefined ? null : takingAt(at, key, base);
  if (at === undefined) return { kind: 'none', why: 'no line of another file decides the key' };
  const why = whyNot(at.file);
  if (why !== null) return { kind: 'none', why };
  return taking === null || isAmong(lines, taking) || lines.length === MOST_LINES
    ? { kind: 'none', why: 'the key is lost without the line as well' }
    : { kind: 'lines', lines: [...lines, taking] };
}

/**
 * The lines that have the last word on the lost keys, one after the other, until ours have it: what each loader makes
 * of several lines is found out by resolving the files without them.
 */
function explored(
  lost: readonly LostKey[],
  lines: readonly DropInLine[],
  base: BaseFiles,
  input: PlanInput,
): Ways {
  const whyNot = memoized((file: string) => whyNotTaken(file, base, input));
  let open: Open = { ways: new Map(), lost };
  while (open.lost.length > 0) {
    const found = open.lost.map(
      (each) => [each.key, longer(each, open.ways.get(each.key), base, whyNot)] as const,
    );
    const ways = new Map([...open.ways, ...found]);
    const resolution = resolvedWith(lines, withoutLines(linesSoFar(ways), base), input);
    const still = resolution === null ? [] : lostUnder(input.ours.dropIn.path, lines, resolution);
    open = { ways, lost: still.filter(({ key }) => ways.get(key)?.kind === 'lines') };
  }
  return open.ways;
}

function standsText(boot: KeyValue): string | null {
  return boot.kind === 'set' ? textAtBoot(boot) : boot.value;
}

function sameBoot(key: SysctlKey, one: BootResolution, other: BootResolution): boolean {
  const [before, after] = [one.bootValue(key), other.bootValue(key)];
  return before.kind === after.kind && standsText(before) === standsText(after);
}

function causes(key: SysctlKey): readonly SysctlKey[] {
  return causesOf(swapSeparators(key)).map(swapSeparators);
}

/**
 * Whether the kernel changes the key along with one that is taken over: as the other name or form of it, whatever a line
 * says, and else where no line of its own decides it.
 */
function follows(key: SysctlKey, taken: ReadonlySet<SysctlKey>, before: BootResolution): boolean {
  const own = causes(key).filter((cause) => taken.has(cause));
  if (own.some((cause) => causes(cause).includes(key))) return true;
  const boot = before.bootValue(key);
  return own.length > 0 && (boot.kind !== 'set' || boot.through !== null);
}

/** The writes of a boot, but for those of the keys that are taken over and of the lines that are gone. */
function otherWrites(
  { attempts }: BootResolution,
  taken: ReadonlySet<SysctlKey>,
  gone: readonly Taking[],
  files: Files,
): string {
  const isGone = (file: string, line: number) =>
    gone.some((each) => each.line === line && fileReadAt(file, files)?.path === each.path);
  return JSON.stringify(
    attempts.flatMap(({ key, value, file, line }) =>
      taken.has(key) || isGone(file, line) ? [] : [[key, value]],
    ),
  );
}

/**
 * Why the lines must not be commented out, although our own win then: another key would be something else at boot, or
 * be written in another order. null where nothing else changes.
 */
function whyNotExact(
  takings: readonly Taking[],
  lines: readonly DropInLine[],
  base: BaseFiles,
  input: PlanInput,
): string | null {
  const taken = new Set(takings.map(({ key }) => key));
  const edited = filesTaken(takings, base);
  const [before, after] = [base.files, edited].map((files) => resolvedWith(lines, files, input));
  if (before === null || after === null || before === undefined || after === undefined)
    return 'nobody knows how the files are read';
  const other = [...new Set([...before.keys(), ...after.keys()])].find(
    (key) => !taken.has(key) && !follows(key, taken, before) && !sameBoot(key, before, after),
  );
  const own = lines.filter(({ key }) => taken.has(key));
  if (lostUnder(input.ours.dropIn.path, own, after).length > 0) return 'our line would lose all the same';
  if (other !== undefined) return `${other} would be something else at boot too`;
  const isSame = otherWrites(before, taken, takings, base.files) === otherWrites(after, taken, [], edited);
  return isSame ? null : 'other keys would be set in another order';
}

/**
 * For each lost key the lines of other files to comment out, so that our line decides it at boot and everything else
 * stays as it is; or why there are none.
 */
export function waysToTakeOver(
  lost: readonly LostKey[],
  lines: readonly DropInLine[],
  base: BaseFiles,
  input: PlanInput,
): Ways {
  const ways = explored(lost, lines, base, input);
  const all = distinctTakings(linesSoFar(ways));
  if (all.length === 0 || whyNotExact(all, lines, base, input) === null) return ways;
  return new Map(
    [...ways].map(([key, way]): [SysctlKey, Way] => {
      const why = way.kind === 'lines' ? whyNotExact(way.lines, lines, base, input) : null;
      return [key, why === null ? way : { kind: 'none', why }];
    }),
  );
}
