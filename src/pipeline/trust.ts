import { UserError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import type { Unknown } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';

const ROOT = 0;
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Who may write to a directory may put another file in place of the one that we looked at, so directories are asked
 * for like files.
 * @param unreadable what to throw where nothing can be told of the path
 * @throws UserError where others than root and whoever runs us may write to it
 */
export function checkTrust(
  reader: HostReader,
  path: string,
  uid: number,
  unreadable: (path: string, why: Unknown) => UserError,
): void {
  const stat = reader.stat(path);
  if (!stat.ok) throw unreadable(path, stat);
  const { value } = stat;
  if ((value.uid === ROOT || value.uid === uid) && (value.mode & WRITABLE_BY_OTHERS) === 0) return;
  throw new UserError({
    code: 'refused',
    status: EXIT.badInput,
    at: { file: path },
    message: 'not trusted: it must belong to root and be writable by nobody else',
    hint: `chown root: ${path} && chmod go-w ${path}`,
  });
}

const STICKY = 0o1000;

/**
 * The same for a file that somebody named, and for every directory above it: whoever may write to one of them may put
 * another file in place. In a sticky one, such as /tmp, nobody can replace what is root's.
 * @param path absolute, without `.` and `..`
 * @throws UserError where others than root and whoever runs us may have written it
 */
export function checkTrustAbove(
  reader: HostReader,
  path: string,
  uid: number,
  unreadable: (path: string, why: Unknown) => UserError,
): void {
  for (const part of withDirectories(path)) {
    const stat = reader.stat(part);
    const isSticky = stat.ok && part !== path && (stat.value.mode & STICKY) !== 0;
    if (!isSticky) checkTrust(reader, part, uid, unreadable);
  }
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
