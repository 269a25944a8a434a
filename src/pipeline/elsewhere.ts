import type { Transaction } from '../apply/journal.ts';
import { isWhereItWasSet } from '../apply/same-host.ts';
import type { HostFacts } from '../apply/transaction.ts';
import { isNamespaceThere } from '../collect/environment.ts';
import type { HostReader } from '../core/ports.ts';

/** Whether its live values stand in another network namespace, which is still there: nothing that is done here reaches them. */
export function isElsewhere(
  { intent }: Pick<Transaction, 'intent'>,
  here: Pick<HostFacts, 'bootId' | 'netns'>,
  reader: HostReader,
): boolean {
  return (
    here.bootId !== null &&
    intent.bootId === here.bootId &&
    !isWhereItWasSet(intent, here) &&
    isNamespaceThere(intent.netns ?? '', reader) &&
    intent.plan.steps.some(({ kind }) => kind === 'live')
  );
}
