import { readJournal, type Transaction } from '../apply/journal.ts';
import { type Recovery, recover } from '../apply/recover.ts';
import { active, leftAlone, type RolledBackAll, rollback as takeBack } from '../apply/rollback.ts';
import { isWaiting } from '../apply/waiting.ts';
import { unknownNameError } from '../core/errors.ts';
import type { HostReader } from '../core/ports.ts';
import {
  bootTargets,
  type ChangePorts,
  checkPrivilege,
  type Locked,
  type Looking,
  momentOf,
  underLock,
} from './locked.ts';
import type { HostPorts } from './take-snapshot.ts';

/** The newest, everything after one that is kept, or all. */
export type HowFar =
  | { readonly kind: 'newest' }
  | { readonly kind: 'to'; readonly id: string }
  | { readonly kind: 'all' };

export type RollbackRequest = Looking & {
  readonly howFar: HowFar;
  readonly force: boolean;
};

export type RollbackResult = RolledBackAll & {
  readonly recovered: readonly Recovery[];
};

/** @throws UserError for a transaction that does not exist */
function chosen(
  transactions: readonly Transaction[],
  { howFar, force }: RollbackRequest,
): readonly Transaction[] {
  const candidates = new Set([...active(transactions), ...(force ? leftAlone(transactions) : [])]);
  const newestFirst = transactions.filter((each) => candidates.has(each)).reverse();
  switch (howFar.kind) {
    case 'newest':
      return newestFirst.slice(0, 1);
    case 'all':
      return newestFirst;
    case 'to': {
      const id = howFar.id.padStart(6, '0');
      const ids = transactions.map(({ intent }) => intent.id);
      if (!ids.includes(id)) throw unknownNameError('transaction', howFar.id, ids, 'backlogctl history');
      return newestFirst.filter(({ intent }) => intent.id > id);
    }
  }
}

/** Takes back what we did, as far as nobody has changed it since. */
export async function rollback(request: RollbackRequest, ports: ChangePorts): Promise<RollbackResult> {
  return underLock(ports, request, async (locked) => {
    const { context, snapshot, transactions } = locked;
    const recovered = [...locked.recovered, ...(await endWaiting(request, locked, ports))];
    // What was left in the middle, or waited, was the newest: ending it is what was asked for.
    const isDone = request.howFar.kind === 'newest' && recovered.length > 0;
    const done = await takeBack(
      {
        transactions: isDone ? [] : chosen(transactions, request),
        force: request.force,
        targets: bootTargets(snapshot),
      },
      context,
    );
    return { ...done, recovered };
  });
}

/** Takes back at once what waits for its confirmation, where that is meant. */
async function endWaiting(
  { howFar }: RollbackRequest,
  { context, snapshot, transactions }: Locked,
  { reader, reverter }: ChangePorts,
): Promise<readonly Recovery[]> {
  const now = momentOf(reader, context.facts);
  const waiting = transactions.find((each) => isWaiting(each, now));
  if (waiting === undefined) return [];
  const { id } = waiting.intent;
  if (howFar.kind === 'to' && id <= howFar.id.padStart(6, '0')) return [];
  const because = 'it was rolled back before anybody confirmed it';
  const recovery = await recover(waiting, context, bootTargets(snapshot)(waiting), because);
  await reverter.disarm(id);
  return [recovery];
}

/** The journal as it stands, for whoever only looks. @throws UserError where only root may look */
export async function history(
  reader: HostReader,
  identity: HostPorts['identity'],
): Promise<readonly Transaction[]> {
  checkPrivilege({ identity });
  return readJournal(reader, identity.uid);
}
