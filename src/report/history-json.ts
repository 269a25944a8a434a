import type { DamageReport } from '../apply/damage.ts';
import type { Transaction } from '../apply/journal.ts';
import type { History } from '../pipeline/history.ts';
import type { TransactionReport } from '../pipeline/transaction-report.ts';
import { leftJson, waitingJson } from './change-json.ts';
import type { HistoryDocument, TransactionDocument } from './history-document.ts';

function leftOf({ state }: Transaction) {
  return leftJson('left' in state ? state.left : []);
}

function transactionJson(transaction: Transaction): HistoryDocument['transactions'][number] {
  const { intent, state } = transaction;
  return {
    id: intent.id,
    at: intent.at,
    state: state.kind,
    who: intent.who,
    why: intent.why,
    profiles: intent.plan.profiles,
    steps: intent.plan.steps,
    endedAt: 'at' in state ? state.at : null,
    left: leftOf(transaction),
  };
}

function damagedJson({
  keptText,
  kept,
  ways,
  at,
  ...rest
}: DamageReport): HistoryDocument['damaged'][number] {
  return {
    ...rest,
    at: { ...at },
    kept: kept.map((each) => ({ ...each })),
    ways: ways.map((each) => ({ ...each })),
  };
}

/** What `history --json` prints. */
export function historyDocument({
  transactions,
  unfinished,
  waiting,
  damaged,
  setAside,
}: Omit<History, 'nameOf'>): HistoryDocument {
  return {
    kind: 'history',
    schemaVersion: 0,
    transactions: transactions.map(transactionJson),
    unfinished: unfinished.map((each) => ({ ...each })),
    waiting: waitingJson(waiting),
    damaged: damaged.map(damagedJson),
    setAside: setAside.map((each) => ({ ...each })),
  };
}

function eventsOf({ intent, records }: Transaction): TransactionDocument['events'] {
  const later = records.flatMap((record) =>
    record.kind === 'started'
      ? []
      : [{ at: record.at, kind: record.kind, why: record.kind === 'undoing' ? record.why : null }],
  );
  return [{ at: intent.at, kind: 'begun', why: null }, ...later];
}

/** What `history show --json` prints. */
export function transactionDocument(report: TransactionReport): TransactionDocument {
  const { transaction, nameOf, undo, kept } = report;
  const { id, who, why, kernel, plan } = transaction.intent;
  return {
    kind: 'transaction-report',
    schemaVersion: 0,
    id,
    state: transaction.state.kind,
    who: {
      ...who,
      userName: nameOf(who.uid),
      loginName: who.loginUid === null ? null : nameOf(who.loginUid),
    },
    why,
    kernel,
    boot: report.boot,
    profiles: plan.profiles,
    events: eventsOf(transaction),
    steps: report.steps.map((each) => ({ ...each, now: { ...each.now } })),
    left: leftOf(transaction),
    undo: undo === null ? null : { ...undo, options: [...undo.options], before: [...undo.before] },
    secondsLeft: report.leftMs === null ? null : report.leftMs / 1000,
    byHand: {
      directory: report.directory,
      commands: report.byHand.map(({ command }) => command),
      kept: kept.map((each) => ({ ...each })),
    },
  };
}
