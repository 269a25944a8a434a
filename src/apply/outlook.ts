import type { HostReader } from '../core/ports.ts';
import type { Step } from '../plan/plan.ts';
import { startedSteps, type Transaction } from './journal.ts';
import { isUnfinished, type Recovery } from './recover.ts';
import { standingOf } from './steps.ts';

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

function outlookOf(transaction: Transaction, reader: HostReader): Outlook {
  const { intent, state } = transaction;
  const steps = startedSteps(transaction).filter(({ kind }) => kind === 'file' || intent.bootId !== null);
  const force = isForced(transaction);
  const standing = steps.map((step) => ({ step, kind: standingOf(step, { reader }).kind }));
  const isPutBack = (kind: string) =>
    kind === 'to' || kind === 'partial' || (force && kind === 'foreign') || kind === 'unreadable';
  const putBack = standing.filter(({ kind }) => isPutBack(kind)).map(({ step }) => step);
  const count = (kind: Step['kind']) => putBack.filter((step) => step.kind === kind).length;
  return {
    id: intent.id,
    was: state.kind === 'rolling-back' ? 'rolling-back' : 'applying',
    begunAt: intent.at,
    values: count('live'),
    files: count('file'),
    leftAlone: force ? 0 : standing.filter(({ kind }) => kind === 'foreign').length,
  };
}

/** Of all that are unfinished, the oldest first. Decided from the world, as recovery does. */
export function outlooks(transactions: readonly Transaction[], reader: HostReader): readonly Outlook[] {
  return transactions.filter(isUnfinished).map((each) => outlookOf(each, reader));
}
