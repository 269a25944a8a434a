import { examineJournal } from '../apply/journal.ts';
import { isUnfinished, type Recovery } from '../apply/recover.ts';
import { readBootId } from './host-facts.ts';
import { type ChangePorts, checkPrivilege, type Looking, momentOf, underLock } from './locked.ts';

/**
 * Ends what earlier runs left in the middle, and does nothing else. At a boot nothing is looked at where there is
 * nothing to end.
 * @throws UserError like every run that changes the host, and where what was left lies behind damage
 */
export async function recoverUnfinished(looking: Looking, ports: ChangePorts): Promise<readonly Recovery[]> {
  checkPrivilege(ports);
  const { reader, identity } = ports;
  const now = momentOf(reader, { bootId: looking.live ? readBootId(reader) : null });
  const { transactions, damaged } = await examineJournal(reader, identity.uid);
  if (damaged.length === 0 && !transactions.some((each) => isUnfinished(each, now))) return [];
  return underLock(ports, { ...looking, pastDamage: 'newer' }, async ({ recovered, barrier }) => {
    if (barrier !== null && recovered.length === 0) throw barrier.error;
    return recovered;
  });
}
