import { unreadKeysOfOurs } from '../apply/baseline.ts';
import { examineJournal, type Journal, type Transaction } from '../apply/journal.ts';
import { directoryOf, STATE_DIRECTORY } from '../apply/journal-names.ts';
import { sweep } from '../apply/journal-writing.ts';
import { isUnfinished, type Recovery, recover } from '../apply/recover.ts';
import type { ApplyContext } from '../apply/run.ts';
import type { HostFacts, Who } from '../apply/transaction.ts';
import { type Moment, readBootTimeMs } from '../apply/waiting.ts';
import { assess } from '../assess/assess.ts';
import { textAtBoot } from '../assess/key-value.ts';
import { isNamespaceThere, ownNamespace } from '../collect/environment.ts';
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
import { bytesOfFile, type Files, fileReadAt, withBytesAt, withFile } from '../plan/files.ts';
import type { Step } from '../plan/plan.ts';
import { undoneIn } from '../plan/taken-lines.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { SysctlKey } from '../sysctl/key.ts';
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

/** Of another tree it stands here as well: nothing in the tree says where a write would end, and nothing is left there. */
function lockFileOf({ root }: HostReader): string {
  return root === '/' ? HOST_LOCK : `${LOCK_DIRECTORY}/lock-${shortHash(root)}`;
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

/**
 * A value in another network namespace is another value, and nothing that is written here reaches it. In a later boot
 * the numbers of namespaces say nothing; and what was set in one that has ended is gone.
 * @throws UserError where a transaction that may still be taken back was made in another one
 */
function checkNamespace(
  transactions: readonly Transaction[],
  { bootId, netns }: HostFacts,
  reader: HostReader,
): void {
  const elsewhere = transactions.find(
    (each) =>
      bootId !== null &&
      each.intent.bootId === bootId &&
      each.intent.netns !== netns &&
      isNamespaceThere(each.intent.netns ?? '', reader) &&
      each.intent.plan.steps.some(({ kind }) => kind === 'live') &&
      each.state.kind !== 'undone' &&
      each.state.kind !== 'rolled-back',
  );
  if (elsewhere === undefined) return;
  const { id, netns: other } = elsewhere.intent;
  throw refused(
    `transaction ${id} was made in the network namespace ${other}, and this is ${netns}`,
    'run it there: lsns -t net names a process of it, and nsenter --net -t PID leads into it',
  );
}

/** @throws UserError where a boot cannot be told from the next: what to put back would be a guess */
function checkBoot({ bootId }: HostFacts, live: boolean): void {
  if (!live || bootId !== null) return;
  throw refused('/proc/sys/kernel/random/boot_id cannot be read', 'is /proc mounted?');
}

/** The sysctl files as they are without the file steps of a transaction. */
function filesBefore(files: Files, steps: readonly Step[]): Files {
  return steps.reduce<Files>((before, step) => {
    if (step.kind !== 'file') return before;
    const now = fileReadAt(step.target.path, before);
    const bytes = step.takeover === undefined || now === null ? null : bytesOfFile(now);
    // Of somebody else's file the lines alone are ours to take back.
    return bytes === null
      ? withFile(before, step.target.path, step.from)
      : withBytesAt(before, step.target.path, undoneIn(bytes, step).bytes);
  }, files);
}

/** What the files say of each key once the transaction is taken back; null where they say nothing. */
export function bootTargets(
  snapshot: Snapshot,
): (transaction: Transaction) => (key: string) => string | null {
  const assessment = assess(snapshot);
  return ({ intent }) => {
    const files = filesBefore(snapshot.sysctlFiles ?? [], intent.plan.steps);
    const resolution = assessment.resolutionOf(files);
    return (key) => {
      const boot = resolution?.bootValue(key);
      return boot?.kind === 'set' ? textAtBoot(boot) : null;
    };
  };
}

/** How the host is looked at, and by whom. */
export type Looking = {
  /** @param keys of earlier plans, which nobody looks at otherwise */
  readonly look: (keys: readonly SysctlKey[]) => Promise<Snapshot>;
  /** False for an image: nothing of it has been booted. */
  readonly live: boolean;
  /** Whether the host comes up, and its sysctl files have not been applied yet. */
  readonly beforeFiles?: boolean;
  readonly who: Who;
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
  const isHost = reader.root === '/';
  const moment = momentOf(reader, { bootId: isHost ? readBootId(reader) : null });
  return { ...moment, netns: isHost ? ownNamespace(reader) || null : null };
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
  { look, live, who, beforeFiles = false, pastDamage = 'refuse' }: Looking,
  act: (locked: Locked) => Promise<T>,
): Promise<T> {
  checkPrivilege(ports);
  const lock = await acquireLock(ports.locks, lockFileOf(ports.reader));
  try {
    const { transactions: found, barrier } = await readUsable(ports, pastDamage);
    const keys = unreadKeysOfOurs(found);
    const before = await look(keys);
    const facts = hostFacts(ports.reader, before, live);
    checkBoot(facts, live);
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
      throw isUserError(thrown) ? afterChange(thrown) : thrown;
    }
  } finally {
    await lock.release();
  }
}

function leftText(recovered: readonly Recovery[]): string {
  return recovered.flatMap(({ left }) => left.map(({ step, detail }) => `${step}: ${detail}`)).join('; ');
}
