import { unreadKeysOfOurs } from '../apply/baseline.ts';
import { examineJournal, type Journal, type Transaction } from '../apply/journal.ts';
import { directoryOf, STATE_DIRECTORY } from '../apply/journal-names.ts';
import { sweep } from '../apply/journal-writing.ts';
import { isUnfinished, type Recovery, recover } from '../apply/recover.ts';
import type { ApplyContext } from '../apply/run.ts';
import type { HostFacts, Who } from '../apply/transaction.ts';
import { type Moment, readBootTimeMs } from '../apply/waiting.ts';
import { ownNamespace } from '../collect/environment.ts';
import { afterChange, isUserError, UserError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import { shortHash } from '../core/hash.ts';
import type {
  FileLabels,
  HeldLock,
  HostReader,
  HostWriter,
  Locks,
  Reverter,
  SystemLog,
} from '../core/ports.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import { bootTargets } from './boot-targets.ts';
import { isElsewhere } from './elsewhere.ts';
import { hostFacts, readBootId } from './host-facts.ts';
import type { HostPorts } from './take-snapshot.ts';

export type ChangePorts = HostPorts & {
  readonly writer: HostWriter;
  readonly locks: Locks;
  readonly log: SystemLog;
  readonly labels: FileLabels;
  readonly reverter: Reverter;
  interrupted(): 'SIGINT' | 'SIGTERM' | null;
};

const LOCK_DIRECTORY = '/run/backlogctl';
export const HOST_LOCK = `${LOCK_DIRECTORY}/lock`;

function refused(message: string, hint?: string): UserError {
  const common = { code: 'refused', status: EXIT.refused, message } as const;
  return new UserError(hint === undefined ? common : { ...common, hint });
}

/** @throws UserError where this run may not change the host */
export function checkPrivilege({ identity }: Pick<HostPorts, 'identity'>): void {
  if (identity.uid !== 0)
    throw refused(
      'this takes root: it changes the host, or reads what only root may read',
      'run it with sudo',
    );
}

/** Whether it shows what runs here, and no other tree. */
function isHost({ root }: HostReader): boolean {
  return root === '/';
}

/** Of another tree it stands here as well: nothing in the tree says where a write would end, and nothing is left there. */
function lockFileOf(reader: HostReader): string {
  return isHost(reader) ? HOST_LOCK : `${LOCK_DIRECTORY}/lock-${shortHash(reader.root)}`;
}

/** @throws UserError where somebody else holds it */
export async function acquireLock(locks: Locks, file: string): Promise<HeldLock> {
  const result = await locks.acquire(file);
  if (result.kind === 'held') return result.lock;
  if (result.kind === 'failed') throw refused(`the lock ${file} cannot be taken: ${result.why}`);
  throw new UserError({
    code: 'busy',
    status: EXIT.tryAgain,
    message: 'another run of backlogctl is changing this host',
    hint: 'try again when it is done',
  });
}

/** @throws UserError where the journal was made on another machine, whose old values are none of ours */
function checkMachine(
  transactions: readonly Transaction[],
  { machineId }: HostFacts,
  reader: HostReader,
): void {
  const directory = reader.typed.path(STATE_DIRECTORY);
  // What was done to an image belongs to no machine, and so to each that is made from it.
  const foreign = transactions.find(
    ({ intent }) => intent.machineId !== null && intent.machineId !== machineId,
  );
  if (foreign === undefined) return;
  throw refused(
    `transaction ${foreign.intent.id} in ${directory} was made on another machine`,
    `an image that was copied from a live host carries its journal: remove ${directory} if so`,
  );
}

/** Nothing of it is left to be taken back. */
function isOver({ state }: Transaction): boolean {
  return state.kind === 'undone' || state.kind === 'rolled-back';
}

/**
 * A value in another network namespace is another value, and nothing that is written here reaches it. In a later boot
 * the numbers of namespaces say nothing; and what was set in one that has ended is gone.
 * @throws UserError where a transaction that may still be taken back was made in another one
 */
function checkNamespace(transactions: readonly Transaction[], facts: HostFacts, reader: HostReader): void {
  const elsewhere = transactions.find((each) => !isOver(each) && isElsewhere(each, facts, reader));
  if (elsewhere === undefined) return;
  const { id, netns } = elsewhere.intent;
  throw refused(
    `transaction ${id} was made in the network namespace ${netns}, and this is ${facts.netns}`,
    'run it there: lsns -t net names a process of it, and nsenter --net -t PID leads into it',
  );
}

/**
 * Through another root live values are out of reach: taken back there, a change would count as gone while they stand.
 * @throws UserError for the root of the kernel that runs, mounted elsewhere, as in a container
 */
function checkNotRunning(
  transactions: readonly Transaction[],
  { reader, running = reader }: HostPorts,
): void {
  const bootId = isHost(reader) ? null : readBootId(running);
  const found = transactions.find(
    (each) =>
      bootId !== null &&
      each.intent.bootId === bootId &&
      !isOver(each) &&
      each.intent.plan.steps.some(({ kind }) => kind === 'live'),
  );
  if (found === undefined) return;
  throw refused(
    `${reader.typed.path('/')} is the root of what runs here: transaction ${found.intent.id} has set values of this kernel, which --root does not reach`,
    'run it without --root, where that is /',
  );
}

/** @throws UserError where a boot cannot be told from the next: what to put back would be a guess */
function checkBoot({ bootId }: HostFacts, live: boolean): void {
  if (!live || bootId !== null) return;
  throw refused('/proc/sys/kernel/random/boot_id cannot be read', 'is /proc mounted?');
}

/** How the host is looked at, and by whom. */
export type Looking = {
  /** @param keys of earlier plans, which nobody looks at otherwise */
  readonly look: (keys: readonly SysctlKey[]) => Promise<Snapshot>;
  /** False where no live value is to be set, as in an image. */
  readonly live: boolean;
  /** Whether the host comes up, and its sysctl files have not been applied yet. */
  readonly beforeFiles?: boolean;
  readonly who: Who;
  /** Told what was ended of earlier runs, where the run fails behind that. */
  readonly failedBehind?: (recovered: readonly Recovery[]) => Promise<void>;
  /** What to do with a journal of which a part is damaged: nothing, or to go back as far as that. */
  readonly pastDamage?: 'refuse' | 'newer';
};

/** A transaction that cannot be read, behind which nothing can be taken back. */
export type Barrier = { readonly id: string; readonly error: UserError };

export type Locked = {
  readonly context: ApplyContext;
  /** The facts, as they are after recovery. */
  readonly snapshot: Snapshot;
  readonly transactions: readonly Transaction[];
  readonly recovered: readonly Recovery[];
  readonly barrier: Barrier | null;
};

export function momentOf(reader: HostReader, { bootId }: Pick<HostFacts, 'bootId'>): Moment {
  return { bootId, bootTimeMs: readBootTimeMs(reader) };
}

/** The same for whoever only looks, at this host or another tree, and in which network namespace. */
export function momentHere(reader: HostReader): Moment & Pick<HostFacts, 'netns'> {
  const moment = momentOf(reader, { bootId: isHost(reader) ? readBootId(reader) : null });
  return { ...moment, netns: isHost(reader) ? ownNamespace(reader) || null : null };
}

type Usable = { readonly transactions: readonly Transaction[]; readonly barrier: Barrier | null };

/** @throws UserError for a journal that is damaged, unless what is newer than the damage will do */
async function usable(journal: Journal, ports: ChangePorts, past: 'refuse' | 'newer'): Promise<Usable> {
  const { transactions, damaged } = journal;
  const newest = damaged.at(-1);
  if (newest === undefined) return { transactions, barrier: null };
  const { damageError } = await import('../apply/damage.ts');
  const error = damageError(journal, ports.reader);
  const newer = transactions.filter(({ intent }) => intent.id > newest.lastId);
  if (past === 'refuse' || newer.length === 0) throw error;
  return { transactions: newer, barrier: { id: newest.lastId, error } };
}

/** Hashed, for what stands in it is about to be done. */
async function readUsable(ports: ChangePorts, past: 'refuse' | 'newer'): Promise<Usable> {
  const journal = await examineJournal(ports.reader, ports.identity.uid, 'against-manifest');
  return usable(journal, ports, past);
}

async function recoverAll(
  transactions: readonly Transaction[],
  context: ApplyContext,
  snapshot: Snapshot,
): Promise<readonly Recovery[]> {
  const targets = bootTargets(snapshot);
  const now = momentOf(context.ports.reader, context.facts);
  const recovered: Recovery[] = [];
  // The newest first, as one would take them back.
  for (const transaction of [...transactions].reverse()) {
    if (isUnfinished(transaction, now))
      recovered.push(await recover(transaction, context, targets(transaction)));
  }
  return recovered;
}

/** @throws UserError where something of an earlier run could not be put back */
function checkRecovered(
  transactions: readonly Transaction[],
  recovered: readonly Recovery[],
  now: Moment,
  reader: HostReader,
): void {
  const stuck = transactions.find((each) => isUnfinished(each, now));
  if (stuck === undefined) return;
  throw new UserError({
    code: 'refused',
    status: EXIT.failedNotRestored,
    message: `transaction ${stuck.intent.id} is unfinished and could not be put back: ${leftText(recovered)}`,
    hint: `mend it by hand, by ${reader.typed.path(directoryOf(stuck.intent.id))}/README`,
  });
}

/**
 * Does something to the host under the lock, with the journal read and whatever an earlier run left unfinished ended
 * first.
 */
export async function underLock<T>(
  ports: ChangePorts,
  { look, live, who, failedBehind, beforeFiles = false, pastDamage = 'refuse' }: Looking,
  act: (locked: Locked) => Promise<T>,
): Promise<T> {
  checkPrivilege(ports);
  const lock = await acquireLock(ports.locks, lockFileOf(ports.reader));
  try {
    const { transactions: found, barrier } = await readUsable(ports, pastDamage);
    const keys = unreadKeysOfOurs(found);
    const before = await look(keys);
    // What an earlier run set may stand here, though this one is to set no live value.
    const facts = hostFacts(ports.reader, before, isHost(ports.reader));
    checkBoot(facts, live);
    checkNotRunning(found, ports);
    checkMachine(found, facts, ports.reader);
    checkNamespace(found, facts, ports.reader);
    const context = { ports: { ...ports, lock }, facts: { ...facts, who }, beforeFiles };
    await sweep(ports.reader, ports.writer);
    const recovered = await recoverAll(found, context, before);
    if (recovered.length === 0)
      return await act({ context, snapshot: before, transactions: found, recovered, barrier });
    try {
      const { transactions } = await readUsable(ports, pastDamage);
      checkRecovered(transactions, recovered, momentOf(ports.reader, facts), ports.reader);
      // What was recovered has changed the host since it was looked at.
      return await act({ context, snapshot: await look(keys), transactions, recovered, barrier });
    } catch (thrown) {
      await failedBehind?.(recovered);
      throw isUserError(thrown) ? afterChange(thrown) : thrown;
    }
  } finally {
    await lock.release();
  }
}

function leftText(recovered: readonly Recovery[]): string {
  return recovered.flatMap(({ left }) => left.map(({ step, detail }) => `${step}: ${detail}`)).join('; ');
}
