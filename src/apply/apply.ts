import type { CallFailure, Reverter } from '../core/ports.ts';
import type { Signal } from '../core/signals.ts';
import type { FileStep, LiveStep, Plan, Step } from '../plan/plan.ts';
import { journalFiles } from './by-hand.ts';
import { startedSteps, type Transaction } from './journal.ts';
import { begin, ensureState, nextId } from './journal-writing.ts';
import { prune } from './prune.ts';
import type { Deadline, Left } from './records.ts';
import { isFinished } from './recover.ts';
import { type ApplyContext, type Running, running } from './run.ts';
import { failureText, nameOf, standingOf, takeStep, type World } from './steps.ts';
import type { Intent } from './transaction.ts';
import { undoSteps } from './undo.ts';
import { readBootTimeMs, timeLeftMs } from './waiting.ts';

/** A step whose target is neither what it was planned from nor what it is to become. */
export type Stale = { readonly step: Step; readonly found: string };

export type ApplyOutcome =
  /** Not a byte was written. */
  | { readonly kind: 'unchanged' }
  | ({ readonly kind: 'applied'; readonly id: string; readonly steps: readonly Step[] } & Tidied)
  /** The live values are set; files are written once it is confirmed, and at the deadline everything goes back. */
  | ({
      readonly kind: 'waiting';
      readonly id: string;
      readonly steps: readonly Step[];
      /** Milliseconds until then. */
      readonly leftMs: number;
    } & Tidied)
  | { readonly kind: 'stale'; readonly stale: readonly Stale[] }
  /** The lock was lost before the first write: somebody else may be at work. */
  | { readonly kind: 'lock-lost' }
  /** The journal could not be written, so nothing else was. */
  | { readonly kind: 'no-journal'; readonly failure: CallFailure }
  /** It failed, or was interrupted; what is named in `left` could not be put back, all else is. */
  | ({
      readonly kind: 'undone';
      readonly id: string;
      readonly why: string;
      readonly signal: Signal | null;
      readonly left: readonly Left[];
    } & Tidied);

/** Old transactions are pruned in the end. Where that failed nothing is lost, and the next apply tries again. */
type Tidied = { readonly notPruned?: CallFailure };

/** Something was written. */
type Ended<Kind extends ApplyOutcome['kind'] = 'applied' | 'waiting' | 'undone'> = Extract<
  ApplyOutcome,
  { readonly kind: Kind }
>;

/** Why the steps stop before the end. */
type Stop = { readonly why: string; readonly signal: Signal | null };

/** How long live values stand unless somebody confirms them, and who puts them back otherwise. */
export type Window = { readonly milliseconds: number; readonly reverter: Reverter };

export type ApplyRequest = {
  readonly plan: Plan;
  readonly why: string | null;
  /** Of the journal, the oldest first; none of them unfinished. */
  readonly transactions: readonly Transaction[];
  /** null: it stands at once, and files are written. */
  readonly window: Window | null;
};

type Examined = { readonly pending: readonly Step[]; readonly stale: readonly Stale[] };

/** What is left to do, and what cannot be, before anything is written. */
export function examine(steps: readonly Step[], world: Pick<World, 'reader'>): Examined {
  const pending: Step[] = [];
  const stale: Stale[] = [];
  for (const step of steps) {
    const standing = standingOf(step, world);
    if (standing.kind === 'from') pending.push(step);
    else if (standing.kind !== 'to') stale.push({ step, found: foundText(standing) });
  }
  return { pending, stale };
}

function foundText(standing: Exclude<ReturnType<typeof standingOf>, { kind: 'from' | 'to' }>): string {
  switch (standing.kind) {
    case 'foreign':
    case 'partial':
      return standing.found;
    case 'edited':
      return 'of another content or mode';
    case 'absent':
      return 'not there';
    case 'unreadable':
      return `not readable: ${standing.why}`;
  }
}

