import type { Transaction } from '../apply/journal.ts';
import { assess } from '../assess/assess.ts';
import { textAtBoot } from '../assess/key-value.ts';
import { bytesOfFile, type Files, fileReadAt, withBytesAt, withFile } from '../plan/files.ts';
import type { Step } from '../plan/plan.ts';
import { undoneIn } from '../plan/taken-lines.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** The sysctl files as they are without the file steps of a transaction. */
function filesBefore(files: Files, steps: readonly Step[]): Files {
  return steps.reduce<Files>((before, step) => {
    if (step.kind !== 'file') return before;
    const now = fileReadAt(step.target.path, before);
    const bytes = step.takeover === undefined || now === null ? null : bytesOfFile(now);
    // Of somebody else's file the lines alone are ours to take back.
    return bytes === null
      ? withFile(before, step.target.path, step.from)
      : withBytesAt(before, step.target.path, undoneIn(bytes, step).bytes);
  }, files);
}

/** What the files say of each key once the transaction is taken back; null where they say nothing. */
export function bootTargets(
  snapshot: Snapshot,
): (transaction: Transaction) => (key: string) => string | null {
  const assessment = assess(snapshot);
  return ({ intent }) => {
    const files = filesBefore(snapshot.sysctlFiles ?? [], intent.plan.steps);
    const resolution = assessment.resolutionOf(files);
    return (key) => {
      const boot = resolution?.bootValue(key);
      return boot?.kind === 'set' ? textAtBoot(boot) : null;
    };
  };
}
