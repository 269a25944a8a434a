import { unreadKeysOfOurs } from '../apply/baseline.ts';
import { examineJournal, type Journal, type Transaction } from '../apply/journal.ts';
import { directoryOf } from '../apply/journal-names.ts';
import { sweep } from '../apply/journal-writing.ts';
import { isUnfinished, type Recovery, recover } from '../apply/recover.ts';
import type { ApplyContext } from '../apply/run.ts';
import type { HostFacts, Whereabouts, Who } from '../apply/transaction.ts';
import { type Moment, readBootTimeMs } from '../apply/waiting.ts';
import { ownNamespace } from '../collect/environment.ts';
import { afterChange, isUserError, refusedError, UserError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import { shortHash } from '../core/hash.ts';
import {
  type FileLabels,
  type HeldLock,
  type HostReader,
  type HostWriter,
  isHost,
  type Locks,
  type Reverter,
  type SystemLog,
} from '../core/ports.ts';
import type { Signal } from '../core/signals.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import { bootTargets } from './boot-targets.ts';
import { hostFacts, readBootId, readInitStart } from './host-facts.ts';
import { checkReach } from './reach.ts';
import type { HostPorts } from './take-snapshot.ts';

export type ChangePorts = HostPorts & {
  readonly writer: HostWriter;
  readonly locks: Locks;
  readonly log: SystemLog;
  readonly labels: FileLabels;
  readonly reverter: Reverter;
  interrupted(): Signal | null;
};

const LOCK_DIRECTORY = '/run/backlogctl';
export const HOST_LOCK = `${LOCK_DIRECTORY}/lock`;

/** @throws UserError where this run may not change the host */
export function checkPrivilege({ identity }: Pick<HostPorts, 'identity'>): void {
  if (identity.uid !== 0)
    throw refusedError(
      'this takes root: it changes the host, or reads what only root may read',
      'run it with sudo',
    );
}

/** Of another tree it stands here as well: nothing in the tree says where a write would end, and nothing is left there. */
function lockFileOf(reader: HostReader): string {
  return isHost(reader) ? HOST_LOCK : `${LOCK_DIRECTORY}/lock-${shortHash(reader.root)}`;
}

/** @throws UserError where somebody else holds it */
export async function acquireLock(locks: Locks, file: string): Promise<HeldLock> {
  const result = await locks.acquire(file);
  if (result.kind === 'held') return result.lock;
  if (result.kind === 'failed') throw refusedError(`the lock ${file} cannot be taken: ${result.why}`);
  throw new UserError({
    code: 'busy',
    status: EXIT.tryAgain,
    message: 'another run of backlogctl is changing this host',
    hint: 'try again when it is done',
  });
}

/** @throws UserError where a boot cannot be told from the next: what to put back would be a guess */
function checkBoot({ bootId }: HostFacts, live: boolean): void {
  if (!live || bootId !== null) return;
  throw refusedError('/proc/sys/kernel/random/boot_id cannot be read', 'is /proc mounted?');
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

/** The same for whoever only looks, at this host or another tree, and where that is. */
export function momentHere(reader: HostReader): Moment & Whereabouts {
  if (!isHost(reader)) return { ...momentOf(reader, { bootId: null }), netns: null, initStart: null };
  return {
    ...momentOf(reader, { bootId: readBootId(reader) }),
    netns: ownNamespace(reader) || null,
    initStart: readInitStart(reader),
  };
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
    checkReach(found, facts, ports);
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
