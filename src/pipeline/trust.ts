import { UserError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import { type Known, known, type Unknown, unknown } from '../core/fact.ts';
import { followPath } from '../core/follow-path.ts';
import type { FileStat, HostReader } from '../core/ports.ts';
import { shellQuote } from '../core/shell.ts';

const ROOT = 0;
const WRITABLE_BY_OTHERS = 0o022;

const STICKY = 0o1000;

/** Makes what to throw where nothing can be told of a path. */
export type Unreadable = (path: string, why: Unknown) => UserError;

function notTrusted(file: string, message: string, hint: string): UserError {
  return new UserError({
    code: 'refused',
    status: EXIT.badInput,
    at: { file },
    message: `not trusted: ${message}`,
    hint,
  });
}

function isTheirs({ uid: owner }: FileStat, uid: number): boolean {
  return owner !== ROOT && owner !== uid;
}

function mayBeWritten({ mode }: FileStat): boolean {
  return (mode & WRITABLE_BY_OTHERS) !== 0;
}

function openToOthersError(path: string): UserError {
  const quoted = shellQuote(path);
  return notTrusted(
    path,
    'it must belong to root and be writable by nobody else',
    `chown root: ${quoted} && chmod go-w ${quoted}`,
  );
}

/**
 * Who may write to a directory may put another file in place of the one that we looked at, so directories are asked
 * for like files.
 * @throws UserError where others than root and whoever runs us may write to it
 */
export function checkTrust(reader: HostReader, path: string, uid: number, unreadable: Unreadable): void {
  const stat = reader.stat(path);
  if (!stat.ok) throw unreadable(path, stat);
  if (isTheirs(stat.value, uid) || mayBeWritten(stat.value)) throw openToOthersError(reader.typed.path(path));
}

/** In a sticky directory, such as /tmp, nobody but its owner can replace what is root's. */
function isSticky({ kind, mode }: FileStat): boolean {
  return kind === 'directory' && (mode & STICKY) !== 0;
}

function mistrustOf(stat: FileStat, path: string, uid: number, isLast: boolean): UserError | null {
  if (stat.kind === 'link') {
    if (!isTheirs(stat, uid)) return null;
    return notTrusted(path, 'it is a link of another user', 'give the path of the file itself');
  }
  if (!isTheirs(stat, uid) && (!mayBeWritten(stat) || (isSticky(stat) && !isLast))) return null;
  return openToOthersError(path);
}

type NoWay =
  | { readonly ok: false; readonly kind: 'mistrusted'; readonly error: UserError }
  | { readonly ok: false; readonly kind: 'unreadable'; readonly at: string; readonly why: Unknown };

/**
 * The way to a file, where nobody but root and whoever runs us can have it lead elsewhere: each directory and each
 * link on it is theirs, and no other user can put something else in its place.
 * @param path absolute
 * @returns the path without links
 */
function trustedWay(reader: HostReader, path: string, uid: number): Known<string> | NoWay {
  const unreadable = (at: string, why: Unknown): NoWay => ({ ok: false, kind: 'unreadable', at, why });
  const targetAt = (here: string, isLast: boolean): Known<string | null> | NoWay => {
    const stat = reader.lstat(here);
    // What is missing is what was named, wherever the way to it ends.
    if (!stat.ok) return unreadable(stat.why === 'absent' && path.startsWith(`${here}/`) ? path : here, stat);
    const error = mistrustOf(stat.value, reader.typed.path(here), uid, isLast);
    if (error !== null) return { ok: false, kind: 'mistrusted', error };
    if (stat.value.kind !== 'link') return known(null);
    const target = reader.readLink(here);
    return target.ok ? target : unreadable(here, target);
  };
  const top = targetAt('/', false);
  return top.ok ? followPath(path, targetAt, unreadable(path, unknown('malformed', 'a loop of links'))) : top;
}

/**
 * The same for a file that somebody named, and for every directory and every link on the way to it.
 * @param path absolute
 * @throws UserError where others than root and whoever runs us may have written it, or chosen it
 */
export function checkTrustAbove(reader: HostReader, path: string, uid: number, unreadable: Unreadable): void {
  const way = trustedWay(reader, path, uid);
  if (!way.ok) throw way.kind === 'mistrusted' ? way.error : unreadable(way.at, way.why);
}

/** A file that somebody named; `mistrust` says why it may be looked at, and not obeyed. */
type Judged =
  | { readonly ok: true; readonly text: string; readonly mistrust: UserError | null }
  | { readonly ok: false; readonly at: string; readonly why: Unknown };

/** A trusted way leads to one file, so what is opened at its end is what was looked at. */
function readAtEnd(reader: HostReader, path: string, there: string, maxBytes: number): Judged {
  const opened = reader.readOpened(there, maxBytes);
  if (!opened.ok) return { ok: false, at: there, why: opened };
  const { text, stat, names } = opened.value;
  const named = reader.stat(path);
  if (!named.ok) return { ok: false, at: path, why: named };
  // Links such as /proc/PID/root lead elsewhere than what they say.
  if (named.value.inode !== stat.inode || named.value.device !== stat.device)
    return { ok: false, at: path, why: unknown('malformed', 'its links lead elsewhere than they say') };
  const directory = reader.stat(there.slice(0, there.lastIndexOf('/')) || '/');
  const mayBeLinked = names > 1 && (!directory.ok || mayBeWritten(directory.value));
  const mistrust = mayBeLinked
    ? notTrusted(path, 'another user may have given it this name (a hard link)', 'give its other path')
    : null;
  return { ok: true, text, mistrust };
}

/**
 * Reads a file that somebody named, and says whether it may be obeyed, of the very file that was read.
 * @param path absolute
 */
export function readJudged(reader: HostReader, path: string, uid: number, maxBytes: number): Judged {
  const way = trustedWay(reader, path, uid);
  if (way.ok) return readAtEnd(reader, path, way.value, maxBytes);
  if (way.kind === 'unreadable') return way;
  const text = reader.readText(path, maxBytes);
  return text.ok ? { ok: true, text: text.value, mistrust: way.error } : { ok: false, at: path, why: text };
}

/**
 * Reads a file that is to be obeyed.
 * @param path absolute
 * @throws UserError where it cannot be read, or where others than root and whoever runs us may have written or chosen it
 */
export function readTrusted(
  reader: HostReader,
  path: string,
  uid: number,
  maxBytes: number,
  unreadable: Unreadable,
): string {
  const way = trustedWay(reader, path, uid);
  if (!way.ok) throw way.kind === 'mistrusted' ? way.error : unreadable(way.at, way.why);
  const judged = readAtEnd(reader, path, way.value, maxBytes);
  if (!judged.ok) throw unreadable(judged.at, judged.why);
  if (judged.mistrust !== null) throw judged.mistrust;
  return judged.text;
}

/**
 * The first directory on the way, or the path itself, that others than root may write to, links followed; null where
 * there is none. What is not there root will make.
 * @param path absolute, without `.` and `..`
 */
export function openToOthers(reader: HostReader, path: string): string | null {
  const isOpen = (part: string): boolean => {
    const stat = reader.stat(part);
    return stat.ok && (stat.value.uid !== ROOT || (stat.value.mode & WRITABLE_BY_OTHERS) !== 0);
  };
  return withDirectories(path).find(isOpen) ?? null;
}

function withDirectories(path: string): readonly string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return ['/', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)];
}

/**
 * Whether root alone decides what stands there: the file and every directory above it belong to root, nobody else may
 * write to them, and no link leads elsewhere.
 * @param path without `.` and `..`; one that is not absolute is not trusted
 */
export function isRootsAlone(reader: HostReader, path: string): boolean {
  if (!path.startsWith('/')) return false;
  return withDirectories(path).every((part) => {
    const stat = reader.lstat(part);
    if (!stat.ok) return false;
    const { kind, uid, mode } = stat.value;
    return (
      kind === (part === path ? 'file' : 'directory') && uid === ROOT && (mode & WRITABLE_BY_OTHERS) === 0
    );
  });
}
