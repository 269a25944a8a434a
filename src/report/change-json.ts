import type { Stale } from '../apply/apply.ts';
import type { Left } from '../apply/records.ts';
import type { Recovery } from '../apply/recover.ts';
import type { Waiting } from '../apply/waiting.ts';
import { wayText } from '../core/way.ts';
import type { Applied } from '../pipeline/apply.ts';
import type { Confirmed } from '../pipeline/confirm.ts';
import type { Ended } from '../pipeline/recover.ts';
import type { RollbackResult } from '../pipeline/rollback.ts';
import type { Status } from '../pipeline/status.ts';
import type { Manual, Plan } from '../plan/plan.ts';
import type {
  ConfirmDocument,
  Receipt,
  RecoveryDocument,
  RollbackDocument,
  StatusDocument,
} from './change-document.ts';
import { leftOut, unsavedText } from './outcome.ts';

function actionOf(command: string | null) {
  const [, action] = /^systemctl (restart|reload)\b/.exec(command ?? '') ?? [];
  return action === 'restart' || action === 'reload' ? action : null;
}

/** Who has to call listen() again for the change to count: what a provisioning run acts on. */
function restartsOf({ manual }: Plan): Receipt['restart'] {
  return manual
    .filter(({ kind }) => kind === 'relisten')
    .map(({ unit, subject, command, disruptive }: Manual) => ({
      unit,
      subject,
      action: actionOf(command),
      command,
      disruptive,
    }));
}

function staleOf({ step, found }: Stale) {
  return { step: step.id, planned: step.kind === 'live' ? step.from : null, found };
}

function whyOf(outcome: Applied['outcome']): string | null {
  switch (outcome.kind) {
    case 'undone':
      return outcome.why;
    case 'no-journal':
      return unsavedText(outcome.failure);
    default:
      return null;
  }
}

export function leftJson(left: readonly Left[]) {
  return left.map((each) => ({ ...each }));
}

function recoveredJson(recovered: readonly Recovery[]) {
  return recovered.map(({ left, ...each }) => ({ ...each, left: leftJson(left) }));
}

export function waitingJson(waiting: Waiting | null) {
  return waiting === null ? null : { id: waiting.id, secondsLeft: waiting.leftMs / 1000 };
}

/** What `apply --json` prints. */
export function receipt({ plan, outcome, recovered }: Applied, dryRun: boolean): Receipt {
  // What could not be put back is changed too.
  const changed =
    outcome.kind === 'applied' ||
    outcome.kind === 'waiting' ||
    (outcome.kind === 'undone' && outcome.left.length > 0);
  return {
    kind: 'receipt',
    schemaVersion: 0,
    changed,
    dryRun,
    outcome: outcome.kind,
    transaction: 'id' in outcome ? outcome.id : null,
    secondsLeft: outcome.kind === 'waiting' ? outcome.leftMs / 1000 : null,
    why: whyOf(outcome),
    left: outcome.kind === 'undone' ? leftJson(outcome.left) : [],
    stale: outcome.kind === 'stale' ? outcome.stale.map(staleOf) : [],
    recovered: recoveredJson(recovered),
    restart: restartsOf(plan),
    // A conflict that nothing passed over is the outcome itself.
    leftOut: leftOut(outcome.kind === 'conflict' ? { ...plan, conflicts: [] } : plan),
    plan,
  };
}

/** What `confirm --json` prints. */
export function confirmDocument({ plan, outcome }: Confirmed): ConfirmDocument {
  return {
    kind: 'confirm',
    schemaVersion: 0,
    outcome: outcome.kind,
    transaction: outcome.id,
    why: outcome.kind === 'undone' ? outcome.why : null,
    left: outcome.kind === 'undone' ? leftJson(outcome.left) : [],
    stale: outcome.kind === 'changed' ? outcome.stale.map(staleOf) : [],
    restart: outcome.kind === 'applied' ? restartsOf(plan) : [],
  };
}

/** What `recover --json` prints. */
export function recoveryDocument({ recovered, barrier }: Ended): RecoveryDocument {
  return {
    kind: 'recovery',
    schemaVersion: 0,
    changed: recovered.length > 0,
    damaged: barrier?.error.message ?? null,
    recovered: recoveredJson(recovered),
  };
}

/** What `rollback --json` prints. */
export function rollbackDocument({
  rolledBack,
  recovered,
  stopped,
  barrier,
}: RollbackResult): RollbackDocument {
  return {
    kind: 'rollback',
    schemaVersion: 0,
    changed: rolledBack.length > 0 || recovered.length > 0,
    stopped: barrier === null ? stopped : 'damaged',
    damaged: barrier?.error.message ?? null,
    transactions: rolledBack.map(({ restored, left, ...each }) => ({
      ...each,
      restored: restored.map(({ step, ...each }) => ({ ...each, step: step.id })),
      left: leftJson(left),
    })),
    recovered: recoveredJson(recovered),
  };
}

/** What `status --json` prints. */
export function statusDocument({
  keys,
  unfinished,
  waiting,
  othersDiffer,
  others,
  ...seen
}: Status): StatusDocument {
  return {
    kind: 'status',
    schemaVersion: 0,
    keys: keys.map(({ ways, ...each }) => ({ ...each, ways: ways.map(wayText) })),
    unfinished: unfinished.map((each) => ({ ...each })),
    waiting: waitingJson(waiting),
    ...seen,
    othersDiffer: [...othersDiffer],
    others: others?.map((each) => ({ ...each })) ?? null,
  };
}
