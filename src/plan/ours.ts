import type { SysctlKey } from '../sysctl/key.ts';
import type { Pair } from './comment-out.ts';
import type { FileState } from './plan.ts';

/**
 * A live value that a transaction of ours set, or wrote into the drop-in as it stood, and that no rollback took
 * back.
 */
export type Written = {
  /** What stood there before the first of those writes. */
  readonly baseline: string;
  /** What we left there last. */
  readonly value: string;
  /** Whether the host has booted since. */
  readonly sameBoot: boolean;
  /** Whether kernel and memory are those of the first write, so that the kernel's own values are the same. */
  readonly sameKernelAndMemory: boolean;
};

/** Why no drop-in can be kept, as a sentence, and what a person may do about it. */
export type Obstacle = { readonly message: string; readonly ways: readonly string[] };

/** Our drop-in where it stands. */
export type StandingDropIn = { readonly path: string; readonly state: FileState | null };

/** Lines of somebody else's file that earlier runs of ours commented out, as often as they did. */
export type TakenOver = { readonly path: string; readonly lines: readonly Pair[] };

/** What earlier runs of ours left on the host: what a plan has to see through to find the value without us. */
export type Ours = {
  readonly dropIn: StandingDropIn & {
    /** Where it stands under its old name, if it is to get another one: the plan removes it there. */
    readonly movedFrom?: StandingDropIn;
    /** Asked only where the drop-in would be written. */
    readonly obstacle?: () => Obstacle | null;
  };
  readonly written: ReadonlyMap<SysctlKey, Written>;
  readonly takenOver?: readonly TakenOver[];
};

export function standingDropIn({ dropIn }: Ours): StandingDropIn {
  return dropIn.movedFrom ?? dropIn;
}

/** Whether the file is ours, under its name of now or of before. */
export function isOwnFile({ path }: { readonly path: string }, { dropIn }: Ours): boolean {
  return path === dropIn.path || path === dropIn.movedFrom?.path;
}
