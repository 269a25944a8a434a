import type { Transaction } from '../apply/journal.ts';
import { isUnfinished } from '../apply/recover.ts';
import { assess } from '../assess/assess.ts';
import { dropInValues } from '../plan/drop-in.ts';
import type { Ours } from '../plan/ours.ts';
import type { BootValue } from '../resolve/resolution.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { sameSetting } from '../sysctl/catalogue.ts';

/** `in-step`: live, boot and plan agree. `unknown`: what decides at boot, or the live value, could not be read. */
type Verdict = 'in-step' | 'drifted-live' | 'changes-at-boot' | 'unknown';

export type KeyStatus = {
  readonly key: string;
  /** What we set. */
  readonly planned: string;
  readonly live: string | null;
  readonly boot: string | null;
  /** The line that decides at boot, where it is not ours. */
  readonly bootFrom: { readonly file: string; readonly line: number } | null;
  readonly verdict: Verdict;
};

export type Status = {
  readonly keys: readonly KeyStatus[];
  /** Ids of transactions that a run left in the middle: the next apply or rollback ends them. */
  readonly unfinished: readonly string[];
  /** False where the journal is for root alone to read. */
  readonly journalSeen: boolean;
};

function verdictOf(key: string, planned: string, live: string | null, boot: string | null): Verdict {
  if (live === null) return 'unknown';
  if (!sameSetting(key, live, planned)) return 'drifted-live';
  if (boot === null) return 'unknown';
  return sameSetting(key, boot, planned) ? 'in-step' : 'changes-at-boot';
}

function statusOf(
  key: string,
  planned: string,
  live: string | null,
  boot: BootValue | undefined,
  dropIn: string,
): KeyStatus {
  const isSet = boot?.kind === 'set';
  // A key that no file sets keeps what the kernel starts with, which we wrote no line for because it is that.
  const value = isSet ? boot.value : boot?.kind === 'unset' ? planned : null;
  return {
    key,
    planned,
    live,
    boot: value,
    bootFrom: isSet && boot.from.file !== dropIn ? { ...boot.from } : null,
    verdict: verdictOf(key, planned, live, value),
  };
}

/**
 * What we set, what stands there now, and what the next boot brings.
 * @param transactions null where the journal could not be read: then only the drop-in tells what is ours
 */
export function status(snapshot: Snapshot, ours: Ours, transactions: readonly Transaction[] | null): Status {
  const { namespaces, resolution } = assess(snapshot);
  const { path, state } = ours.dropIn;
  const lines = dropInValues(state?.text ?? '', path);
  const written = [...ours.written].map(([key, { value }]) => [key, value] as const);
  // What was put back where it was before us is no longer ours to watch.
  const watched = written.filter(
    ([key, value]) => !sameSetting(key, value, ours.written.get(key)?.baseline ?? ''),
  );
  const planned = new Map([...watched, ...lines]);
  const keys = [...planned].map(([key, value]) => {
    const live = namespaces[0]?.live(key);
    return statusOf(key, value, live?.ok ? live.value : null, resolution?.bootValue(key), path);
  });
  return {
    keys,
    unfinished: (transactions ?? []).filter(isUnfinished).map(({ intent }) => intent.id),
    journalSeen: transactions !== null,
  };
}
