import { type ApplyOutcome, applyPlan, examine } from '../apply/apply.ts';
import { type ConfirmOutcome, confirmTransaction } from '../apply/confirm.ts';
import { readJournal, type Transaction } from '../apply/journal.ts';
import { isFinished, type Recovery, recover } from '../apply/recover.ts';
import { nameOf } from '../apply/steps.ts';
import { isWaiting, type Moment, waitingOf } from '../apply/waiting.ts';
import { ownNamespace } from '../collect/environment.ts';
import { durationText } from '../core/duration.ts';
import { refusedError } from '../core/errors.ts';
import { type HostReader, type Identity, isHost, typedCommand } from '../core/ports.ts';
import type { Signal } from '../core/signals.ts';
import type { Plan } from '../plan/plan.ts';
import { readMachineId } from './host-facts.ts';
import { type ChangePorts, type Locked, type Looking, momentHere, momentOf, underLock } from './locked.ts';
import { checkNoObstacle, hindranceOf } from './obstacle.ts';
import { checkReach } from './reach.ts';

export type ApplyRequest = Looking & {
  /** Makes the plan, or hands out the one that was saved. */
  readonly plan: (locked: Locked) => Promise<Plan>;
  /** Asked once the plan is known; false: nothing is done. Null where whoever was asked gave up (Ctrl-C). */
  readonly consent: (plan: Plan) => Promise<boolean | null>;
  readonly onConflict: 'fail' | 'skip';
  readonly why: string | null;
  /** null: it stands at once. */
  readonly window: ConfirmWindow | null;
};

/** How long live values stand unless they are confirmed. */
export type ConfirmWindow = {
  readonly milliseconds: number;
  /** Stands in for a person. @returns why it is not content, null where it is */
  readonly check: ((milliseconds: number) => Promise<string | null>) | null;
};

/** What would come of a plan, as far as looking at the host tells. `planned`: it would be carried out. */
type Prospect =
  | Extract<ApplyOutcome, { readonly kind: 'unchanged' | 'stale' }>
  | { readonly kind: 'conflict' | 'planned' };

export type Applied = {
  readonly plan: Plan;
  /** `declined`, `interrupted`, `conflict` and, of a dry run, `planned`: nothing was tried. */
  readonly outcome:
    | ApplyOutcome
    | Prospect
    | { readonly kind: 'declined' }
    | { readonly kind: 'interrupted'; readonly signal: Signal };
  readonly recovered: readonly Recovery[];
};

function howToMakeOne(reader: HostReader): string {
  // Of another tree no kernel runs.
  const limits = isHost(reader) ? '' : ' --no-live';
  return `make one here: ${typedCommand(`plan${limits} --out FILE`, reader)}`;
}

/** @throws UserError for a plan of another machine: its old values are not this one's */
function checkPlan({ host }: Plan, reader: HostReader): void {
  if (host.machineId === null || host.machineId === readMachineId(reader)) return;
  throw refusedError('the plan was made on another machine', howToMakeOne(reader));
}

/**
 * A value in another network namespace is another value.
 * @throws UserError for a plan whose values were looked at in one that this is not
 */
function checkPlanNamespace({ steps }: Plan, netns: string | null, reader: HostReader): void {
  // Without /proc nothing tells, and apply itself does not run.
  if (netns === '') return;
  const elsewhere = steps.find((step) => step.kind === 'live' && step.target.netns !== netns);
  if (elsewhere?.kind !== 'live') return;
  throw refusedError(
    `the plan was made in the network namespace ${elsewhere.target.netns}, and this is ${netns}`,
    howToMakeOne(reader),
  );
}

const FOR_NOW = 'make a plan for the running kernel only: backlogctl plan --no-persist … --out FILE';

/** @throws UserError for a plan that is not for here, or whose files could not be kept here */
function prospectOf(
  plan: Plan,
  onConflict: 'fail' | 'skip',
  reader: HostReader,
  netns: string | null,
): Prospect {
  checkPlan(plan, reader);
  checkPlanNamespace(plan, netns, reader);
  if (plan.conflicts.length > 0 && onConflict === 'fail') return { kind: 'conflict' };
  const { pending, stale } = examine(plan.steps, { reader });
  if (stale.length > 0) return { kind: 'stale', stale };
  checkNoObstacle(pending, reader, isHost(reader) ? FOR_NOW : null);
  return { kind: pending.length === 0 ? 'unchanged' : 'planned' };
}

