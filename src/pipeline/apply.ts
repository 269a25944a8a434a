import { type ApplyOutcome, applyPlan, examine } from '../apply/apply.ts';
import type { Recovery } from '../apply/recover.ts';
import type { Who } from '../apply/transaction.ts';
import { UserError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import type { Plan } from '../plan/plan.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { type ChangePorts, type Locked, underLock } from './locked.ts';
import { readMachineId } from './ours.ts';
import { runFacts } from './run-facts.ts';

export type ApplyRequest = {
  /** The facts that the plan rests on; collected anew under the lock. */
  readonly look: () => Promise<Snapshot>;
  /** Makes the plan, or hands out the one that was saved. */
  readonly plan: (snapshot: Snapshot, locked: Locked) => Promise<Plan>;
  /** Asked once the plan is known; false: nothing is done. */
  readonly consent: (plan: Plan) => Promise<boolean>;
  readonly onConflict: 'fail' | 'skip';
  readonly live: boolean;
  readonly why: string | null;
  readonly who: Who;
};

export type Applied = {
  readonly plan: Plan;
  /** `declined`, `conflict` and, of a dry run, `planned`: nothing was tried. */
  readonly outcome: ApplyOutcome | { readonly kind: 'declined' | 'conflict' | 'planned' };
  readonly recovered: readonly Recovery[];
};

/** @throws UserError for a plan of another machine: its old values are not this one's */
function checkPlan({ host }: Plan, machineId: string | null): void {
  if (host.machineId === null || host.machineId === machineId) return;
  throw new UserError({
    code: 'refused',
    status: EXIT.refused,
    message: 'the plan was made on another machine',
    hint: 'make one here: backlogctl plan --out FILE',
  });
}

async function carryOut(request: ApplyRequest, plan: Plan, locked: Locked): Promise<Applied['outcome']> {
  if (plan.conflicts.length > 0 && request.onConflict === 'fail') return { kind: 'conflict' };
  const { pending, stale } = examine(plan.steps, locked.context);
  // Nobody is asked about nothing, nor about what cannot be done.
  if (pending.length > 0 && stale.length === 0 && !(await request.consent(plan))) {
    return { kind: 'declined' };
  }
  return applyPlan({ plan, why: request.why, transactions: locked.transactions }, locked.context);
}

/** Plans and carries out, or carries out what was planned: all of it, or nothing. */
export async function apply(request: ApplyRequest, ports: ChangePorts): Promise<Applied> {
  const look = async () => {
    const snapshot = await request.look();
    return { snapshot, facts: runFacts(ports.reader, snapshot, request.who, request.live) };
  };
  return underLock(ports, look, async (locked) => {
    // What was recovered has changed the host since it was looked at.
    const plan = await request.plan(await request.look(), locked);
    checkPlan(plan, readMachineId(ports.reader));
    const outcome = await carryOut(request, plan, locked);
    return { plan, outcome, recovered: locked.recovered };
  });
}
