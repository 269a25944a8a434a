import { type ConfirmOutcome, confirmTransaction } from '../apply/confirm.ts';
import type { Transaction } from '../apply/journal.ts';
import { isFinished, type Recovery } from '../apply/recover.ts';
import { isWaiting, type Moment, waitingOf } from '../apply/waiting.ts';
import { durationText } from '../core/duration.ts';
import { refusedError } from '../core/errors.ts';
import { type HostReader, typedCommand } from '../core/ports.ts';
import type { Signal } from '../core/signals.ts';
import type { Plan } from '../plan/plan.ts';
import { type ChangePorts, type Looking, momentOf, underLock } from './locked.ts';
import { checkNoObstacle } from './obstacle.ts';

export type Confirmed = {
  readonly plan: Plan;
  readonly outcome:
    | ConfirmOutcome
    /** Before anything was begun; it still waits. */
    | { readonly kind: 'interrupted'; readonly id: string; readonly signal: Signal };
};

/** Why there is nothing to confirm, where something was begun to that end. */
function tooLate(recovered: readonly Recovery[], newest: Transaction | undefined): string {
  const late = recovered.find(({ was }) => was === 'waiting');
  if (late !== undefined) return `it is too late for transaction ${late.id}: it is taken back`;
  const halfway = recovered.find(({ was }) => was === 'confirming');
  if (halfway !== undefined)
    return `the run that confirmed transaction ${halfway.id} was ended in the middle, and it is taken back`;
  const waited = newest?.records.some(({ kind }) => kind === 'waiting') ?? false;
  if (newest === undefined || !waited) return 'nothing waits to be confirmed';
  const { id } = newest.intent;
  if (newest.state.kind !== 'committed' && newest.records.some(({ kind }) => kind === 'committed'))
    return `transaction ${id} was confirmed, and is rolled back since`;
  return newest.state.kind === 'committed'
    ? `transaction ${id} is confirmed already`
    : `it is too late for transaction ${id}: it was taken back`;
}

/**
 * Since the values were set somebody may have opened the directory to others.
 * @throws UserError where the files could not be kept; the change still waits
 */
function checkKeepable(transaction: Transaction, now: Moment, reader: HostReader): void {
  const leftMs = waitingOf([transaction], now)?.leftMs ?? 0;
  const otherwise = `take it back with ${typedCommand('rollback', reader)}; by itself it goes back in ${durationText(leftMs)}`;
  checkNoObstacle(transaction.intent.plan.steps, reader, otherwise);
}

/**
 * Keeps what was applied to be confirmed: its live values stay, and its files are written.
 * @throws UserError where nothing waits, it is too late, or its files could not be kept
 */
export function confirm(looking: Looking, ports: ChangePorts): Promise<Confirmed> {
  return underLock(ports, looking, async ({ context, transactions, recovered }) => {
    const now = momentOf(ports.reader, context.facts);
    const waiting = transactions.find((each) => isWaiting(each, now));
    if (waiting === undefined) {
      throw refusedError(
        tooLate(recovered, transactions.at(-1)),
        `${typedCommand('history', ports.reader)} shows what was done`,
      );
    }
    checkKeepable(waiting, now, ports.reader);
    // As long as nothing is begun it may go on waiting.
    const signal = ports.interrupted();
    if (signal !== null)
      return { plan: waiting.intent.plan, outcome: { kind: 'interrupted', id: waiting.intent.id, signal } };
    const outcome = await confirmTransaction(waiting, context);
    // Where something could not be put back, what takes it back tries again.
    if (outcome.kind === 'applied' || (outcome.kind === 'undone' && isFinished(outcome)))
      await ports.reverter.disarm(waiting.intent.id);
    return { plan: waiting.intent.plan, outcome };
  });
}
