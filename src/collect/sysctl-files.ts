import { type Unknown, valueOr } from '../core/fact.ts';
import { isSameFile } from '../core/paths.ts';
import type { FileStat, HostReader } from '../core/ports.ts';
import type { SysctlFile } from '../snapshot/sysctl-file.ts';
import { SYSCTL_CREDENTIALS } from '../sysctl/credentials.ts';
import { ufwSysctlFile } from '../sysctl/ufw.ts';
import { type GivenCredential, givenCredentials } from './given-credentials.ts';
import { withoutSecrets } from './secrets.ts';
import { counted, type UnseenLog } from './unseen.ts';

/** sysctl.d(5) and sysctl(8), from the highest priority to the lowest. */
const DIRECTORIES = [
  '/etc/sysctl.d',
  '/run/sysctl.d',
  '/usr/local/lib/sysctl.d',
  '/usr/lib/sysctl.d',
  '/lib/sysctl.d',
] as const;

/**
 * `sysctl --system` reads the first; ufw.service loads the second, where the fourth says that it is enabled, unless the
 * third names another file.
 */
const FILES = ['/etc/sysctl.conf', '/etc/ufw/sysctl.conf', '/etc/default/ufw', '/etc/ufw/ufw.conf'] as const;

/** systemd-sysctl itself gives a file up at a line of one MiB. */
const MAX_BYTES = 8 * 1024 * 1024;
/** No loader reads what is not called *.conf; it is kept as far as it may be a file that somebody meant to count. */
const MAX_OTHER_BYTES = 64 * 1024;
const MOST_ENTRIES = 16_384;

/** Everything that a loader reads, or that keeps it from reading something, with its bytes but for secrets. */
export function collectSysctlFiles(reader: HostReader, unseen: UnseenLog): SysctlFile[] {
  const inDirectories = directories(reader).flatMap((directory) => entriesOf(reader, directory, unseen));
  const [firstLeftOut] = inDirectories.slice(MOST_ENTRIES);
  if (firstLeftOut !== undefined) {
    const many = counted(inDirectories.length - MOST_ENTRIES, 'sysctl file');
    unseen.add(many, `more than ${MOST_ENTRIES} in all`);
  }
  const paths = [...inDirectories.slice(0, MOST_ENTRIES), ...FILES, ...SYSCTL_CREDENTIALS];
  const files = [
    ...paths.flatMap((path) => fileAt(reader, path, unseen)),
    // One of those that are left out stands for all: what they set cannot be told.
    ...(firstLeftOut === undefined ? [] : [{ path: firstLeftOut, kind: 'unreadable' } as const]),
  ];
  const other = fileOfUfw(files);
  return [
    ...files,
    ...(other === null ? [] : fileAt(reader, other, unseen)),
    ...givenFiles(reader, unseen).filter(({ path }) => files.every((each) => each.path !== path)),
  ];
}

/** The credentials that drop-ins of the loader's unit give it; of each kind the last counts. */
function givenFiles(reader: HostReader, unseen: UnseenLog): readonly SysctlFile[] {
  const given = givenCredentials({
    names: (directory) => valueOr(reader.list(directory), []),
    text: (path) => valueOr(reader.readText(path, MAX_OTHER_BYTES), null),
  });
  const loaded = given.findLast((each) => each.kind === 'loaded');
  const set = given.findLast((each) => each.kind === 'set');
  return [
    ...(loaded === undefined
      ? []
      : fileAt(reader, loaded.from, unseen).map((file) => ({ ...file, credential: 'loaded' as const }))),
    ...(set === undefined ? [] : [setFile(set)]),
  ];
}

/** Its lines are numbered from that of the drop-in on. */
function setFile({ file, line, text }: Extract<GivenCredential, { kind: 'set' }>): SysctlFile {
  const content = withoutSecrets(`${'\n'.repeat(line - 1)}${text}`);
  return { path: file, kind: 'file', text: content, credential: 'set' };
}

/** What /etc/default/ufw names as the file that ufw loads, where that is none of those that are read anyway. */
function fileOfUfw(files: readonly SysctlFile[]): string | null {
  const named = ufwSysctlFile(files);
  return named === null || !named.endsWith('.conf') || files.some(({ path }) => path === named)
    ? null
    : named;
}

