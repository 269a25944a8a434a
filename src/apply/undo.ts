import { type HeldLock, typedCommand } from '../core/ports.ts';
import { spaced } from '../core/text.ts';
import type { FileState, FileStep, Step, TakenLine } from '../plan/plan.ts';
import type { Standing } from './observe.ts';
import type { Left } from './records.ts';
import {
  callText,
  clearTemporary,
  failureText,
  putFileBack,
  type StepResult,
  standingOf,
  type World,
  writeLive,
} from './steps.ts';

/** `none`: no kernel runs whose values count. `ended`: they went with their network namespace. */
export type LiveValues = 'ours' | 'none' | 'ended';

export type UndoOptions = {
  readonly id: string;
  /** Also what somebody changed since. */
  readonly force: boolean;
  /**
   * What a live value goes back to, where that is not what stood there before: in a later boot it is what the files
   * say now. `reboot` where only a boot can tell.
   */
  readonly liveTarget: (step: Extract<Step, { kind: 'live' }>) => string | 'reboot';
  readonly live: LiveValues;
  /** Whether a run of ours may have been stopped in the middle of a vector. */
  readonly partialIsOurs: boolean;
};

/** Undoing writes too, and so only as long as nobody else can be at work. */
type Hands = World & { readonly lock: HeldLock };

/**
 * A step that was undone, and what its live value went back to. `linesOnly`: of a file that somebody else changed since
 * the lines alone were given back.
 */
export type Restored = { readonly step: Step; readonly to: string | null; readonly linesOnly?: true };

export type Undone = { readonly restored: readonly Restored[]; readonly left: readonly Left[] };

const NOTHING: Undone = { restored: [], left: [] };

function leave(step: Step, why: Left['why'], detail: string): Undone {
  return { restored: [], left: [{ step: step.id, why, detail }] };
}

function failed(step: Step, result: Extract<StepResult, { ok: false }>): Undone {
  return leave(step, 'failed', failureText(result.failure));
}

function lockLostText({ reader }: World): string {
  return `the lock was lost, so nothing more was written; the next apply or rollback goes on, and ${typedCommand('recover', reader)} does just that`;
}

/** The value itself was refused, and would be the next time as well. */
function isRefusal({ failure }: Extract<StepResult, { ok: false }>): boolean {
  return failure.kind === 'read-back' || failure.failure.errno === 'EINVAL';
}

async function restoreFile(
  step: FileStep,
  state: FileState | null,
  options: UndoOptions,
  world: Hands,
): Promise<Undone> {
  if (!world.lock.isHeld()) return leave(step, 'failed', lockLostText(world));
  const result = await putFileBack(step, state, options.id, world);
  return result.ok ? { restored: [{ step, to: null }], left: [] } : failed(step, result);
}

/** `line 3 (net.core.somaxconn = 128) was commented out and is not there as it was left` */
function lineText({ line, text, change }: TakenLine): string {
  const done = change === 'restore' ? 'was given back' : 'was commented out';
  return `line ${line} (${spaced(text)}) ${done} and is not there as it was left`;
}

/** The lines alone, so that what somebody else changed in their own file stays; as a whole only by force. */
async function restoreLines(
  step: FileStep,
  { undone, lost }: Extract<Standing, { kind: 'edited' }>,
  options: UndoOptions,
  world: Hands,
): Promise<Undone> {
  if (options.force && lost.length > 0) return restoreFile(step, step.from, options, world);
  const { restored: whole, left } =
    undone === null ? NOTHING : await restoreFile(step, undone, options, world);
  const restored = whole.map((each) => ({ ...each, linesOnly: true as const }));
  if (left.length > 0 || lost.length === 0) return { restored, left };
  return { restored, left: [{ step: step.id, why: 'foreign', detail: lost.map(lineText).join('; ') }] };
}

async function restore(step: Step, options: UndoOptions, world: Hands): Promise<Undone> {
  if (step.kind === 'file') return restoreFile(step, step.from, options, world);
  if (!world.lock.isHeld()) return leave(step, 'failed', lockLostText(world));
  const target = options.liveTarget(step);
  if (target === 'reboot') {
    return leave(step, 'reboot', 'what it would be without us only the next boot can tell');
  }
  const result = await writeLive(step.target.key, target, world);
  if (!result.ok && target !== step.from && isRefusal(result)) {
    return leave(step, 'reboot', `the kernel does not take ${spaced(target)}, which the sysctl files set`);
  }
  return result.ok ? { restored: [{ step, to: target }], left: [] } : failed(step, result);
}

function foreignText(step: Step, found: string): string {
  if (step.kind === 'live') return `it is ${found} now, and was ${spaced(step.from)} before`;
  const lines = (step.takeover ?? []).filter(({ change }) => change !== 'keep').map(lineText);
  return [`it is ${found} now`, ...lines].join('; ');
}

/** Decided from the world, not from the log: a step that was never taken is `from`, and there is nothing to do. */
async function undoStep(step: Step, options: UndoOptions, world: Hands): Promise<Undone> {
  if (step.kind === 'live' && options.live === 'none') return NOTHING;
  if (step.kind === 'live' && options.live === 'ended')
    return leave(step, 'gone', 'it went with its network namespace');
  const standing = standingOf(step, world);
  switch (standing.kind) {
    case 'from':
      return NOTHING;
    case 'to':
      return restore(step, options, world);
    case 'partial':
      if (options.force || options.partialIsOurs) return restore(step, options, world);
      return leave(step, 'foreign', foreignText(step, standing.found));
    case 'foreign':
      if (options.force) return restore(step, options, world);
      return leave(step, 'foreign', foreignText(step, standing.found));
    case 'edited':
      return step.kind === 'file' ? restoreLines(step, standing, options, world) : NOTHING;
    case 'absent':
      return leave(step, 'gone', 'this kernel has no such key now');
    case 'unreadable':
      return leave(step, 'failed', `it cannot be read: ${standing.why}`);
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
export async function undoSteps(steps: readonly Step[], options: UndoOptions, world: Hands): Promise<Undone> {
  const restored: Restored[] = [];
  const left: Left[] = [];
  for (const step of inUndoOrder(steps)) {
    const cleared = world.lock.isHeld() ? await clearTemporary(step, options.id, world) : null;
    if (cleared?.ok === false) left.push({ step: step.id, why: 'failed', detail: callText(cleared) });
    const undone = await undoStep(step, options, world);
    restored.push(...undone.restored);
    left.push(...undone.left);
  }
  return { restored, left };
}
