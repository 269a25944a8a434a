import type { CallResult, HostReader, HostWriter } from '../core/ports.ts';
import { inOrder, unless } from './calls.ts';
import type { Transaction } from './journal.ts';
import {
  directoryOf,
  highestNumber,
  idOf,
  isTemporaryName,
  logOf,
  STATE_DIRECTORY,
  TRANSACTIONS,
} from './journal-names.ts';
import { type LogRecord, renderRecord, stateOf } from './records.ts';
import { removeTree } from './remove-tree.ts';
import { createFile, type NewFile, parentOf, replaceFile } from './write-file.ts';

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
