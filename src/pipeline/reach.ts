import type { Transaction } from '../apply/journal.ts';
import { STATE_DIRECTORY } from '../apply/journal-names.ts';
import { isLeftAlone } from '../apply/rollback.ts';
import { isWhereItWasSet } from '../apply/same-host.ts';
import type { HostFacts, Whereabouts } from '../apply/transaction.ts';
import { isInFirstPidNamespace, isNamespaceThere } from '../collect/environment.ts';
import { refusedError } from '../core/errors.ts';
import { type HostReader, isHost } from '../core/ports.ts';
import { readBootId } from './host-facts.ts';
import type { HostPorts } from './take-snapshot.ts';

/** What can be taken back from where we are: a value of another machine, kernel or network namespace is another value. */

/** Whether its live values stand in another network namespace, which is still there: nothing that is done here reaches them. */
export function isElsewhere(transaction: Transaction, here: Whereabouts, reader: HostReader): boolean {
  const { intent } = transaction;
  return (
    here.bootId !== null &&
    intent.bootId === here.bootId &&
    !isWhereItWasSet(intent, here) &&
    isNamespaceThere(intent.netns ?? '', reader) &&
    setsValues(transaction)
  );
}

function setsValues({ intent }: Transaction): boolean {
  return intent.plan.steps.some(({ kind }) => kind === 'live');
}

function isTakenBack({ state }: Transaction): boolean {
  return state.kind === 'undone' || state.kind === 'rolled-back';
}

/** @throws UserError where the journal was made on another machine, whose old values are none of ours */
function checkMachine(
  transactions: readonly Transaction[],
  { machineId }: Pick<HostFacts, 'machineId'>,
  reader: HostReader,
): void {
  const directory = reader.typed.path(STATE_DIRECTORY);
  // What was done to an image belongs to no machine, and so to each that is made from it.
  const foreign = transactions.find(
    ({ intent }) => intent.machineId !== null && intent.machineId !== machineId,
  );
  if (foreign === undefined) return;
  throw refusedError(
    `transaction ${foreign.intent.id} in ${directory} was made on another machine`,
    `an image that was copied from a live host carries its journal: remove ${directory} if so`,
  );
}

/**
 * In a later boot the numbers of namespaces say nothing; and what was set in one that has ended is gone.
 * @throws UserError where a transaction that may still be taken back was made in another one
 */
function checkNamespace(transactions: readonly Transaction[], here: Whereabouts, reader: HostReader): void {
  const elsewhere = transactions.find((each) => !isTakenBack(each) && isElsewhere(each, here, reader));
  if (elsewhere === undefined) return;
  const { id, netns } = elsewhere.intent;
  throw refusedError(
    `transaction ${id} was made in the network namespace ${netns}, and this is ${here.netns}`,
    'run it there: lsns -t net names a process of it, and nsenter --net -t PID leads into it',
  );
}

/** Whether what it set on this kernel may stand: unless all processes are seen here, and its network namespace has none. */
function mayStand({ intent }: Transaction, running: HostReader): boolean {
  if (intent.netns === null || !isInFirstPidNamespace(running)) return true;
  return isNamespaceThere(intent.netns, running);
}

/**
 * Through another root live values are out of reach: taken back there, a change would count as gone while they stand.
 * @throws UserError for the root of the kernel that runs, mounted elsewhere, as in a container
 */
function checkNotRunning(
  transactions: readonly Transaction[],
  { reader, running = reader }: Pick<HostPorts, 'reader' | 'running'>,
): void {
  if (isHost(reader)) return;
  const bootId = readBootId(running);
  const found = transactions.find(
    (each) =>
      bootId !== null &&
      each.intent.bootId === bootId &&
      (!isTakenBack(each) || isLeftAlone(each)) &&
      setsValues(each) &&
      mayStand(each, running),
  );
  if (found === undefined) return;
  throw refusedError(
    `${reader.typed.path('/')} is the root of what runs here, or a copy of it: transaction ${found.intent.id} has set values of this kernel, which --root does not reach`,
    `run it without --root, where that is /; of a copy, remove ${reader.typed.path(STATE_DIRECTORY)}`,
  );
}

/** @throws UserError where something that may still be taken back is out of reach from here */
export function checkReach(
  transactions: readonly Transaction[],
  here: Whereabouts & Pick<HostFacts, 'machineId'>,
  ports: Pick<HostPorts, 'reader' | 'running'>,
): void {
  checkMachine(transactions, here, ports.reader);
  checkNotRunning(transactions, ports);
  checkNamespace(transactions, here, ports.reader);
}
