import { isUserError, type Position, UserError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import type { CallResult, HostReader, HostWriter } from '../core/ports.ts';
import type { Step } from '../plan/plan.ts';
import { inOrder, unless } from './calls.ts';
import {
  directoryOf,
  highestNumber,
  idOf,
  isTemporaryName,
  isTransactionName,
  MOST_BYTES,
  missingRanges,
  type SetAside,
  STATE_DIRECTORY,
  setAside,
  TRANSACTIONS,
} from './journal-names.ts';
import { type LogRecord, parseLog, renderRecord, stateOf, type TransactionState } from './records.ts';
import { removeTree } from './remove-tree.ts';
import type { Intent } from './transaction.ts';
import { createFile, type NewFile, parentOf, replaceFile } from './write-file.ts';

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

function logOf(id: string): string {
  return `${directoryOf(id)}/log.ndjson`;
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

/** A number is given out once, whatever became of the transaction. */
export function nextId(reader: HostReader): string {
  const names = reader.list(TRANSACTIONS);
  return idOf(highestNumber(names.ok ? names.value : []) + 1);
}

function ensureDirectory(writer: HostWriter, path: string, mode: number): () => Promise<CallResult> {
  return async () => {
    const made = await writer.mkdir(path, mode);
    if (!made.ok) return unless('EEXIST', made);
    return writer.syncDir(parentOf(path));
  };
}

/** The directories above all transactions, made with the first of them. */
export function ensureState(writer: HostWriter): Promise<CallResult> {
  return inOrder(
    ensureDirectory(writer, '/var', 0o755),
    ensureDirectory(writer, '/var/lib', 0o755),
    ensureDirectory(writer, STATE_DIRECTORY, 0o700),
    ensureDirectory(writer, TRANSACTIONS, 0o700),
  );
}

/** A file of a transaction's directory, by its path in it. */
export type JournalFile = {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Root's and 0600, but for copies, which `cp -p` has to give back as they were: the directory is root's alone. */
  readonly as?: Pick<NewFile, 'mode' | 'owner'>;
};

const PRIVATE = { mode: 0o600, owner: null } as const;

function directoriesOf(files: readonly JournalFile[]): readonly string[] {
  const directories = files.flatMap(({ name }) => {
    const parts = name.split('/').slice(0, -1);
    return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  });
  return [...new Set(directories)].sort();
}

/**
 * Makes a transaction's directory under a name that counts for nothing, puts all of it on the disk, and renames it:
 * from then on the transaction has begun.
 */
export function begin(writer: HostWriter, id: string, files: readonly JournalFile[]): Promise<CallResult> {
  const temporary = `${TRANSACTIONS}/.${id}.new`;
  const directories = directoriesOf(files);
  return inOrder(
    () => writer.mkdir(temporary, 0o700),
    ...directories.map((name) => () => writer.mkdir(`${temporary}/${name}`, 0o700)),
    ...files.map(
      ({ name, bytes, as = PRIVATE }) =>
        () =>
          createFile(writer, { path: `${temporary}/${name}`, bytes, ...as }),
    ),
    // From the innermost out, so that nothing is named before it is there.
    ...[...directories].reverse().map((name) => () => writer.syncDir(`${temporary}/${name}`)),
    () => writer.syncDir(temporary),
    () => writer.rename(temporary, directoryOf(id)),
    () => writer.syncDir(TRANSACTIONS),
  );
}

/** Directories that never began, and such as were on their way out. */
export async function sweep(reader: HostReader, writer: HostWriter): Promise<CallResult> {
  const names = reader.list(TRANSACTIONS);
  const left = names.ok ? names.value.filter(isTemporaryName) : [];
  if (left.length === 0) return inOrder();
  return inOrder(
    // A power cut must not give one its name back once some of its files are gone.
    () => writer.syncDir(TRANSACTIONS),
    ...left.map((name) => () => removeTree(reader, writer, `${TRANSACTIONS}/${name}`)),
  );
}

/**
 * Adds a record and puts it on the disk. After a torn line the log is written anew without it: whatever followed on
 * that line would be lost with it.
 */
export async function append(
  writer: HostWriter,
  { intent: { id }, records, torn }: Transaction,
  record: LogRecord,
): Promise<CallResult> {
  const path = logOf(id);
  const bytes = Buffer.from(renderRecord(record), 'utf8');
  if (torn) {
    const all = Buffer.from([...records, record].map(renderRecord).join(''), 'utf8');
    return replaceFile(writer, { path, bytes: all, mode: 0o600, owner: null }, `${directoryOf(id)}/.log.new`);
  }
  const opened = await writer.openAppend(path);
  if (!opened.ok) return opened;
  const written = await inOrder(
    () => opened.value.write(bytes),
    () => opened.value.sync(),
  );
  const closing = await opened.value.close();
  return written.ok ? closing : written;
}

/** The same transaction, as the log tells it after the record. */
export function withRecord(transaction: Transaction, record: LogRecord): Transaction {
  const records = [...transaction.records, record];
  return { ...transaction, records, state: stateOf(records), torn: false };
}
