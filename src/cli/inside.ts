import type { Command } from 'commander';
import { didYouMean, nearest, UserError, usageError } from '../core/errors.ts';
import { EXIT, type ExitStatus } from '../core/exit-status.ts';
import { hostIdentity } from '../host/identity.ts';
import { hostLocks } from '../host/lock.ts';
import { beginJournal, hasJournal, inodeOf, joinWitness, NOTHING_KEPT } from '../host/namespace-journal.ts';
import {
  namedNamespaces,
  namespaceOf,
  type OpenNamespace,
  openNamespace,
  runInside,
} from '../host/network-namespace.ts';
import { ownProgram } from '../host/own-program.ts';
import { acquireLock, HOST_LOCK } from '../pipeline/locked.ts';
import type { PlanOptions, SourceOptions } from './options.ts';

type Options = SourceOptions & PlanOptions & { readonly atBoot?: true; readonly dryRun?: true };

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
    throw new UserError({
      code: 'refused',
      status: EXIT.refused,
      message: 'entering another network namespace takes root',
      hint: 'run it with sudo',
    });
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

/** @throws UserError where another run changes something */
async function begin(namespace: OpenNamespace): Promise<void> {
  const lock = await acquireLock(hostLocks(), HOST_LOCK);
  try {
    beginJournal(namespace);
  } finally {
    await lock.release();
  }
}

async function goOnInside(given: string, isChange: boolean, argv: readonly string[]): Promise<ExitStatus> {
  const namespace = opened(given);
  checkElsewhere(given, namespace);
  if (isChange) await begin(namespace);
  const inside = `${namespace.inode}${hasJournal(namespace) ? '' : NOTHING_KEPT}`;
  return knownStatus(await runInside(namespace, [...ownProgram(), '--inside', inside, ...argv]));
}

/** @throws UserError where we are not where we were sent: what is written would be another namespace's */
function checkArrived(inside: string): void {
  const own = namespaceOf('self');
  if (inodeOf(inside) === own) return;
  throw new UserError({
    code: 'refused',
    status: EXIT.refused,
    message: `this is the network namespace ${own}, and not ${inside}`,
  });
}

/**
 * Has a command that names another network namespace go on in it: /proc/sys/net is that of whoever reads it.
 * @param argv as we were called
 * @throws RanInside once it has
 */
export async function goInside(command: Command, argv: readonly string[]): Promise<void> {
  const { netns, inside, ...options } = command.optsWithGlobals<Options>();
  if (inside !== undefined) {
    checkArrived(inside);
    // It may outlive all who are there now.
    if (command.name() === 'revert-unconfirmed') joinWitness(inodeOf(inside));
    return;
  }
  if (netns === undefined) return;
  check(options);
  const isChange = command.name() === 'apply' && options.dryRun !== true;
  const ran: RanInside = { ranInside: true, status: await goOnInside(netns, isChange, argv) };
  throw ran;
}
