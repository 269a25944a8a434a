import { type ApplyOutcome, applyNow, examine, type Stale } from './apply.ts';
import { startedSteps, type Transaction } from './journal.ts';
import { type ApplyContext, running } from './run.ts';
import { standingOf } from './steps.ts';

export type ConfirmOutcome =
  /** Somebody changed a live value or a file since; it still waits. */
  | { readonly kind: 'changed'; readonly id: string; readonly stale: readonly Stale[] }
  /** The journal could not say so, and nothing was written; it still waits. */
  | { readonly kind: 'no-record'; readonly id: string }
  | Extract<ApplyOutcome, { kind: 'applied' | 'undone' }>;

/** Live values that are no longer as they were set: what would be kept is not what was tried. */
function changedSince(transaction: Transaction, { ports }: ApplyContext): readonly Stale[] {
  return startedSteps(transaction).flatMap((step) => {
    const standing = standingOf(step, ports);
    if (standing.kind === 'to') return [];
    return [{ step, found: 'found' in standing ? standing.found : 'as it was before' }];
  });
}

/** Keeps what waited: writes its files, or puts everything back where that fails. */
export async function confirmTransaction(
  transaction: Transaction,
  context: ApplyContext,
): Promise<ConfirmOutcome> {
  const { id, plan } = transaction.intent;
  const { pending, stale } = examine(
    plan.steps.filter(({ kind }) => kind === 'file'),
    context.ports,
  );
  const changed = [...changedSince(transaction, context), ...stale];
  if (changed.length > 0) return { kind: 'changed', id, stale: changed };
  const run = running(transaction, context.ports);
  const isNoted = await run.note({ kind: 'confirming', at: context.ports.clock.now() });
  if (!isNoted) return { kind: 'no-record', id };
  const outcome = await applyNow(pending, run, context);
  return outcome.kind === 'applied' ? { ...outcome, steps: plan.steps } : outcome;
}
