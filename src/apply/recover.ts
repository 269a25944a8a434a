import type { Step } from '../plan/plan.ts';
import { completed, numberCount } from '../sysctl/codec.ts';
import { startedSteps, type Transaction } from './journal.ts';
import type { Left } from './records.ts';
import { type ApplyContext, running } from './run.ts';
import { isSameKernelAndMemory, isStartedAnew, isWhereItWasSet } from './same-host.ts';
import type { Whereabouts } from './transaction.ts';
import { type LiveValues, undoSteps } from './undo.ts';
import { isWaiting, type Moment } from './waiting.ts';

/** What became of a transaction that an earlier run left unfinished. */
export type Recovery = {
  readonly id: string;
  /**
   * It was being applied or confirmed, and is undone; it waited for a confirmation that never came, and is undone; or
   * it was being rolled back, and that is finished.
   */
  readonly was: 'applying' | 'waiting' | 'confirming' | 'rolling-back';
  readonly left: readonly Left[];
};

/** Whether nothing is left that another try may put back. */
export function isFinished({ left }: Pick<Recovery, 'left'>): boolean {
  return !left.some(({ why }) => why === 'failed');
}

/** What a live value would be without us, by key; null where nothing tells. */
export type BootTargets = (key: string) => string | null;

/** Whether the next run has to end it: one that may still be confirmed is left to wait. */
export function isUnfinished(transaction: Transaction, now: Moment): boolean {
  const { kind } = transaction.state;
  if (kind === 'waiting') return !isWaiting(transaction, now);
  return kind !== 'committed' && kind !== 'undone' && kind !== 'rolled-back';
}

/**
 * Whether live values may be the transaction's doing. Neither an image has any, nor a tree that is looked at from
 * another host; and a boot, or the start of a container, has ended what no file would set again. `ended`: they went
 * with their network namespace.
 */
export function liveValuesOf(
  { facts, beforeFiles }: Pick<ApplyContext, 'beforeFiles'> & { readonly facts: Whereabouts },
  transaction: Transaction,
): LiveValues {
  const { intent } = transaction;
  if (intent.bootId === null || facts.bootId === null) return 'none';
  if (isWhereItWasSet(intent, facts)) return 'ours';
  if (!isStartedAnew(intent, facts)) return 'ended';
  const hasFiles = startedSteps(transaction).some(({ kind }) => kind === 'file');
  return hasFiles && beforeFiles !== true ? 'ours' : 'none';
}

/**
 * What a live value goes back to. Where it was set, to what stood there. In a later boot, or a container that was
 * started again, to what the files say, and where they say nothing, to what stood there only if kernel and memory are
 * the same.
 */
export function liveTargetIn({ facts }: ApplyContext, { intent }: Transaction, targets: BootTargets) {
  return (step: Extract<Step, { kind: 'live' }>): string | 'reboot' => {
    if (isWhereItWasSet(intent, facts)) return step.from;
    const isSameHost = isSameKernelAndMemory(intent, facts);
    const ofFiles = targets(step.target.key);
    if (ofFiles === null) return isSameHost ? step.from : 'reboot';
    // A file may give fewer numbers than the key has; the others were the kernel's own.
    const members = numberCount(step.from);
    if (numberCount(ofFiles) >= members) return ofFiles;
    return isSameHost ? completed(ofFiles, step.from, members) : 'reboot';
  };
}

type Was = Recovery['was'];

/** What it was in the middle of. */
export function wasOf({ state }: Transaction): Was {
  switch (state.kind) {
    case 'waiting':
    case 'confirming':
    case 'rolling-back':
      return state.kind;
    default:
      return 'applying';
  }
}

/** What the log says of it, where the log does not say yet that it is being undone. */
function whyUndone({ state }: Transaction, { facts }: ApplyContext): string | null {
  switch (state.kind) {
    case 'begun':
    case 'confirming':
      return 'the run that began it was ended';
    case 'waiting':
      return state.deadline.bootId === facts.bootId
        ? 'nobody confirmed it in time'
        : 'the host was booted before anybody confirmed it';
    default:
      return null;
  }
}

/** What a transaction is left unfinished by, where nothing else failed. */
export const JOURNAL_FAILED: Left = {
  step: 'journal',
  why: 'failed',
  detail: 'everything is put back, but the journal could not be written to say so',
};

/**
 * Ends what a run that was killed had begun, or what nobody confirmed: before the commit everything goes back, and a
 * rollback goes on. It may be killed itself, and repeated.
 * @param because why it is undone, where somebody asked for it
 */
export async function recover(
  transaction: Transaction,
  context: ApplyContext,
  targets: BootTargets,
  because?: string,
): Promise<Recovery> {
  const { ports } = context;
  const { state, intent } = transaction;
  const run = running(transaction, ports);
  const force = state.kind === 'rolling-back' && state.force;
  const isRollback = state.kind === 'rolling-back';
  const why = because ?? whyUndone(transaction, context);
  if (why !== null) await run.note({ kind: 'undoing', at: ports.clock.now(), why });
  const liveTarget = liveTargetIn(context, transaction, targets);
  const options = {
    id: intent.id,
    force,
    live: liveValuesOf(context, transaction),
    partialIsOurs: true,
    liveTarget,
  };
  const { left } = await undoSteps(startedSteps(transaction), options, ports);
  const at = ports.clock.now();
  const was = wasOf(transaction);
  // What failed may succeed later, so the transaction stays unfinished, and is said to be.
  if (!isFinished({ left })) return { id: intent.id, was, left };
  const isNoted = await run.note(
    isRollback ? { kind: 'rolled-back', at, left } : { kind: 'undone', at, left },
  );
  if (!isNoted) return { id: intent.id, was, left: [...left, JOURNAL_FAILED] };
  await ports.log.log(
    `${intent.id}: ${why ?? 'was unfinished'}, and is ${isRollback ? 'rolled back' : 'undone'}`,
  );
  return { id: intent.id, was, left };
}
