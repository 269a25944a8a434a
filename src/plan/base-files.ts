import { edited, revealed, type StandingPair, standingPairs } from './comment-out.ts';
import { bytesOf } from './file-state.ts';
import { bytesOfFile, type Files, fileReadAt, withBytesAt } from './files.ts';
import { isOwnFile, type TakenOver } from './ours.ts';
import type { PlanInput } from './plan-input.ts';

/** A line of somebody else's file, by its number in the file as it stands, and the key of ours that it would win back. */
export type Taking = { readonly path: string; readonly line: number; readonly key: string };

/** The sysctl files of others. */
export type BaseFiles = {
  /** As they stand. */
  readonly now: Files;
  /** As they read without us: what we commented out counts. Lines have the numbers that they have now. */
  readonly files: Files;
  /** What earlier runs of ours commented out and what still stands there as they left it. */
  readonly standing: readonly Taking[];
};

/** Bytes as they were collected, if they are still those on the host, so that the file can be edited. */
export function editableBytes(path: string, files: Files, { otherFiles }: PlanInput): Buffer | null {
  const file = fileReadAt(path, files);
  const bytes = file?.path === path ? bytesOfFile(file) : null;
  if (bytes === null) return null;
  const other = otherFiles(path);
  return other.ok && bytesOf(other.state).equals(bytes) ? bytes : null;
}

function numbersOf(pairs: readonly StandingPair[]): ReadonlySet<number> {
  return new Set(pairs.map(({ number }) => number));
}

function withRevealed(base: BaseFiles, { path, lines }: TakenOver, input: PlanInput): BaseFiles {
  const bytes = editableBytes(path, base.now, input);
  if (bytes === null) return base;
  const pairs = standingPairs(bytes, lines);
  return {
    ...base,
    files: withBytesAt(base.files, path, revealed(bytes, numbersOf(pairs))),
    standing: [...base.standing, ...pairs.map(({ number, key }) => ({ path, line: number, key }))],
  };
}

/** Where nothing is taken back, lines that we commented out stay so. */
export function baseFiles(input: PlanInput): BaseFiles {
  const { assessment, ours, withdraw } = input;
  const now = (assessment.snapshot.sysctlFiles ?? []).filter((file) => !isOwnFile(file, ours));
  const takenOver = withdraw ? (ours.takenOver ?? []) : [];
  const base = { now, files: now, standing: [] };
  return takenOver.reduce<BaseFiles>((each, taken) => withRevealed(each, taken, input), base);
}

export function isAmong(takings: readonly Taking[], { path, line }: Taking): boolean {
  return takings.some((each) => each.path === path && each.line === line);
}

/** One of those files with just these of its lines commented out; null for one that was not read. */
export function bytesTaken(
  path: string,
  takings: readonly Taking[],
  { now, standing }: BaseFiles,
): Buffer | null {
  const file = fileReadAt(path, now);
  const bytes = file === null ? null : bytesOfFile(file);
  if (bytes === null) return null;
  const isHere = (each: Taking) => each.path === path;
  return edited(bytes, {
    commentOut: takings.filter((each) => isHere(each) && !isAmong(standing, each)),
    giveBack: standing.filter((each) => isHere(each) && !isAmong(takings, each)).map(({ line }) => line),
  });
}

/** Paths of the files in which a line is commented out, or stands so and is given back. */
export function pathsTaken(takings: readonly Taking[], { standing }: BaseFiles): readonly string[] {
  return [...new Set([...takings, ...standing].map(({ path }) => path))].sort();
}

/** The files as a plan leaves them that has just these lines commented out. */
export function filesTaken(takings: readonly Taking[], base: BaseFiles): Files {
  return pathsTaken(takings, base).reduce<Files>((files, path) => {
    const bytes = bytesTaken(path, takings, base);
    return bytes === null ? files : withBytesAt(files, path, bytes);
  }, base.now);
}
