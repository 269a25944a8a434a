import { readJournal } from '../apply/journal.ts';
import { isUnfinished, type Recovery } from '../apply/recover.ts';
import { readBootId } from './host-facts.ts';
import { type ChangePorts, checkPrivilege, type Looking, momentOf, underLock } from './locked.ts';

/**
 * Ends what earlier runs left in the middle, and does nothing else. At a boot nothing is looked at where there is
 * nothing to end.
 * @throws UserError like every run that changes the host
 */
export async function recoverUnfinished(looking: Looking, ports: ChangePorts): Promise<readonly Recovery[]> {
  checkPrivilege(ports);
  const { reader, identity } = ports;
  const now = momentOf(reader, { bootId: looking.live ? readBootId(reader) : null });
  const transactions = await readJournal(reader, identity.uid);
  if (!transactions.some((each) => isUnfinished(each, now))) return [];
  return underLock(ports, looking, async ({ recovered }) => recovered);
}