/** Live values first: nothing is kept for the next boot that the kernel has not taken. */
function inApplyOrder(steps: readonly Step[]): readonly (LiveStep | FileStep)[] {
  return [...steps.filter(({ kind }) => kind === 'live'), ...steps.filter(({ kind }) => kind === 'file')];
}

/** Takes steps one by one. @returns why it stopped; null once all are taken */
async function takeAll(steps: readonly Step[], run: Running, { ports }: ApplyContext): Promise<Stop | null> {
  const { id } = run.transaction().intent;
  for (const step of inApplyOrder(steps)) {
    const signal = ports.interrupted();
    if (signal !== null) return { why: `interrupted by ${signal}`, signal };
    if (!ports.lock.isHeld()) return { why: 'the lock was lost', signal: null };
    // Somebody may have been at it since it was looked at.
    const standing = standingOf(step, ports);
    if (standing.kind === 'to') continue;
    if (standing.kind !== 'from') {
      return { why: `${nameOf(step)} was changed by somebody else in the meantime`, signal: null };
    }
    if (!(await run.note({ kind: 'started', step: step.id }))) {
      return { why: 'the journal could not be written', signal: null };
    }
    const taken = await takeStep(step, id, ports);
    if (!taken.ok) return { why: `${nameOf(step)}: ${failureText(taken.failure)}`, signal: null };
    await ports.log.log(`${id}: ${changeText(step)}`);
  }
  return null;
}

function fileChangeText({ to, takeover = [] }: FileStep): string {
  const [first, ...others] = takeover.filter(({ change }) => change === 'comment-out');
  if (to === null) return 'removed';
  if (first === undefined) return 'written';
  const lines = [first, ...others].map(({ line }) => line);
  return `written with ${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')} commented out`;
}

function changeText(step: Step): string {
  return step.kind === 'live'
    ? `${step.target.key} set to ${step.to}, was ${step.from.trim()}`
    : `${step.target.path} ${fileChangeText(step)}`;
}

/** Puts back what was taken. */
async function undo(stop: Stop, run: Running, { ports }: ApplyContext): Promise<Ended<'undone'>> {
  const { id } = run.transaction().intent;
  await run.note({ kind: 'undoing', at: ports.clock.now(), why: stop.why });
  const liveTarget = (step: LiveStep) => step.from;
  const options = { id, force: false, live: 'ours', partialIsOurs: true, liveTarget } as const;
  const { left } = await undoSteps(startedSteps(run.transaction()), options, ports);
  // What failed is tried again by the next run, so the transaction stays unfinished.
  if (!left.some(({ why }) => why === 'failed')) {
    await run.note({ kind: 'undone', at: ports.clock.now(), left });
  }
  await ports.log.log(`${id}: undone (${stop.why})${left.length === 0 ? '' : `, but for ${left.length}`}`);
  return { kind: 'undone', id, ...stop, left };
}

/**
 * The plan as it is carried out. What stands as planned already is none of our doing, so undoing must not touch it:
 * it counts as kept.
 */
function remainder(plan: Plan, pending: readonly Step[]): Plan {
  const done = plan.steps.filter((step) => !pending.includes(step));
  const kept = done.flatMap((step) => (step.kind === 'live' ? [{ ...step.target, value: step.to }] : []));
  return { ...plan, steps: [...pending], kept: [...plan.kept, ...kept] };
}

function intentOf(plan: Plan, { why }: ApplyRequest, { ports, facts }: ApplyContext): Intent {
  return {
    kind: 'transaction',
    schemaVersion: 0,
    id: nextId(ports.reader),
    at: ports.clock.now(),
    why,
    ...facts,
    plan,
  };
}

/** Not where something stands that nobody wanted, nor where somebody wants it to end, nor without the lock. */
async function tidy(
  outcome: Ended,
  transactions: readonly Transaction[],
  { ports }: ApplyContext,
): Promise<Ended> {
  const isWanted = outcome.kind !== 'undone' || outcome.left.length === 0;
  if (!isWanted || ports.interrupted() !== null || !ports.lock.isHeld()) return outcome;
  const result = await prune(transactions, ports);
  return result.ok ? outcome : { ...outcome, notPruned: result };
}

