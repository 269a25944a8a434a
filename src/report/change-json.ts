import type { Stale } from '../apply/apply.ts';
import type { Transaction } from '../apply/journal.ts';
import type { Applied } from '../pipeline/apply.ts';
import type { RollbackResult } from '../pipeline/rollback.ts';
import type { Manual, Plan } from '../plan/plan.ts';

const TYPED = /^systemctl (restart|reload)\b/;

/** Who has to call listen() again for the change to count: what a provisioning run acts on. */
function restartsOf({ manual }: Plan) {
  return manual
    .filter(({ kind }) => kind === 'relisten')
    .map(({ unit, subject, command, disruptive }: Manual) => ({
      unit,
      subject,
      action: TYPED.exec(command ?? '')?.[1] ?? null,
      command,
      disruptive,
    }));
}

function staleOf({ step, found }: Stale) {
  return { step: step.id, planned: step.kind === 'live' ? step.from : null, found };
}

/** What `apply --json` prints. */
export function receipt({ plan, outcome, recovered }: Applied, dryRun: boolean) {
  const changed = outcome.kind === 'applied';
  return {
    kind: 'receipt',
    schemaVersion: 0,
    changed,
    dryRun,
    outcome: outcome.kind,
    transaction: outcome.kind === 'applied' || outcome.kind === 'undone' ? outcome.id : null,
    why: outcome.kind === 'undone' ? outcome.why : null,
    left: outcome.kind === 'undone' ? [...outcome.left] : [],
    stale: outcome.kind === 'stale' ? outcome.stale.map(staleOf) : [],
    recovered: recovered.map((each) => ({ ...each })),
    restart: restartsOf(plan),
    plan,
  };
}

/** What `rollback --json` prints. */
export function rollbackDocument({ rolledBack, recovered, stopped }: RollbackResult) {
  return {
    kind: 'rollback',
    schemaVersion: 0,
    changed: rolledBack.length > 0 || recovered.length > 0,
    stopped,
    transactions: rolledBack.map(({ restored, ...each }) => ({
      ...each,
      restored: restored.map(({ step, to }) => ({ step: step.id, to })),
    })),
    recovered: recovered.map((each) => ({ ...each })),
  };
}

/** What `history --json` prints. */
export function historyDocument(transactions: readonly Transaction[]) {
  return {
    kind: 'history',
    schemaVersion: 0,
    transactions: transactions.map(({ intent, state }) => ({
      id: intent.id,
      at: intent.at,
      state: state.kind,
      who: intent.who,
      why: intent.why,
      profiles: intent.plan.profiles,
      steps: intent.plan.steps,
      endedAt: 'at' in state ? state.at : null,
      left: 'left' in state ? state.left : [],
    })),
  };
}
