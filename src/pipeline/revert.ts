import { readJournal, readTransaction, type Transaction } from '../apply/journal.ts';
import { standingOf } from '../apply/steps.ts';
import type { HostFacts } from '../apply/transaction.ts';
import { waitingOf } from '../apply/waiting.ts';
import { isUserError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import type { HostReader } from '../core/ports.ts';
import type { Step } from '../plan/plan.ts';
import { keyToProcPath } from '../sysctl/key.ts';
import { hostFacts } from './host-facts.ts';
import { type ChangePorts, checkPrivilege, type Looking, momentOf, underLock } from './locked.ts';
import { readOnlyMount } from './obstacle.ts';

/** Why the values cannot be put back from here; null where they can, as far as looking tells. */
function whyNotHere({ intent }: Transaction, facts: HostFacts): string | null {
  if (intent.bootId !== facts.bootId) return 'it is of another boot';
  if (intent.machineId !== facts.machineId) return 'it is of another machine';
  return intent.netns === facts.netns ? null : `it would run in the network namespace ${facts.netns}`;
}

function whyNotStep(step: Step, reader: HostReader): string | null {
  const path = step.kind === 'live' ? keyToProcPath(step.target.key) : step.target.path;
  const readOnly = readOnlyMount(reader, path);
  if (readOnly !== null) return `${path} is read-only there (mounted at ${readOnly})`;
  const standing = standingOf(step, { reader });
  return standing.kind === 'from' || standing.kind === 'to' ? null : `${path} is not as it was planned from`;
}

/**
 * Looks at everything that reverting the transaction will need, and changes nothing. The lock is not taken: whoever
 * asks holds it.
 * @returns why reverting it would fail; null where it would not
 */
export async function proveRevert(id: string, { look }: Looking, ports: ChangePorts): Promise<string | null> {
  checkPrivilege(ports);
  const journal = await readJournal(ports.reader, ports.identity.uid);
  const transaction = journal.find(({ intent }) => intent.id === id);
  if (transaction === undefined) return `there is no transaction ${id}`;
  const facts = hostFacts(ports.reader, await look([]), true);
  const elsewhere = whyNotHere(transaction, facts);
  if (elsewhere !== null) return elsewhere;
  return (
    transaction.intent.plan.steps.map((step) => whyNotStep(step, ports.reader)).find((why) => why !== null) ??
    null
  );
}

const LOOK_MS = 2_000;

/**
 * Sleeps while the transaction is being applied or waits, at most so long; what is confirmed or taken back in the
 * meantime is over.
 */
export async function sleepUntilDue(
  id: string,
  milliseconds: number,
  { reader, clock }: Pick<ChangePorts, 'reader' | 'clock'>,
): Promise<void> {
  const end = clock.monotonicMs() + milliseconds;
  for (let left = milliseconds; left > 0; left = end - clock.monotonicMs()) {
    await clock.sleep(Math.min(left, LOOK_MS));
    const { state } = await readTransaction(reader, id);
    if (state.kind !== 'begun' && state.kind !== 'waiting') return;
  }
}

const TRY_AGAIN_MS = 500;
const LONGEST_TRY_MS = 10 * 60_000;

/** Milliseconds that the transaction still waits; null once it is over, be it by this very call. */
function endOrTimeLeft(id: string, looking: Looking, ports: ChangePorts): Promise<number | null> {
  return underLock(ports, { ...looking, pastDamage: 'newer' }, async ({ context, transactions }) => {
    const waiting = waitingOf(transactions, momentOf(ports.reader, context.facts));
    return waiting?.id === id ? waiting.leftMs : null;
  });
}

/**
 * Takes back what nobody confirmed, once its time is over.
 * @throws UserError where another run holds the lock for ten minutes
 */
export async function revertUnconfirmed(id: string, looking: Looking, ports: ChangePorts): Promise<void> {
  const { clock } = ports;
  const giveUp = clock.monotonicMs() + LONGEST_TRY_MS;
  for (;;) {
    try {
      const left = await endOrTimeLeft(id, looking, ports);
      if (left === null) return;
      await clock.sleep(left);
    } catch (thrown) {
      const isBusy = isUserError(thrown) && thrown.status === EXIT.tryAgain;
      if (!isBusy || clock.monotonicMs() > giveUp) throw thrown;
      await clock.sleep(TRY_AGAIN_MS);
    }
  }
}