/**
 * Carries out a plan: all of it, or nothing. The old values are on the disk before the first write; each value is read
 * back; at the first failure everything goes back.
 */
export async function applyPlan(request: ApplyRequest, context: ApplyContext): Promise<ApplyOutcome> {
  const { ports } = context;
  const { pending, stale } = examine(request.plan.steps, ports);
  if (stale.length > 0) return { kind: 'stale', stale };
  if (pending.length === 0) return { kind: 'unchanged' };
  if (!ports.lock.isHeld()) return { kind: 'lock-lost' };
  const intent = intentOf(remainder(request.plan, pending), request, context);
  const made = await ensureState(ports.writer);
  if (!made.ok) return { kind: 'no-journal', failure: made };
  const begun = await begin(ports.writer, intent.id, journalFiles(intent, ports.reader.typed));
  if (!begun.ok) return { kind: 'no-journal', failure: begun };
  const run = running({ intent, state: { kind: 'begun' }, torn: false, records: [] }, ports);
  const outcome =
    request.window === null
      ? await applyNow(pending, run, context)
      : await applyUntil(request.window, pending, run, context);
  return tidy(outcome, request.transactions, context);
}

const NO_JOURNAL: Stop = { why: 'the journal could not be written', signal: null };

/** Takes the steps and commits, or puts everything back. */
export async function applyNow(
  steps: readonly Step[],
  run: Running,
  context: ApplyContext,
): Promise<Ended<'applied' | 'undone'>> {
  const stop = await takeAll(steps, run, context);
  if (stop !== null) return undo(stop, run, context);
  const isNoted = await run.note({ kind: 'committed', at: context.ports.clock.now() });
  if (!isNoted) return undo(NO_JOURNAL, run, context);
  return { kind: 'applied', id: run.transaction().intent.id, steps };
}

function deadlineIn(milliseconds: number, { ports, facts }: ApplyContext): Deadline | null {
  const now = readBootTimeMs(ports.reader);
  if (now === null || facts.bootId === null) return null;
  return { bootId: facts.bootId, bootTimeMs: now + milliseconds };
}

/** Has the way back proved and armed before anything changes. */
async function arm(
  { milliseconds, reverter }: Window,
  id: string,
  context: ApplyContext,
): Promise<Deadline | Stop> {
  const unproved = await reverter.prove(id);
  if (unproved !== null) return notTakenBack(unproved);
  // Before arming, so that what reverts never comes too early.
  const deadline = deadlineIn(milliseconds, context);
  if (deadline === null) return notTakenBack('/proc/uptime cannot be read');
  const unarmed = await reverter.arm(id, milliseconds);
  return unarmed === null ? deadline : notTakenBack(unarmed);
}

function leftUntil(deadline: Deadline, { ports, facts }: ApplyContext): number {
  return timeLeftMs(deadline, { bootId: facts.bootId, bootTimeMs: readBootTimeMs(ports.reader) }) ?? 0;
}

function notTakenBack(why: string): Stop {
  return { why: `nothing would take it back by itself: ${why}`, signal: null };
}

/** Sets the live values alone, and leaves them to whoever confirms them. */
async function applyUntil(
  window: Window,
  pending: readonly Step[],
  run: Running,
  context: ApplyContext,
): Promise<Ended> {
  const { id } = run.transaction().intent;
  const deadline = await arm(window, id, context);
  if ('why' in deadline) return undo(deadline, run, context);
  const live = pending.filter(({ kind }) => kind === 'live');
  const stop = await takeAll(live, run, context);
  const at = context.ports.clock.now();
  if (stop === null && (await run.note({ kind: 'waiting', at, deadline })))
    return { kind: 'waiting', id, steps: pending, leftMs: leftUntil(deadline, context) };
  const undone = await undo(stop ?? NO_JOURNAL, run, context);
  // What could not be put back now may be by then.
  if (isFinished(undone)) await window.reverter.disarm(id);
  return undone;
}
