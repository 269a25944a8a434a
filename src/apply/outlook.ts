import type { HostReader } from '../core/ports.ts';
import type { Step } from '../plan/plan.ts';
import { startedSteps, type Transaction } from './journal.ts';
import type { Standing } from './observe.ts';
import { isUnfinished, liveValuesOf, type Recovery, wasOf } from './recover.ts';
import { standingOf } from './steps.ts';
import type { Whereabouts } from './transaction.ts';
import type { Moment } from './waiting.ts';

/** What a run left in the middle, and what the next one that may write will do about it first. */
export type Outlook = Pick<Recovery, 'id' | 'was'> & {
  readonly begunAt: string;
  /** Live values and files that are put back. */
  readonly values: number;
  readonly files: number;
  /** Such as somebody else changed since, and are left as they are. */
  readonly leftAlone: number;
};

function isForced({ state }: Transaction): boolean {
  return state.kind === 'rolling-back' && state.force;
}

function isPutBack(standing: Standing, force: boolean): boolean {
  switch (standing.kind) {
    case 'to':
    case 'partial':
    case 'unreadable':
      return true;
    case 'foreign':
      return force;
    case 'edited':
      return standing.undone !== null || (force && standing.lost.length > 0);
    case 'from':
    case 'absent':
      return false;
  }
}

function isLeftAlone(standing: Standing): boolean {
  return standing.kind === 'foreign' || (standing.kind === 'edited' && standing.lost.length > 0);
}

function outlookOf(transaction: Transaction, reader: HostReader, facts: Whereabouts): Outlook {
  const { intent } = transaction;
  const hasLive = liveValuesOf({ facts }, transaction) === 'ours';
  const steps = startedSteps(transaction).filter(({ kind }) => kind === 'file' || hasLive);
  const force = isForced(transaction);
  const now = steps.map((step) => ({ step, standing: standingOf(step, { reader }) }));
  const putBack = now.filter(({ standing }) => isPutBack(standing, force)).map(({ step }) => step);
  const count = (kind: Step['kind']) => putBack.filter((step) => step.kind === kind).length;
  return {
    id: intent.id,
    was: wasOf(transaction),
    begunAt: intent.at,
    values: count('live'),
    files: count('file'),
    leftAlone: force ? 0 : now.filter(({ standing }) => isLeftAlone(standing)).length,
  };
}

/** Of all that are unfinished, the oldest first. Decided from the world, as recovery does. */
export function outlooks(
  transactions: readonly Transaction[],
  reader: HostReader,
  now: Moment & Whereabouts,
): readonly Outlook[] {
  return transactions.filter((each) => isUnfinished(each, now)).map((each) => outlookOf(each, reader, now));
}
