import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { type Fact, known, mapFact, thenFact, type Unknown, unknown } from '../core/fact.ts';
import type { FileKind, FileStat, HostReader, OpenedText } from '../core/ports.ts';
import { shellQuote } from '../core/shell.ts';
import { unknownFrom } from './errno.ts';
import { resolveInRoot } from './rooted-path.ts';

const DEFAULT_MAX_BYTES = 1024 * 1024;
const FIRST_READ_BYTES = 64 * 1024;
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Translates a path of the host into one that this process can open. */
type Locate = (path: string, followLast: boolean) => Fact<string>;

/**
 * Reads this host, or with another root a tree that stands for one.
 * @param root a directory; every path and link is resolved inside it
 */
export function hostReader(root = '/'): HostReader {
  const base = realRoot(root);
  const locate: Locate =
    base === '/' ? (path) => known(path) : (path, followLast) => resolveInRoot(base, path, followLast);
  const readBytes = (path: string, maxBytes = DEFAULT_MAX_BYTES) =>
    thenFact(locate(path, true), (there) =>
      mapFact(readRegular(there, maxBytes), (bytes) => new Uint8Array(bytes)),
    );
  return {
    root: base,
    typed: {
      options: root === '/' ? '' : `--root ${shellQuote(root)}`,
      enter: null,
      path: (path) => (root === '/' ? path : `${root.replace(/\/$/, '')}${path}`),
    },
    readBytes,
    readText: (path, maxBytes = DEFAULT_MAX_BYTES) =>
      thenFact(locate(path, true), (there) =>
        mapFact(readRegular(there, maxBytes), (bytes) => bytes.toString('utf8')),
      ),
    readOpened: (path, maxBytes = DEFAULT_MAX_BYTES) =>
      thenFact(locate(path, false), (there) => readOpened(there, maxBytes)),
    list: (path) => thenFact(locate(path, true), list),
    lstat: (path) => thenFact(locate(path, false), (there) => statOf(there, lstatSync)),
    stat: (path) => thenFact(locate(path, true), (there) => statOf(there, statSync)),
    readLink: (path) => thenFact(locate(path, false), readLink),
  };
}

/** What `/proc/PID/root` reads as is a path in its own mount namespace, and says nothing in ours. */
function isThroughProc(typed: string, real: string): boolean {
  if (typed.startsWith('/proc/') || (real === '/' && typed !== '/')) return true;
  const [there, here] = [statSync(typed), statSync(real)];
  return there.dev !== here.dev || there.ino !== here.ino;
}

function realRoot(root: string): string {
  const typed = resolve(root);
  try {
    const real = realpathSync(typed);
    return isThroughProc(typed, real) ? typed : real;
  } catch {
    return typed;
  }
}

let scratch: Buffer | null = null;

/** One buffer for all small files: what is returned is a view that the next reading overwrites. */
function scratchBuffer(): Buffer {
  scratch ??= Buffer.allocUnsafeSlow(FIRST_READ_BYTES);
  return scratch;
}

/** Only the kernel makes entries there, and none of them is a device or a FIFO. */
const KERNELS_OWN = '/proc/sys/';

/** Why the path is not to be opened: opening a device may already do something (a watchdog starts). */
function hindrance(path: string, call: StatCall = statSync): Unknown | null {
  const stat = call(path, { throwIfNoEntry: false });
  if (stat === undefined) return unknown('absent');
  return stat.isFile() ? null : unknown('malformed', `not a regular file but a ${kindOf(stat)}`);
}

/** What stands at a path may have changed since it was asked for its kind, so it is asked again when it is open. */
function readRegular(path: string, maxBytes: number): Fact<Buffer> {
  try {
    const isKernels = path.startsWith(KERNELS_OWN);
    const hindered = isKernels ? null : hindrance(path);
    if (hindered !== null) return hindered;
    const descriptor = openSync(path, OPEN_FLAGS);
    try {
      const variable = isKernels ? readVariable(descriptor, maxBytes) : null;
      if (variable !== null) return variable;
      return readFrom(descriptor, fstatSync(descriptor), maxBytes);
    } finally {
      closeSync(descriptor);
    }
  } catch (thrown) {
    return unknownFrom(thrown);
  }
}

