import type { DamageReport } from '../apply/damage.ts';
import { examineJournal, type Journal, readJournal, type Transaction } from '../apply/journal.ts';
import { type Outlook, outlooks } from '../apply/outlook.ts';
import { type Waiting, waitingOf } from '../apply/waiting.ts';
import type { HostReader } from '../core/ports.ts';
import { checkPrivilege, momentHere } from './locked.ts';
import type { HostPorts } from './take-snapshot.ts';
import { type NameOfUser, userNames } from './user-names.ts';

/** @throws UserError where only root may look, and for a journal that is damaged */
export async function transactionsToLookAt(
  reader: HostReader,
  identity: HostPorts['identity'],
): Promise<readonly Transaction[]> {
  checkPrivilege({ identity });
  return readJournal(reader, identity.uid);
}

export type History = Omit<Journal, 'damaged'> & {
  readonly damaged: readonly DamageReport[];
  readonly unfinished: readonly Outlook[];
  /** What goes back by itself unless somebody confirms it. */
  readonly waiting: Waiting | null;
  readonly nameOf: NameOfUser;
};

/** What was done here, damaged or not. @throws UserError where only root may look */
export async function history(reader: HostReader, identity: HostPorts['identity']): Promise<History> {
  checkPrivilege({ identity });
  const journal = await examineJournal(reader, identity.uid, 'against-manifest');
  const now = momentHere(reader);
  const { damageReports } = await import('../apply/damage.ts');
  return {
    ...journal,
    damaged: damageReports(journal, reader),
    unfinished: outlooks(journal.transactions, reader, now),
    waiting: waitingOf(journal.transactions, now),
    nameOf: userNames(reader),
  };
}
