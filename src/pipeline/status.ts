import type { Transaction } from '../apply/journal.ts';
import { isUnfinished } from '../apply/recover.ts';
import { active } from '../apply/rollback.ts';
import { assess } from '../assess/assess.ts';
import { dropInValues } from '../plan/drop-in.ts';
import type { Ours, Written } from '../plan/ours.ts';
import { type Surroundings, withoutUs } from '../plan/without-us.ts';
import type { Resolution } from '../resolve/resolution.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { sameSetting } from '../sysctl/catalogue.ts';

/**
 * `in-step`: live, boot and plan agree. `until-boot`: as it was set, which nobody wanted to outlive a boot.
 * `unknown`: what decides at boot, or the live value, could not be read.
 */
type Verdict = 'in-step' | 'until-boot' | 'drifted-live' | 'changes-at-boot' | 'unknown';

export type KeyStatus = {
  readonly key: string;
  /** What we set. */
  readonly planned: string;
  readonly live: string | null;
  readonly boot: string | null;
  /** The line that decides at boot; null where none does, and the kernel's own value comes. */
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

type Boot = Pick<KeyStatus, 'boot' | 'bootFrom'>;

function bootOf(key: string, resolution: Resolution | null, around: Surroundings): Boot {
  const boot = resolution?.bootValue(key);
  if (boot?.kind === 'set') return { boot: boot.value, bootFrom: { ...boot.from } };
  // No file sets it, ours neither: what it would be without us is what it will be.
  const own = boot?.kind === 'unset' ? withoutUs(key, around)?.boot : undefined;
  return { boot: own?.kind === 'kernel' ? own.value : null, bootFrom: null };
}

/** @param kept whether it was written to outlive a boot */
function verdictOf(
  key: string,
  planned: string,
  live: string | null,
  boot: string | null,
  kept: boolean,
): Verdict {
  if (live === null) return 'unknown';
  if (!sameSetting(key, live, planned)) return 'drifted-live';
  if (boot !== null && sameSetting(key, boot, planned)) return 'in-step';
  if (!kept) return 'until-boot';
  return boot === null ? 'unknown' : 'changes-at-boot';
}

/** What the drop-in set when we last wrote it; null where no transaction that stands did. */
function journaledDropIn(transactions: readonly Transaction[], path: string): string | null {
  const steps = active(transactions).flatMap(({ intent }) => intent.plan.steps);
  const last = steps.findLast((step) => step.kind === 'file' && step.target.path === path);
  return last?.kind === 'file' ? (last.to?.text ?? null) : null;
}

/** What was put back where it was before us, and what a boot has ended, is no longer ours to watch. */
function isWatched(key: string, { value, baseline, sameBoot }: Written, kept: boolean): boolean {
  return kept || (sameBoot && !sameSetting(key, value, baseline));
}

/**
 * What we set, what stands there now, and what the next boot brings.
 * @param transactions null where the journal could not be read: then only the drop-in tells what is ours
 */
export function status(snapshot: Snapshot, ours: Ours, transactions: readonly Transaction[] | null): Status {
  const { namespaces, resolution, resolutionOf } = assess(snapshot);
  const [namespace] = namespaces;
  const { path, state } = ours.dropIn;
  const lines = dropInValues(state?.text ?? '', path);
  const journaled = dropInValues(journaledDropIn(transactions ?? [], path) ?? '', path);
  const isKept = (key: string) => lines.has(key) || journaled.has(key);
  const written = [...ours.written].filter(([key, each]) => isWatched(key, each, isKept(key)));
  // The journal says what we set; a line may have been edited since.
  const planned = new Map([...lines, ...written.map(([key, { value }]) => [key, value] as const)]);
  const foreign = resolutionOf((snapshot.sysctlFiles ?? []).filter((file) => file.path !== path));
  const around = namespace && { live: true, namespace, foreign, dropInValues: lines, ours };
  const keys = [...planned].flatMap(([key, value]): readonly KeyStatus[] => {
    if (around === undefined) return [];
    const now = around.namespace.live(key);
    const live = now.ok ? now.value : null;
    const { boot, bootFrom } = bootOf(key, resolution, around);
    return [
      { key, planned: value, live, boot, bootFrom, verdict: verdictOf(key, value, live, boot, isKept(key)) },
    ];
  });
  return {
    keys,
    unfinished: (transactions ?? []).filter(isUnfinished).map(({ intent }) => intent.id),
    journalSeen: transactions !== null,
  };
}
