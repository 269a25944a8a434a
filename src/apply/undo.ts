import type { HeldLock } from '../core/ports.ts';
import type { Step } from '../plan/plan.ts';
import type { Left } from './records.ts';
import {
  clearTemporary,
  failureText,
  putBack,
  type StepResult,
  standingOf,
  type World,
  writeLive,
} from './steps.ts';

export type UndoOptions = {
  readonly id: string;
  /** Also what somebody changed since. */
  readonly force: boolean;
  /**
   * What a live value goes back to, where that is not what stood there before: in a later boot it is what the files
   * say now. `reboot` where only a boot can tell.
   */
  readonly liveTarget: (step: Extract<Step, { kind: 'live' }>) => string | 'reboot';
  /** False where no kernel runs whose values count. */
  readonly live: boolean;
};

/** Undoing writes too, and so only as long as nobody else can be at work. */
type Hands = World & { readonly lock: HeldLock };

type Undone = { readonly left: readonly Left[] };

const NOTHING: Undone = { left: [] };

function failed(step: Step, result: Extract<StepResult, { ok: false }>): Undone {
  return { left: [{ step: step.id, why: 'failed', detail: failureText(result.failure) }] };
}

const LOCK_LOST = 'the lock was lost, so nothing more was written; the next apply or rollback goes on';

async function restore(step: Step, options: UndoOptions, world: Hands): Promise<Undone> {
  if (!world.lock.isHeld()) return { left: [{ step: step.id, why: 'failed', detail: LOCK_LOST }] };
  if (step.kind === 'file') {
    const result = await putBack(step, options.id, world);
    return result.ok ? NOTHING : failed(step, result);
  }
  const target = options.liveTarget(step);
  if (target === 'reboot') {
    const detail = 'what it would be without us only the next boot can tell';
    return { left: [{ step: step.id, why: 'reboot', detail }] };
  }
  const result = await writeLive(step.target.key, target, world);
  return result.ok ? NOTHING : failed(step, result);
}

/** Decided from the world, not from the log: a step that was never taken is `from`, and there is nothing to do. */
async function undoStep(step: Step, options: UndoOptions, world: Hands): Promise<Undone> {
  if (step.kind === 'live' && !options.live) return NOTHING;
  const standing = standingOf(step, world);
  switch (standing.kind) {
    case 'from':
      return NOTHING;
    case 'to':
    case 'partial':
      return restore(step, options, world);
    case 'foreign':
      if (options.force) return restore(step, options, world);
      return { left: [{ step: step.id, why: 'foreign', detail: `it is ${standing.found} now` }] };
    case 'unreadable':
      return { left: [{ step: step.id, why: 'failed', detail: `it cannot be read: ${standing.why}` }] };
  }
}

/** Files first, so that a boot in between finds the old ones; then the live values, the last that was set first. */
function inUndoOrder(steps: readonly Step[]): readonly Step[] {
  const backwards = [...steps].reverse();
  return [
    ...backwards.filter(({ kind }) => kind === 'file'),
    ...backwards.filter(({ kind }) => kind === 'live'),
  ];
}

/** Puts back every step, whatever becomes of the others. What could not be, or must not be, is named. */
export async function undoSteps(
  steps: readonly Step[],
  options: UndoOptions,
  world: Hands,
): Promise<readonly Left[]> {
  const left: Left[] = [];
  for (const step of inUndoOrder(steps)) {
    if (world.lock.isHeld()) await clearTemporary(step, options.id, world);
    const undone = await undoStep(step, options, world);
    left.push(...undone.left);
  }
  return left;
}
