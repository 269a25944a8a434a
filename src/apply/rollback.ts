import type { Signal } from '../core/signals.ts';
import { startedSteps, type Transaction } from './journal.ts';
import type { Left } from './records.ts';
import { type BootTargets, JOURNAL_FAILED, liveTargetIn, liveValuesOf } from './recover.ts';
import { type ApplyContext, running } from './run.ts';
import { type Restored, undoSteps } from './undo.ts';

export type RolledBack = {
  readonly id: string;
  /** Finished; what is named in `left` was left alone or waits for a boot. Not finished where something failed. */
  readonly finished: boolean;
  readonly restored: readonly Restored[];
  readonly left: readonly Left[];
};

export type RollbackRequest = {
  /** Committed ones, or with force such as left something alone; the newest first. */
  readonly transactions: readonly Transaction[];
  readonly force: boolean;
  /** Resolved with the files as each transaction found them. */
  readonly targets: (transaction: Transaction) => BootTargets;
};

/** What may be taken back: applied, and not taken back yet. */
export function isActive({ state }: Transaction): boolean {
  return state.kind === 'committed';
}

/** All of them, the oldest first. */
export function active(transactions: readonly Transaction[]): readonly Transaction[] {
  return transactions.filter(isActive);
}

/** Rolled back before, but for what somebody else had changed: `--force` may take that back besides. */
export function isLeftAlone({ state }: Transaction): boolean {
  return state.kind === 'rolled-back' && state.left.some(({ why }) => why === 'foreign');
}

async function rollbackOne(
  transaction: Transaction,
  { force, targets }: RollbackRequest,
  context: ApplyContext,
): Promise<RolledBack> {
  const { ports } = context;
  const { id } = transaction.intent;
  const run = running(transaction, ports);
  if (!(await run.note({ kind: 'rolling-back', at: ports.clock.now(), force }))) {
    const detail = 'the journal could not be written, so nothing was changed';
    return { id, finished: false, restored: [], left: [{ step: 'journal', why: 'failed', detail }] };
  }
  const liveTarget = liveTargetIn(context, transaction, targets(transaction));
  const live = liveValuesOf(context, transaction);
  const options = { id, force, live, partialIsOurs: false, liveTarget };
  const { restored, left } = await undoSteps(startedSteps(transaction), options, ports);
  const hasFailed = left.some(({ why }) => why === 'failed');
  const isNoted = !hasFailed && (await run.note({ kind: 'rolled-back', at: ports.clock.now(), left }));
  await ports.log.log(`${id}: rolled back${left.length === 0 ? '' : `, but for ${left.length}`}`);
  const unsaid = hasFailed || isNoted ? [] : [JOURNAL_FAILED];
  return { id, finished: isNoted, restored, left: [...left, ...unsaid] };
}

/** Why a rollback ended before the last of its transactions. */
export type Stopped = Signal | 'lock-lost';

export type RolledBackAll = {
  readonly rolledBack: readonly RolledBack[];
  readonly stopped: Stopped | null;
};

function stopOf({ ports }: ApplyContext): Stopped | null {
  return ports.interrupted() ?? (ports.lock.isHeld() ? null : 'lock-lost');
}

/** Takes back transactions, the newest first; stops at one that cannot be finished. */
export async function rollback(request: RollbackRequest, context: ApplyContext): Promise<RolledBackAll> {
  const rolledBack: RolledBack[] = [];
  for (const transaction of request.transactions) {
    const stopped = stopOf(context);
    if (stopped !== null) return { rolledBack, stopped };
    const done = await rollbackOne(transaction, request, context);
    rolledBack.push(done);
    if (!done.finished) break;
  }
  return { rolledBack, stopped: null };
}