/** What apply would come to, without a write and without the lock. @throws UserError like apply */
export function rehearse(
  plan: Plan,
  onConflict: 'fail' | 'skip',
  transactions: readonly Transaction[],
  ports: Pick<ChangePorts, 'reader' | 'running'>,
): Applied {
  const { reader } = ports;
  const here = momentHere(reader);
  checkReach(transactions, { ...here, machineId: readMachineId(reader) }, ports);
  checkNoneWaits(transactions, here, reader);
  return { plan, outcome: prospectOf(plan, onConflict, reader, ownNamespace(reader)), recovered: [] };
}

/** @throws UserError where an earlier run waits to be confirmed: what is planned on it may be gone in a moment */
function checkNoneWaits(transactions: readonly Transaction[], now: Moment, reader: HostReader): void {
  const waiting = waitingOf(transactions, now);
  if (waiting === null) return;
  throw refusedError(
    `transaction ${waiting.id} waits to be confirmed, and goes back in ${durationText(waiting.leftMs)}`,
    `keep it with ${typedCommand('confirm', reader)}, or take it back with ${typedCommand('rollback', reader)}`,
  );
}

async function carryOut(
  request: ApplyRequest,
  plan: Plan,
  locked: Locked,
  ports: ChangePorts,
): Promise<Applied['outcome']> {
  const { context, transactions } = locked;
  // The host may have been looked at for long (--sample).
  const signal = ports.interrupted();
  if (signal !== null) return { kind: 'interrupted', signal };
  const prospect = prospectOf(plan, request.onConflict, context.ports.reader, context.facts.netns);
  // Nobody is asked about nothing, nor about what cannot be done.
  if (prospect.kind !== 'planned') return prospect;
  const consent = await request.consent(plan);
  if (consent === null) return { kind: 'interrupted', signal: 'SIGINT' };
  if (!consent) return { kind: 'declined' };
  const { reverter } = ports;
  const window = request.window === null ? null : { milliseconds: request.window.milliseconds, reverter };
  const outcome = await applyPlan({ plan, why: request.why, transactions, window }, context);
  return outcome.kind === 'waiting' && request.window?.check
    ? decide(outcome, request.window.check, locked, ports)
    : outcome;
}

/** As the journal has it now. */
async function begun(id: string, reader: HostReader, { uid }: Identity): Promise<Transaction> {
  const transactions = await readJournal(reader, uid);
  const transaction = transactions.find(({ intent }) => intent.id === id);
  if (transaction === undefined) throw new TypeError('what was begun stands in the journal');
  return transaction;
}

/** Has the program decide while the lock is held: whatever it says, nothing waits any more. */
async function decide(
  waiting: Extract<ApplyOutcome, { kind: 'waiting' }>,
  check: NonNullable<ConfirmWindow['check']>,
  { context }: Locked,
  { reader, reverter, identity, interrupted }: ChangePorts,
): Promise<ApplyOutcome> {
  const answer = (await check(waiting.leftMs)) ?? hindranceOf(waiting.steps, reader)?.message ?? null;
  const transaction = await begun(waiting.id, reader, identity);
  const isLate = !isWaiting(transaction, momentOf(reader, context.facts));
  const complaint = answer ?? (isLate ? 'the program was not done in time' : null);
  const outcome = complaint === null ? await confirmTransaction(transaction, context) : null;
  if (outcome?.kind === 'applied' || outcome?.kind === 'undone') {
    if (outcome.kind === 'applied' || isFinished(outcome)) await reverter.disarm(waiting.id);
    return outcome;
  }
  const why = complaint ?? notKept(outcome);
  // A record that could not be written may have left a part of its line.
  const now = await begun(waiting.id, reader, identity);
  const { left: notBack } = await recover(now, context, () => null, why);
  if (isFinished({ left: notBack })) await reverter.disarm(waiting.id);
  return { kind: 'undone', id: waiting.id, why, signal: interrupted(), left: notBack };
}

function notKept(outcome: Exclude<ConfirmOutcome, { kind: 'applied' | 'undone' }> | null): string {
  return outcome?.kind === 'changed'
    ? `${outcome.stale.map(({ step }) => nameOf(step)).join(', ')} changed while it was checked`
    : 'the journal could not be written';
}

/** Plans and carries out, or carries out what was planned: all of it, or nothing. */
export async function apply(request: ApplyRequest, ports: ChangePorts): Promise<Applied> {
  return underLock(ports, request, async (locked) => {
    checkNoneWaits(locked.transactions, momentOf(ports.reader, locked.context.facts), ports.reader);
    const plan = await request.plan(locked);
    const outcome = await carryOut(request, plan, locked, ports);
    return { plan, outcome, recovered: locked.recovered };
  });
}
