import { readJournal, readTransaction, type Transaction } from '../apply/journal.ts';
import { standingOf } from '../apply/steps.ts';
import type { HostFacts } from '../apply/transaction.ts';
import { readBootTimeMs, waitingOf } from '../apply/waiting.ts';
import { isUserError, messageOf } from '../core/errors.ts';
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
 * meantime is over. Short sleeps, and CLOCK_BOOTTIME after each: no sleep counts the time that the host was suspended.
 */
export async function sleepUntilDue(
  id: string,
  milliseconds: number,
  { reader, clock }: Pick<ChangePorts, 'reader' | 'clock'>,
): Promise<void> {
  const startMs = readBootTimeMs(reader);
  for (let left = milliseconds; left > 0; ) {
    await clock.sleep(Math.min(left, LOOK_MS));
    const state = await stateNow(id, reader);
    if (state !== null && state !== 'begun' && state !== 'waiting') return;
    const nowMs = readBootTimeMs(reader);
    // Where nobody can tell, a deadline counts as over.
    left = startMs === null || nowMs === null ? 0 : startMs + milliseconds - nowMs;
  }
}

/** null where it cannot be read: then nothing tells that the transaction is over. */
async function stateNow(id: string, reader: HostReader): Promise<Transaction['state']['kind'] | null> {
  try {
    return (await readTransaction(reader, id)).state.kind;
  } catch {
    return null;
  }
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Milliseconds that the transaction still waits; null once it is over, be it by this very call. */
function endOrTimeLeft(id: string, looking: Looking, ports: ChangePorts): Promise<number | null> {
  return underLock(ports, { ...looking, pastDamage: 'newer' }, async ({ context, transactions }) => {
    const waiting = waitingOf(transactions, momentOf(ports.reader, context.facts));
    return waiting?.id === id ? waiting.leftMs : null;
  });
}

/** Whatever else the next run would have to end, be it another transaction. */
async function isOver(id: string, reader: HostReader): Promise<boolean> {
  const state = await stateNow(id, reader);
  return state === 'committed' || state === 'undone' || state === 'rolled-back';
}

function isBusy(thrown: unknown): boolean {
  return isUserError(thrown) && thrown.status === EXIT.tryAgain;
}

/** Says why it is tried again: once for each reason in turn, and that nobody can be told is no reason to stop. */
function complainer(id: string, { log }: Pick<ChangePorts, 'log'>): (thrown: unknown) => Promise<void> {
  let last: string | null = null;
  return async (thrown) => {
    const why = messageOf(thrown);
    if (why === last) return;
    last = why;
    const message = `${id}: its time is over, it could not be put back yet, and that is tried again: ${why}`;
    await log.log(message).catch(() => false);
  };
}

/**
 * Takes back what nobody confirmed, once its time is over. Nobody else may ever come to do it, so whatever stands in
 * the way (another run, a full disk, no memory for a process) is waited for without end.
 * @throws UserError where we are not root
 */
export async function revertUnconfirmed(id: string, looking: Looking, ports: ChangePorts): Promise<void> {
  checkPrivilege(ports);
  const complain = complainer(id, ports);
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    // Before the lock is asked for: nobody else is to find it taken for nothing.
    if (await isOver(id, ports.reader)) return;
    try {
      const left = await endOrTimeLeft(id, looking, ports);
      if (left === null) return;
      await sleepUntilDue(id, left, ports);
    } catch (thrown) {
      // Another run mostly ends soon, and may be the one that confirms it.
      if (!isBusy(thrown) || pauseMs === LONGEST_PAUSE_MS) await complain(thrown);
      await ports.clock.sleep(pauseMs);
    }
  }
}
