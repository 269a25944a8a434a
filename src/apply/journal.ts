import { isUserError, type Position, UserError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import type { HostReader } from '../core/ports.ts';
import type { Step } from '../plan/plan.ts';
import {
  directoryOf,
  idOf,
  isTransactionName,
  logOf,
  MOST_BYTES,
  missingRanges,
  type SetAside,
  STATE_DIRECTORY,
  setAside,
  TRANSACTIONS,
} from './journal-names.ts';
import { type LogRecord, parseLog, stateOf, type TransactionState } from './records.ts';
import type { Intent } from './transaction.ts';

export type Transaction = {
  readonly intent: Intent;
  readonly state: TransactionState;
  /** The log ends in a line that a crash cut off. */
  readonly torn: boolean;
  readonly records: readonly LogRecord[];
};

/** What was begun and so may have been done: the rest, if it stands as planned, is somebody else's doing. */
export function startedSteps({ intent, records }: Transaction): readonly Step[] {
  const started = new Set(records.flatMap((record) => (record.kind === 'started' ? [record.step] : [])));
  return intent.plan.steps.filter(({ id }) => started.has(id));
}

/** One that cannot be read, so that nothing tells what it did and how far it came. */
export type Damage = {
  readonly id: string;
  /** Another than `id` only where several in a row are missing. */
  readonly lastId: string;
  /** `later`: of a later version, which may well read it. `missing`: its directory is gone. */
  readonly kind: 'damaged' | 'later' | 'missing';
  readonly at: Position;
  readonly why: string;
};

export type Journal = {
  /** The oldest first. */
  readonly transactions: readonly Transaction[];
  /** The oldest first. */
  readonly damaged: readonly Damage[];
  readonly setAside: readonly SetAside[];
};

const NO_JOURNAL: Journal = { transactions: [], damaged: [], setAside: [] };

function untrusted(path: string, message: string): UserError {
  return new UserError({ code: 'refused', status: EXIT.refused, at: { file: path }, message });
}

/**
 * State is root's alone: whoever may write there could have us restore what they like.
 * @returns whether it is there
 */
function checkDirectory(reader: HostReader, path: string, uid: number): boolean {
  const stat = reader.lstat(path);
  if (!stat.ok && stat.why === 'absent') return false;
  if (!stat.ok) throw untrusted(path, `cannot be looked at: ${stat.detail ?? stat.why}`);
  const { kind, uid: owner, mode } = stat.value;
  if (kind === 'directory' && owner === uid && (mode & 0o022) === 0) return true;
  throw untrusted(path, 'not trusted: it must be a directory of root that nobody else may write to');
}

type Read = { readonly transaction: Transaction } | { readonly damage: Damage };

function damage(id: string, at: Position, why: string, kind: Damage['kind'] = 'damaged'): Read {
  return { damage: { id, lastId: id, kind, at, why } };
}

/** It loads zod, which a run without transactions does without. */
async function readIntent(text: string, file: string): Promise<Intent | UserError> {
  const { parseIntent } = await import('./read-intent.ts');
  try {
    return parseIntent(text, file);
  } catch (thrown) {
    if (isUserError(thrown)) return thrown;
    throw thrown;
  }
}

/** What stands there in place of what we make there: we follow nothing out of a directory that is root's alone. */
function stranger(reader: HostReader, id: string): Read | null {
  const parts = [
    [directoryOf(id), 'directory'],
    [`${directoryOf(id)}/intent.json`, 'file'],
    [logOf(id), 'file'],
  ] as const;
  for (const [path, wanted] of parts) {
    const stat = reader.lstat(path);
    if (stat.ok && stat.value.kind !== wanted)
      return damage(id, { file: path }, `it is a ${stat.value.kind} and no ${wanted}`);
  }
  return null;
}

async function readOne(reader: HostReader, id: string, check: Check): Promise<Read> {
  const strange = stranger(reader, id);
  if (strange !== null) return strange;
  const file = `${directoryOf(id)}/intent.json`;
  const text = reader.readText(file, MOST_BYTES);
  if (!text.ok) return damage(id, { file }, `it cannot be read (${text.detail ?? text.why})`);
  const intent = await readIntent(text.value, file);
  if (isUserError(intent)) {
    return damage(
      id,
      intent.at ?? { file },
      intent.message,
      intent.code === 'later-schema' ? 'later' : 'damaged',
    );
  }
  if (intent.id !== id) return damage(id, { file }, `it is of transaction ${intent.id}`);
  if (check === 'against-manifest') {
    const { isAsWritten } = await import('./manifest.ts');
    if (!isAsWritten(reader, id, 'intent.json')) {
      return damage(id, { file }, 'it is not as it was written (its SHA-256 differs)');
    }
  }
  const log = reader.readText(logOf(id), MOST_BYTES);
  // It was made before the transaction had its name, so one that is not there was lost.
  if (!log.ok) return damage(id, { file: logOf(id) }, `it cannot be read (${log.detail ?? log.why})`);
  const parsed = parseLog(log.value);
  if (!parsed.ok) {
    return damage(id, { file: logOf(id), line: parsed.line }, parsed.why, parsed.later ? 'later' : 'damaged');
  }
  const { records, torn } = parsed;
  return { transaction: { intent, state: stateOf(records), torn, records } };
}

/** One of them. @throws UserError (refused) for one that is damaged, or not there */
export async function readTransaction(reader: HostReader, id: string): Promise<Transaction> {
  const read = await readOne(reader, id, 'as-it-reads');
  if ('transaction' in read) return read.transaction;
  const { damageError } = await import('./damage.ts');
  throw damageError({ ...NO_JOURNAL, damaged: [read.damage] }, reader);
}

function missingOnes(names: readonly string[]): readonly Damage[] {
  return missingRanges(names).map(({ first, last }) => ({
    id: idOf(first),
    lastId: idOf(last),
    kind: 'missing',
    at: { file: directoryOf(idOf(first)) },
    why: 'its directory is gone, and with it what stood there before',
  }));
}

/** `as-it-reads` saves the hashing, for whoever only looks. */
type Check = 'as-it-reads' | 'against-manifest';

/**
 * The journal as it is, with what of it cannot be read.
 * @throws UserError (refused) where the directory is not root's alone, or cannot be listed
 */
export async function examineJournal(
  reader: HostReader,
  uid: number,
  check: Check = 'as-it-reads',
): Promise<Journal> {
  for (const path of [STATE_DIRECTORY, TRANSACTIONS])
    if (!checkDirectory(reader, path, uid)) return NO_JOURNAL;
  const names = reader.list(TRANSACTIONS);
  if (!names.ok) throw untrusted(TRANSACTIONS, `cannot be listed: ${names.detail ?? names.why}`);
  const transactions: Transaction[] = [];
  const damaged: Damage[] = [...missingOnes(names.value)];
  for (const id of names.value.filter(isTransactionName)) {
    const read = await readOne(reader, id, check);
    if ('transaction' in read) transactions.push(read.transaction);
    else damaged.push(read.damage);
  }
  damaged.sort((a, b) => Number(a.id) - Number(b.id));
  return { transactions, damaged, setAside: setAside(names.value) };
}

/**
 * All transactions, the oldest first.
 * @throws UserError (refused) where the directory is not root's alone, and for a journal that is damaged
 */
export async function readJournal(reader: HostReader, uid: number): Promise<readonly Transaction[]> {
  const journal = await examineJournal(reader, uid);
  if (journal.damaged.length === 0) return journal.transactions;
  const { damageError } = await import('./damage.ts');
  throw damageError(journal, reader);
}