function readFrom(descriptor: number, opened: Stats, maxBytes: number): Fact<Buffer> {
  if (!opened.isFile()) return unknown('malformed', `not a regular file but a ${kindOf(opened)}`);
  return opened.size > maxBytes ? tooLarge(maxBytes) : readUpTo(descriptor, opened.size, maxBytes);
}

function readOpened(path: string, maxBytes: number): Fact<OpenedText> {
  try {
    const hindered = hindrance(path, lstatSync);
    if (hindered !== null) return hindered;
    const descriptor = openSync(path, OPEN_FLAGS | constants.O_NOFOLLOW);
    try {
      const opened = fstatSync(descriptor);
      return mapFact(readFrom(descriptor, opened, maxBytes), (bytes) => ({
        text: bytes.toString('utf8'),
        stat: fileStat(opened),
        names: opened.nlink,
      }));
    } finally {
      closeSync(descriptor);
    }
  } catch (thrown) {
    return unknownFrom(thrown);
  }
}

/**
 * Handlers of variables give their whole text to the first reading and nothing to the next (proc_dointvec() and its
 * kin look at the offset). null where it did not fit, or where nothing came: then the file is read like any other.
 */
function readVariable(descriptor: number, maxBytes: number): Fact<Buffer> | null {
  const buffer = scratchBuffer();
  const got = readSync(descriptor, buffer, 0, buffer.length, 0);
  return got > 0 && got < buffer.length && got <= maxBytes ? known(buffer.subarray(0, got)) : null;
}

function tooLarge(maxBytes: number): Fact<never> {
  return unknown('malformed', `larger than ${maxBytes} bytes`);
}

/** Files in /proc say that they are empty, so only the end of the file ends the reading. */
function readUpTo(descriptor: number, statedBytes: number, maxBytes: number): Fact<Buffer> {
  let buffer = statedBytes < FIRST_READ_BYTES ? scratchBuffer() : Buffer.allocUnsafe(statedBytes + 1);
  let filled = 0;
  for (;;) {
    const got = readSync(descriptor, buffer, filled, buffer.length - filled, null);
    if (got === 0) return known(buffer.subarray(0, filled));
    filled += got;
    if (filled > maxBytes) return tooLarge(maxBytes);
    if (filled === buffer.length) {
      const larger = Buffer.allocUnsafe(buffer.length * 2);
      buffer.copy(larger, 0, 0, filled);
      buffer = larger;
    }
  }
}

/** Many a directory that we look for is not there, and a failing call costs several times what asking first does. */
function list(path: string): Fact<readonly string[]> {
  try {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return unknown('absent');
    return known(inByteOrder(readdirSync(path)));
  } catch (thrown) {
    return unknownFrom(thrown);
  }
}

const ASCII_ONLY = /^[\0-\x7f]*$/;

/** Without characters beyond ASCII, the order of UTF-16 units is that of the bytes. */
function inByteOrder(names: string[]): readonly string[] {
  if (names.every((name) => ASCII_ONLY.test(name))) return names.sort();
  return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function readLink(path: string): Fact<string> {
  try {
    return known(readlinkSync(path));
  } catch (thrown) {
    const why = unknownFrom(thrown);
    return why.detail === 'EINVAL' ? unknown('malformed', 'not a link') : why;
  }
}

type StatCall = (path: string, options: { throwIfNoEntry: false }) => Stats | undefined;

function statOf(path: string, call: StatCall): Fact<FileStat> {
  try {
    const stat = call(path, { throwIfNoEntry: false });
    return stat === undefined ? unknown('absent') : known(fileStat(stat));
  } catch (thrown) {
    return unknownFrom(thrown);
  }
}

function fileStat(stat: Stats): FileStat {
  return {
    kind: kindOf(stat),
    mode: stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
    inode: stat.ino,
    device: stat.dev,
    sizeBytes: stat.size,
    modifiedMs: stat.mtimeMs,
  };
}

function kindOf(stat: Stats): FileKind {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  if (stat.isSymbolicLink()) return 'link';
  if (stat.isFIFO()) return 'fifo';
  return stat.isSocket() ? 'socket' : 'device';
}