function fileAt(reader: HostReader, path: string, unseen: UnseenLog): readonly SysctlFile[] {
  const stat = reader.lstat(path);
  if (!stat.ok && stat.why !== 'absent') unseen.add(path, stat);
  if (!stat.ok) return unnamed(path, unseen);
  const file = stat.value.kind === 'link' ? linkAt(reader, path) : entryAt(reader, path, stat.value);
  if (file.kind === 'unreadable') unseen.add(path, whyUnreadable(reader, path));
  if (file.kind === 'fifo' && isRead(path)) unseen.add(path, FIFO);
  return [file];
}

/** A name that is no UTF-8 comes with this character in it, and leads nowhere. */
const NO_CHARACTER = '\ufffd';

function unnamed(path: string, unseen: UnseenLog): readonly SysctlFile[] {
  if (!path.includes(NO_CHARACTER) || !isRead(path)) return [];
  unseen.add(path, 'its name is no UTF-8');
  return [{ path, kind: 'unreadable' }];
}

const FIFO = 'it is a FIFO: the loader waits at boot until somebody writes to it';

/** By one loader or another; sysctl.conf itself only where it is a regular file. */
function isRead(path: string): boolean {
  return DIRECTORIES.some((directory) => path.startsWith(`${directory}/`)) && path.endsWith('.conf');
}

function whyUnreadable(reader: HostReader, path: string): string | Unknown {
  const bytes = reader.readBytes(path, MAX_BYTES);
  return bytes.ok ? 'it changed while it was read' : bytes;
}

/** Where /lib is /usr/lib under another name, as on all that merged them, its files count once. */
function directories(reader: HostReader): readonly string[] {
  const [, , , usrLib, lib] = DIRECTORIES;
  return isSameDirectory(reader, usrLib, lib)
    ? DIRECTORIES.filter((directory) => directory !== lib)
    : DIRECTORIES;
}

function isSameDirectory(reader: HostReader, a: string, b: string): boolean {
  const [first, second] = [reader.stat(a), reader.stat(b)];
  return first.ok && second.ok && isSameFile(first.value, second.value);
}

function entriesOf(reader: HostReader, directory: string, unseen: UnseenLog): readonly string[] {
  const names = reader.list(directory);
  if (!names.ok && names.why !== 'absent') unseen.add(directory, names);
  return valueOr(names, []).map((name) => `${directory}/${name}`);
}

function linkAt(reader: HostReader, path: string): SysctlFile {
  const target = valueOr(reader.readLink(path), '');
  const stat = reader.stat(path);
  // A link to /dev/null is how a file of a lower directory is masked: every loader reads it as empty. An image may have
  // no /dev, and masks with the same link all the same.
  if (target === '/dev/null' && (!stat.ok || stat.value.kind === 'device'))
    return { path, kind: 'link', target, text: '' };
  if (!stat.ok) {
    const kind = stat.why === 'absent' ? 'dangling' : stat.why === 'malformed' ? 'loop' : 'unreadable';
    return { path, kind, target };
  }
  const entry = entryAt(reader, path, stat.value);
  return { ...entry, kind: entry.kind === 'file' ? 'link' : entry.kind, target };
}

function entryAt(reader: HostReader, path: string, stat: FileStat): SysctlFile {
  const mode = octalMode(stat.mode);
  if (stat.kind === 'directory' || stat.kind === 'fifo') return { path, kind: stat.kind, mode };
  if (stat.kind !== 'file') return { path, kind: 'unreadable', mode };
  const counts = path.endsWith('.conf') || path === '/etc/default/ufw';
  if (!counts && stat.sizeBytes > MAX_OTHER_BYTES) return { path, kind: 'file', mode };
  const bytes = reader.readBytes(path, MAX_BYTES);
  return bytes.ok
    ? { path, kind: 'file', mode, ...contentOf(bytes.value) }
    : { path, kind: 'unreadable', mode };
}

/** `0644` */
export function octalMode(mode: number): string {
  return `0${(mode & 0o7777).toString(8).padStart(3, '0')}`;
}

/** What is no UTF-8 does not come back the same. A byte order mark is a part of the first line to every loader. */
export function contentOf(bytes: Uint8Array): { text: string } | { base64: string } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  const isUtf8 = !text.includes('\ufffd') || Buffer.from(text, 'utf8').equals(buffer);
  if (isUtf8) return { text: withoutSecrets(text) };
  const withoutThem = withoutSecrets(buffer.toString('latin1'));
  return { base64: Buffer.from(withoutThem, 'latin1').toString('base64') };
}
