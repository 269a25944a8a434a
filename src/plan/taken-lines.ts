import { decodeSysctlFile } from '../sysctl/lines.ts';
import type { Taking } from './base-files.ts';
import { edited, hasLine, lineAt, type Pair, standingPairs } from './comment-out.ts';
import { bytesOf, contentOf } from './file-state.ts';
import type { FileStep, TakenLine } from './plan.ts';

type Change = TakenLine['change'];

/** @param bytes of the file, what we commented out counted */
export function takenLine({ path, line, key }: Taking, bytes: Uint8Array, change: Change): TakenLine {
  const characters = Buffer.from(lineAt(bytes, line), 'latin1');
  const content = contentOf(characters);
  const text = decodeSysctlFile(characters);
  return { file: path, line, text, ...('base64' in content ? content : {}), key, change };
}

/** As they stand in the file, once commented out. */
export function pairsOf(lines: readonly TakenLine[], changes: readonly Change[]): readonly Pair[] {
  return lines
    .filter(({ change }) => changes.includes(change))
    .map((taken) => ({ key: taken.key, line: bytesOf(taken).toString('latin1') }));
}

export type Undone = {
  /** The file with every line given back that the step commented out and that stands there so. */
  readonly bytes: Buffer;
  /** Lines that stand neither as the step left them nor as it found them. */
  readonly lost: readonly TakenLine[];
};

/**
 * What undoing a takeover comes to in a file that somebody changed since. Lines alone are given back; one that the step
 * itself gave back is not commented out again, for nobody knows where.
 */
export function undoneIn(bytes: Uint8Array, { from, to, takeover = [] }: FileStep): Undone {
  const before = bytesOf(from ?? {});
  // Its mode alone, or nothing at all, was changed.
  if (before.equals(bytes) || bytesOf(to ?? {}).equals(bytes)) return { bytes: before, lost: [] };
  const standing = standingPairs(bytes, pairsOf(takeover, ['comment-out']));
  const after = edited(bytes, { commentOut: [], giveBack: standing.map(({ number }) => number) });
  const isBack = (taken: TakenLine) => hasLine(after, bytesOf(taken).toString('latin1'));
  const lost = takeover.filter(
    (taken) => taken.change === 'restore' || (taken.change === 'comment-out' && !isBack(taken)),
  );
  return { bytes: after, lost };
}
