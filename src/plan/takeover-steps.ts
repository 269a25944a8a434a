import { type BaseFiles, bytesTaken, isAmong, pathsTaken, type Taking } from './base-files.ts';
import type { DropInLine } from './drop-in.ts';
import { bytesOf, withBytes } from './file-state.ts';
import { bytesOfFile, fileReadAt } from './files.ts';
import type { FileState, FileStep, Reason, TakenLine, Warning } from './plan.ts';
import type { PlanInput } from './plan-input.ts';
import { WITHDRAWN } from './reasons.ts';
import { takenLine } from './taken-lines.ts';
import { distinctTakings } from './takeover.ts';

/** What becomes of each line that we have to do with, in the order of the file. */
function takenLines(
  path: string,
  bytes: Uint8Array,
  takings: readonly Taking[],
  standing: readonly Taking[],
): TakenLine[] {
  const changeOf = (each: Taking): TakenLine['change'] => {
    if (!isAmong(takings, each)) return 'restore';
    return isAmong(standing, each) ? 'keep' : 'comment-out';
  };
  return distinctTakings([...takings, ...standing])
    .filter((each) => each.path === path)
    .map((each) => takenLine(each, bytes, changeOf(each)))
    .sort((a, b) => a.line - b.line);
}

function reasonsFor(lines: readonly TakenLine[], ours: readonly DropInLine[]): Reason[] {
  const keys = new Set(lines.flatMap(({ key, change }) => (change === 'comment-out' ? [key] : [])));
  const reasons = ours.flatMap(({ key, because }) => (keys.has(key) ? because : []));
  return keys.size === 0
    ? [WITHDRAWN]
    : [...new Map(reasons.map((each) => [JSON.stringify(each), each])).values()];
}

export type TakeoverSteps = {
  readonly steps: readonly FileStep[];
  /** Who keeps the files, said before. */
  readonly warnings: readonly Warning[];
};

function takeoverStep(
  path: string,
  takings: readonly Taking[],
  ours: readonly DropInLine[],
  base: BaseFiles,
  from: FileState,
): FileStep | null {
  const after = bytesTaken(path, takings, base);
  const file = fileReadAt(path, base.files);
  const counted = file === null ? null : bytesOfFile(file);
  if (after === null || counted === null || after.equals(bytesOf(from))) return null;
  const takeover = takenLines(path, counted, takings, base.standing);
  const because = reasonsFor(takeover, ours);
  const to = withBytes(from, after);
  return { id: `file:${path}`, kind: 'file', target: { path }, from, to, because, takeover };
}

/**
 * The other files as they are to be: the lines commented out that ours would lose to, and given back those that an
 * earlier plan needed.
 */
export function takeoverSteps(
  takings: readonly Taking[],
  ours: readonly DropInLine[],
  base: BaseFiles,
  { otherFiles }: PlanInput,
): TakeoverSteps {
  const made = pathsTaken(takings, base).flatMap((path) => {
    const other = otherFiles(path);
    const step = other.ok ? takeoverStep(path, takings, ours, base, other.state) : null;
    return other.ok && step !== null ? [{ step, keepers: other.keepers }] : [];
  });
  return {
    steps: made.map(({ step }) => step),
    warnings: made.flatMap(({ step, keepers }) => {
      const first = step.takeover?.find(({ change }) => change === 'comment-out');
      return first === undefined ? [] : keepers().map((message) => ({ key: first.key, message }));
    }),
  };
}

/** Whether the step only gives back what an earlier one commented out. */
export function isGivingBack({ takeover = [] }: FileStep): boolean {
  return takeover.length > 0 && takeover.every(({ change }) => change !== 'comment-out');
}
