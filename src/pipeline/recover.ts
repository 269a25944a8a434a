import { examineJournal, type Transaction } from '../apply/journal.ts';
import { isUnfinished, type Recovery, recover } from '../apply/recover.ts';
import { isWaiting, type Moment } from '../apply/waiting.ts';
import {
  type Barrier,
  type ChangePorts,
  checkPrivilege,
  type Looking,
  momentHere,
  underLock,
} from './locked.ts';

/** What waits in this boot though nobody is there any more who would take it back. */
async function orphanOf(
  transactions: readonly Transaction[],
  now: Moment,
  { reverter }: ChangePorts,
): Promise<Transaction | null> {
  const waiting = transactions.find((each) => isWaiting(each, now));
  return waiting === undefined || (await reverter.isArmed(waiting.intent.id)) ? null : waiting;
}

export type Ended = {
  readonly recovered: readonly Recovery[];
  /** The damaged transaction behind which more may be left in the middle. */
  readonly barrier: Barrier | null;
};

const BOOTED = 'the host was booted before anybody confirmed it';

/**
 * Ends what earlier runs left in the middle, and does nothing else. At a boot nothing is looked at where there is
 * nothing to end; a soft reboot, which keeps live values, is a boot to what waits.
 * @throws UserError like every run that changes the host, and where what was left lies behind damage
 */
export async function recoverUnfinished(looking: Looking, ports: ChangePorts): Promise<Ended> {
  checkPrivilege(ports);
  const { reader, identity } = ports;
  const isBoot = looking.beforeFiles === true;
  const now = momentHere(reader);
  const { transactions, damaged } = await examineJournal(reader, identity.uid);
  const orphan = isBoot ? await orphanOf(transactions, now, ports) : null;
  if (damaged.length === 0 && orphan === null && !transactions.some((each) => isUnfinished(each, now)))
    return { recovered: [], barrier: null };
  return underLock(ports, { ...looking, pastDamage: 'newer' }, async (locked) => {
    const { context, recovered, barrier } = locked;
    const waiting = isBoot ? await orphanOf(locked.transactions, now, ports) : null;
    const taken = waiting === null ? [] : [await recover(waiting, context, () => null, BOOTED)];
    const all = [...recovered, ...taken];
    if (barrier !== null && all.length === 0) throw barrier.error;
    return { recovered: all, barrier };
  });
}
