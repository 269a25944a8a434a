import { type ApplyOutcome, applyPlan, examine } from '../apply/apply.ts';
import type { Recovery } from '../apply/recover.ts';
import { ownNamespace } from '../collect/environment.ts';
import { UserError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import type { HostReader } from '../core/ports.ts';
import type { Plan } from '../plan/plan.ts';
import { type ChangePorts, type Locked, type Looking, underLock } from './locked.ts';
import { readMachineId } from './ours.ts';

export type ApplyRequest = Looking & {
  /** Makes the plan, or hands out the one that was saved. */
  readonly plan: (locked: Locked) => Promise<Plan>;
  /** Asked once the plan is known; false: nothing is done. */
  readonly consent: (plan: Plan) => Promise<boolean>;
  readonly onConflict: 'fail' | 'skip';
  readonly why: string | null;
};

/** What would come of a plan, as far as looking at the host tells. `planned`: it would be carried out. */
type Prospect =
  | Extract<ApplyOutcome, { readonly kind: 'unchanged' | 'stale' }>
  | { readonly kind: 'conflict' | 'planned' };

export type Applied = {
  readonly plan: Plan;
  /** `declined`, `conflict` and, of a dry run, `planned`: nothing was tried. */
  readonly outcome: ApplyOutcome | Prospect | { readonly kind: 'declined' };
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

/**
 * A value in another network namespace is another value.
 * @throws UserError for a plan whose values were looked at in one that this is not
 */
function checkPlanNamespace({ steps }: Plan, netns: string | null): void {
  // Without /proc nothing tells, and apply itself does not run.
  if (netns === '') return;
  const elsewhere = steps.find((step) => step.kind === 'live' && step.target.netns !== netns);
  if (elsewhere?.kind !== 'live') return;
  throw new UserError({
    code: 'refused',
    status: EXIT.refused,
    message: `the plan was made in the network namespace ${elsewhere.target.netns}, and this is ${netns}`,
    hint: 'make one here: backlogctl plan --out FILE',
  });
}

function prospectOf(
  plan: Plan,
  onConflict: 'fail' | 'skip',
  reader: HostReader,
  netns: string | null,
): Prospect {
  checkPlan(plan, readMachineId(reader));
  checkPlanNamespace(plan, netns);
  if (plan.conflicts.length > 0 && onConflict === 'fail') return { kind: 'conflict' };
  const { pending, stale } = examine(plan.steps, { reader });
  if (stale.length > 0) return { kind: 'stale', stale };
  return { kind: pending.length === 0 ? 'unchanged' : 'planned' };
}

/** What apply would come to, without a write and without the lock. @throws UserError like apply */
export function rehearse(plan: Plan, onConflict: 'fail' | 'skip', reader: HostReader): Applied {
  return { plan, outcome: prospectOf(plan, onConflict, reader, ownNamespace(reader)), recovered: [] };
}

async function carryOut(request: ApplyRequest, plan: Plan, locked: Locked): Promise<Applied['outcome']> {
  const { context, transactions } = locked;
  const prospect = prospectOf(plan, request.onConflict, context.ports.reader, context.facts.netns);
  // Nobody is asked about nothing, nor about what cannot be done.
  if (prospect.kind !== 'planned') return prospect;
  if (!(await request.consent(plan))) return { kind: 'declined' };
  return applyPlan({ plan, why: request.why, transactions }, context);
}

/** Plans and carries out, or carries out what was planned: all of it, or nothing. */
export async function apply(request: ApplyRequest, ports: ChangePorts): Promise<Applied> {
  return underLock(ports, request, async (locked) => {
    const plan = await request.plan(locked);
    const outcome = await carryOut(request, plan, locked);
    return { plan, outcome, recovered: locked.recovered };
  });
}
