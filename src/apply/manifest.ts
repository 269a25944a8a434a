import { createHash } from 'node:crypto';
import type { HostReader } from '../core/ports.ts';
import { directoryOf, MOST_BYTES } from './journal-names.ts';
import type { JournalFile } from './journal-writing.ts';

/** As `sha256sum -c SHA256SUMS` reads it, in the directory of the transaction. */
export const MANIFEST = 'SHA256SUMS';

/** It grows, and its lines have checksums of their own. */
const LOG = 'log.ndjson';

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' };

/** A name with a newline would be two lines: sha256sum escapes it, and says so by a backslash in front. */
function line({ name, bytes }: JournalFile): string {
  const escaped = name.replace(/[\\\n\r]/g, (character) => ESCAPES[character] ?? character);
  return `${escaped === name ? '' : '\\'}${sha256(bytes)}  ${escaped}\n`;
}

/** What every other file of the directory was when it was made. */
export function manifestOf(files: readonly JournalFile[]): JournalFile {
  const text = files.filter(({ name }) => name !== LOG).map(line);
  return { name: MANIFEST, bytes: Buffer.from(text.join(''), 'utf8') };
}

function unescaped(name: string): string {
  return name.replace(/\\([\\nr])/g, (_, code: string) => (code === 'n' ? '\n' : code === 'r' ? '\r' : '\\'));
}

/** Lines that say nothing are passed over: what they were about counts as not told. */
function parseManifest(text: string): ReadonlyMap<string, string> {
  const entries = text.split('\n').flatMap((each): readonly (readonly [string, string])[] => {
    const [, backslash, sum = '', name = ''] = /^(\\?)([0-9a-f]{64}) [ *](.+)$/.exec(each) ?? [];
    if (backslash === undefined) return [];
    return [[backslash === '' ? name : unescaped(name), sum]];
  });
  return new Map(entries);
}

/** `unchecked`: it is there, and nothing tells what it was. */
export type FileCondition = 'whole' | 'altered' | 'missing' | 'unchecked';

/** A file of a transaction's directory, by its path in it. */
export type Kept = { readonly file: string; readonly condition: FileCondition };

function conditionOf(reader: HostReader, path: string, sum: string | undefined): FileCondition {
  const bytes = reader.readBytes(path, MOST_BYTES);
  if (!bytes.ok && bytes.why === 'absent') return 'missing';
  if (sum === undefined) return 'unchecked';
  return bytes.ok && sha256(bytes.value) === sum ? 'whole' : 'altered';
}

function sumsOf(reader: HostReader, id: string): ReadonlyMap<string, string> {
  const text = reader.readText(`${directoryOf(id)}/${MANIFEST}`, MOST_BYTES);
  return parseManifest(text.ok ? text.value : '');
}

function filesBelow(reader: HostReader, directory: string, name: string): readonly string[] {
  const path = `${directory}/${name}`;
  const stat = reader.lstat(path);
  if (!stat.ok) return [];
  if (stat.value.kind !== 'directory') return [name];
  const names = reader.list(path);
  return (names.ok ? names.value : []).flatMap((each) => filesBelow(reader, directory, `${name}/${each}`));
}

/** What is left of that which restores by hand: the old live values, and the old files. */
export function keptFor(reader: HostReader, id: string): readonly Kept[] {
  const directory = directoryOf(id);
  const sums = sumsOf(reader, id);
  const listed = [...sums.keys()].filter((name) => name === 'before.conf' || name.startsWith('before/'));
  const found = ['before.conf', 'before'].flatMap((name) => filesBelow(reader, directory, name));
  return [...new Set([...listed, ...found])].map((file) => ({
    file,
    condition: conditionOf(reader, `${directory}/${file}`, sums.get(file)),
  }));
}

/** False where the manifest tells that the file was written otherwise. */
export function isAsWritten(reader: HostReader, id: string, file: string): boolean {
  const sum = sumsOf(reader, id).get(file);
  return sum === undefined || conditionOf(reader, `${directoryOf(id)}/${file}`, sum) === 'whole';
}
