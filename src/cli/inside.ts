import type { Command } from 'commander';
import { errnoText } from '../core/errno-text.ts';
import { afterChange, didYouMean, nearest, refusedError, UserError, usageError } from '../core/errors.ts';
import { EXIT, type ExitStatus, signalStatus } from '../core/exit-status.ts';
import type { CallFailure } from '../core/ports.ts';
import { endingSignal } from '../core/signals.ts';
import { hostIdentity } from '../host/identity.ts';
import { hostLocks } from '../host/lock.ts';
import { beginJournal, hasJournal, inodeOf, joinWitness, NOTHING_KEPT } from '../host/namespace-journal.ts';
import {
  namedNamespaces,
  namespaceOf,
  type OpenNamespace,
  openNamespace,
} from '../host/network-namespace.ts';
import { ownProgram } from '../host/own-program.ts';
import { type EndInside, runInside, tellArrival, whyNotEntered } from '../host/run-inside.ts';
import { acquireLock, HOST_LOCK } from '../pipeline/locked.ts';
import type { PlanOptions, SourceOptions } from './options.ts';
import { namespaceWords, recoverCommand } from './session.ts';

type Options = SourceOptions &
  PlanOptions & { readonly atBoot?: true; readonly dryRun?: true; readonly tellArrival?: true };

/** What a run that went on inside the namespace ended with. */
export type RanInside = { readonly ranInside: true; readonly status: ExitStatus };

/** @throws UserError for what is about files or another host, of which a network namespace has none */
function check({ root, snapshot, live, fileName, takeover, atBoot }: Options): void {
  if (root !== undefined || snapshot !== undefined)
    throw usageError(
      '--netns leads into a network namespace of this host: it goes with neither --root nor --snapshot',
    );
  if (live === false)
    throw usageError('--no-live leaves nothing to do: of a network namespace there are live values alone');
  if (fileName !== undefined || takeover)
    throw usageError(
      `${takeover ? '--takeover' : '--file-name'} is about sysctl files, and they reach no other network namespace`,
    );
  if (atBoot)
    throw usageError('--at-boot goes without --netns: no network namespace is there again after a boot');
  if (hostIdentity().uid !== 0)
    throw refusedError('entering another network namespace takes root', 'run it with sudo');
}

function opened(given: string): OpenNamespace {
  const namespace = openNamespace(given);
  if (typeof namespace !== 'string') return namespace;
  const hint =
    didYouMean(nearest(given, namedNamespaces())) ?? 'ip netns list shows names, lsns -t net processes';
  throw usageError(`--netns '${given}' cannot be entered: ${namespace}`, hint);
}

function knownStatus(status: number): ExitStatus {
  return Object.values(EXIT).find((each) => each === status) ?? EXIT.internal;
}

/** @throws UserError for our own, whose history is another one: what is done there is done without --netns */
function checkElsewhere(given: string, { inode }: OpenNamespace): void {
  if (inode === namespaceOf('self'))
    throw usageError(`--netns '${given}' is the network namespace that we are in already: leave it out`);
  if (inode === namespaceOf('1'))
    throw usageError(
      `--netns '${given}' is the host's own network namespace`,
      'run it there, without --netns',
    );
}

/** @throws UserError for what could not be written */
function checkWritten(failure: CallFailure | null): void {
  if (failure === null) return;
  throw new UserError({
    code: 'unwritable',
    status: EXIT.refused,
    at: { file: failure.path },
    message: `cannot be written: ${errnoText(failure.errno)}`,
  });
}

/** @throws UserError where another run changes something */
async function begin(namespace: OpenNamespace): Promise<void> {
  const lock = await acquireLock(hostLocks(), HOST_LOCK);
  try {
    checkWritten(beginJournal(namespace));
  } finally {
    await lock.release();
  }
}

/** What goes on there. */
type Trip = {
  readonly netns: string;
  /** `the network namespace blue` */
  readonly place: string;
  /** Whether it may have begun to change something. */
  readonly isChange: boolean;
};

/** @throws UserError where we have no right to, or nothing to do it with */
async function checkEntered(namespace: OpenNamespace, { place }: Trip): Promise<void> {
  const why = await whyNotEntered(namespace);
  if (why !== null) throw refusedError(`${place} cannot be entered: ${why}`);
}

/** Of a run that could say nothing more. */
function killedError(signal: string, { netns, place, isChange }: Trip): UserError {
  const message = `the run in ${place} was ended by ${signal}`;
  if (!isChange) return refusedError(message);
  const hint = `what it may have left in the middle is put back by ${recoverCommand({ netns })}`;
  return afterChange(refusedError(message, hint));
}

/** @throws UserError for an end of which the run itself said nothing */
function statusOf(end: EndInside, trip: Trip): ExitStatus {
  switch (end.kind) {
    case 'exited':
      return knownStatus(end.status);
    case 'not-arrived':
      throw refusedError(`${trip.place} was not entered: ${end.why}`);
    case 'killed':
      return statusOfKilled(end, trip);
  }
}

/** @throws UserError where nobody asked for it */
function statusOfKilled(
  { signal, hasArrived }: Extract<EndInside, { kind: 'killed' }>,
  trip: Trip,
): ExitStatus {
  const asked = endingSignal(signal);
  if (asked !== null) return signalStatus(asked);
  throw hasArrived
    ? killedError(signal, trip)
    : refusedError(`${trip.place} was not entered: the run was ended by ${signal} before`);
}

const CHANGING: ReadonlySet<string> = new Set(['apply', 'confirm', 'rollback', 'recover']);

async function goOnInside(netns: string, command: Command, argv: readonly string[]): Promise<ExitStatus> {
  const { dryRun } = command.optsWithGlobals<Options>();
  const name = command.name();
  const isChange = CHANGING.has(name) && dryRun !== true;
  const trip: Trip = { netns, place: `the network namespace ${namespaceWords(netns)}`, isChange };
  const namespace = opened(netns);
  checkElsewhere(netns, namespace);
  await checkEntered(namespace, trip);
  if (name === 'apply' && isChange) await begin(namespace);
  const inside = `${namespace.inode}${hasJournal(namespace) ? '' : NOTHING_KEPT}`;
  const words = ['--inside', inside, '--tell-arrival', ...argv];
  const end = await runInside(namespace, [...ownProgram(), ...words]);
  return statusOf(end, trip);
}

/** @throws UserError where we are not where we were sent: what is written would be another namespace's */
function checkArrived(inside: string): void {
  const own = namespaceOf('self');
  if (inodeOf(inside) !== own) throw refusedError(`this is the network namespace ${own}, and not ${inside}`);
}

/**
 * Has a command that names another network namespace go on in it: /proc/sys/net is that of whoever reads it.
 * @param argv as we were called
 * @throws RanInside once it has
 */
export async function goInside(command: Command, argv: readonly string[]): Promise<void> {
  const { netns, inside, tellArrival: isAwaited, ...options } = command.optsWithGlobals<Options>();
  if (inside !== undefined) {
    if (isAwaited) tellArrival();
    checkArrived(inside);
    // It may outlive all who are there now.
    if (command.name() === 'revert-unconfirmed') checkWritten(joinWitness(inodeOf(inside)));
    return;
  }
  if (netns === undefined) return;
  check(options);
  const ran: RanInside = { ranInside: true, status: await goOnInside(netns, command, argv) };
  throw ran;
}
