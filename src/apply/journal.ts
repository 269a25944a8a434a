import { UserError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import type { CallResult, HostReader, HostWriter } from '../core/ports.ts';
import type { Step } from '../plan/plan.ts';
import { inOrder, unless } from './calls.ts';
import { type LogRecord, parseLog, renderRecord, stateOf, type TransactionState } from './records.ts';
import type { Intent } from './transaction.ts';
import { createFile, type NewFile, parentOf, replaceFile } from './write-file.ts';

export const STATE_DIRECTORY = '/var/lib/backlogctl';
const TRANSACTIONS = `${STATE_DIRECTORY}/transactions`;
const NAME = /^\d{6}$/;
const UNFINISHED_NAME = /^\.\d{6}\.new$/;
const MOST_BYTES = 16 * 1024 * 1024;

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

function directoryOf(id: string): string {
  return `${TRANSACTIONS}/${id}`;
}

function logOf(id: string): string {
  return `${directoryOf(id)}/log.ndjson`;
}

function damaged(file: string, message: string, line?: number): UserError {
  return new UserError({
    code: 'malformed-document',
    status: EXIT.refused,
    at: line === undefined ? { file } : { file, line },
    message: `the journal is damaged: ${message}`,
    hint: `what stood there before is kept in plain form in ${parentOf(file)}/before and ${parentOf(file)}/before.conf`,
  });
}

/** State is root's alone: whoever may write there could have us restore what they like. */
function checkDirectory(reader: HostReader, path: string, uid: number): void {
  const stat = reader.lstat(path);
  if (!stat.ok && stat.why === 'absent') return;
  if (
    stat.ok &&
    stat.value.kind === 'directory' &&
    stat.value.uid === uid &&
    (stat.value.mode & 0o022) === 0
  ) {
    return;
  }
  throw new UserError({
    code: 'refused',
    status: EXIT.refused,
    at: { file: path },
    message: stat.ok
      ? 'not trusted: it must be a directory of root that nobody else may write to'
      : `cannot be looked at: ${stat.detail ?? stat.why}`,
  });
}

/** One of them. @throws UserError (refused) for one that is damaged, or not there */
export async function readTransaction(reader: HostReader, id: string): Promise<Transaction> {
  const file = `${directoryOf(id)}/intent.json`;
  const text = reader.readText(file, MOST_BYTES);
  if (!text.ok) throw damaged(file, `it cannot be read (${text.detail ?? text.why})`);
  // It loads zod, which a run without transactions does without.
  const { parseIntent } = await import('./read-intent.ts');
  const intent = parseIntent(text.value, file);
  if (intent.id !== id) throw damaged(file, `it is of transaction ${intent.id}`);
  const log = reader.readText(logOf(id), MOST_BYTES);
  // It was made before the transaction had its name, so one that is not there was lost.
  if (!log.ok) throw damaged(logOf(id), `it cannot be read (${log.detail ?? log.why})`);
  const parsed = parseLog(log.value);
  if (!parsed.ok) throw damaged(logOf(id), parsed.why, parsed.line);
  const { records, torn } = parsed;
  return { intent, state: stateOf(records), torn, records };
}

/**
 * All transactions, the oldest first.
 * @throws UserError (refused) where the directory is not root's alone, and for a journal that is damaged
 */
export async function readJournal(reader: HostReader, uid: number): Promise<readonly Transaction[]> {
  for (const path of [STATE_DIRECTORY, TRANSACTIONS]) checkDirectory(reader, path, uid);
  const names = reader.list(TRANSACTIONS);
  if (!names.ok && names.why === 'absent') return [];
  if (!names.ok) throw damaged(TRANSACTIONS, `it cannot be read (${names.detail ?? names.why})`);
  const ids = names.value.filter((name) => NAME.test(name));
  const transactions: Transaction[] = [];
  for (const id of ids) transactions.push(await readTransaction(reader, id));
  return transactions;
}

export function nextId(transactions: readonly Transaction[]): string {
  const last = Number(transactions.at(-1)?.intent.id ?? 0);
  return String(last + 1).padStart(6, '0');
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

/** Directories that were never renamed: nothing had been changed yet. */
export async function sweep(reader: HostReader, writer: HostWriter): Promise<CallResult> {
  const names = reader.list(TRANSACTIONS);
  const left = names.ok ? names.value.filter((name) => UNFINISHED_NAME.test(name)) : [];
  return inOrder(...left.map((name) => () => removeTree(reader, writer, `${TRANSACTIONS}/${name}`)));
}

async function removeTree(reader: HostReader, writer: HostWriter, path: string): Promise<CallResult> {
  const names = reader.list(path);
  const entries = names.ok ? names.value : [];
  return inOrder(
    ...entries.map((name) => () => {
      const entry = `${path}/${name}`;
      const stat = reader.lstat(entry);
      const isDirectory = stat.ok && stat.value.kind === 'directory';
      return isDirectory ? removeTree(reader, writer, entry) : writer.unlink(entry);
    }),
    () => writer.rmdir(path),
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
