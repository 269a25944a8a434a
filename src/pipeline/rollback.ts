import type { Transaction } from '../apply/journal.ts';
import { isFinished, type Recovery, recover } from '../apply/recover.ts';
import { isActive, isLeftAlone, type RolledBackAll, rollback as takeBack } from '../apply/rollback.ts';
import { isWaiting } from '../apply/waiting.ts';
import { unknownNameError } from '../core/errors.ts';
import { typedCommand } from '../core/ports.ts';
import { bootTargets } from './boot-targets.ts';
import { type Barrier, type ChangePorts, type Locked, type Looking, momentOf, underLock } from './locked.ts';
import { isElsewhere } from './reach.ts';

/** The newest, everything after one that is kept, or all. */
export type HowFar =
  | { readonly kind: 'newest' }
  | { readonly kind: 'to'; readonly id: string }
  | { readonly kind: 'all' };

export type RollbackRequest = Omit<Looking, 'pastDamage'> & {
  readonly howFar: HowFar;
  readonly force: boolean;
};

export type RollbackResult = RolledBackAll & {
  readonly recovered: readonly Recovery[];
  /** The damaged transaction before which it ended, though more was asked for. */
  readonly barrier: Barrier | null;
};

type Chosen = { readonly transactions: readonly Transaction[]; readonly barrier: Barrier | null };

/** What is older than one that is damaged is out of reach. @throws UserError for a transaction that does not exist */
function chosen({ transactions, barrier, context }: Locked, { howFar, force }: RollbackRequest): Chosen {
  const { reader } = context.ports;
  const isForced = (each: Transaction) =>
    force && isLeftAlone(each) && !isElsewhere(each, context.facts, reader);
  const newestFirst = transactions.filter((each) => isActive(each) || isForced(each)).reverse();
  switch (howFar.kind) {
    case 'newest':
      return { transactions: newestFirst.slice(0, 1), barrier: newestFirst.length === 0 ? barrier : null };
    case 'all':
      return { transactions: newestFirst, barrier };
    case 'to': {
      const id = howFar.id.padStart(6, '0');
      const isBehind = barrier !== null && id < barrier.id;
      if (isBehind) return { transactions: newestFirst, barrier };
      const ids = [...(barrier === null ? [] : [barrier.id]), ...transactions.map(({ intent }) => intent.id)];
      if (!ids.includes(id))
        throw unknownNameError('transaction', howFar.id, ids, typedCommand('history', reader));
      return { transactions: newestFirst.filter(({ intent }) => intent.id > id), barrier: null };
    }
  }
}

const NOTHING_BACK = { rolledBack: [], stopped: null, barrier: null } as const;

/** Takes back what we did, as far as nobody has changed it since, and as far as the journal can be read. */
export async function rollback(request: RollbackRequest, ports: ChangePorts): Promise<RollbackResult> {
  const looking: Looking = { ...request, pastDamage: 'newer' };
  return underLock(ports, looking, async (locked) => {
    const { context, snapshot } = locked;
    // A number that is none is an error before anything goes back.
    const asked = chosen(locked, request);
    const recovered = [...locked.recovered, ...(await endWaiting(request, locked, ports))];
    // What is older goes back to what stood before it, which is not there as long as this is not back.
    if (!recovered.every(isFinished)) return { ...NOTHING_BACK, recovered };
    // What was left in the middle, or waited, was the newest: ending it is what was asked for.
    const isDone = request.howFar.kind === 'newest' && recovered.length > 0;
    const wanted = isDone ? { transactions: [], barrier: null } : asked;
    const isNothing = wanted.transactions.length === 0 && recovered.length === 0;
    if (isNothing && wanted.barrier !== null) throw wanted.barrier.error;
    const done = await takeBack(
      { transactions: wanted.transactions, force: request.force, targets: bootTargets(snapshot) },
      context,
    );
    const isThrough = done.stopped === null && done.rolledBack.every(({ finished }) => finished);
    return { ...done, recovered, barrier: isThrough ? wanted.barrier : null };
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
  if (isFinished(recovery)) await reverter.disarm(id);
  return [recovery];
}
