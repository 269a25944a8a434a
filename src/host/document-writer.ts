import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readlinkSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { type Fact, type Known, known, thenFact, type Unknown, unknown } from '../core/fact.ts';
import { followPath } from '../core/follow-path.ts';
import { errnoOf, unknownFrom } from './errno.ts';
import { openToWrite } from './open-already.ts';
import { LOOP_OF_LINKS } from './rooted-path.ts';

/** O_NONBLOCK makes the opening of a FIFO that nobody reads fail (ENXIO) where it would wait for a reader. */
const WRITE = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
const EXISTING = WRITE | constants.O_NOFOLLOW;
const NEW = EXISTING | constants.O_CREAT | constants.O_EXCL;
/** include/uapi/asm-generic/fcntl.h: Node has no name for it. */
const O_PATH = 0o10000000;
/** A directory that may not be listed will do. */
const DIRECTORY = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

const ROOT = 0;
const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

function isTrusted({ uid }: Stats): boolean {
  return uid === ROOT || uid === process.geteuid?.();
}

function isOurs({ uid }: Stats): boolean {
  return uid === process.geteuid?.() || uid === Number(process.env.SUDO_UID ?? Number.NaN);
}

/** Nobody else can put something in place of what is root's or ours in such a directory. */
function keepsNames(directory: Stats): boolean {
  return (
    isTrusted(directory) && ((directory.mode & WRITABLE_BY_OTHERS) === 0 || (directory.mode & STICKY) !== 0)
  );
}

/**
 * The path without its links. Only those are followed that nobody but root and whoever runs us can have put there:
 * whoever else chooses where a link leads would choose what we overwrite, or make.
 */
function withoutLinks(given: string): Fact<string> {
  if (openToWrite(given) !== null) return known(given);
  let isTheirs = !keepsNames(lstatSync('/'));
  const targetOf = (here: string, isLast: boolean): Known<string | null> | Unknown => {
    if (openToWrite(here) !== null) return known(null);
    const entry = lstatSync(here, { throwIfNoEntry: false });
    if (entry === undefined) return isLast ? known(null) : unknown('absent');
    if (!entry.isSymbolicLink()) {
      isTheirs ||= entry.isDirectory() && !keepsNames(entry);
      return known(null);
    }
    // A hard link to a link of root's may be anybody's.
    if (isTheirs || !isTrusted(entry) || entry.nlink > 1)
      return unknown('malformed', `${here} is a link that another user may have put there`);
    return known(readlinkSync(here));
  };
  return followPath(path.isAbsolute(given) ? given : `${process.cwd()}/${given}`, targetOf, LOOP_OF_LINKS);
}

/** Directory by directory, so that none of them can become a link in the meantime. */
function openDirectory(directory: string): number {
  let opened = openSync('/', DIRECTORY);
  for (const part of directory.split('/').filter((each) => each !== '')) {
    const above = opened;
    try {
      opened = openSync(`/proc/self/fd/${above}/${part}`, DIRECTORY);
    } finally {
      closeSync(above);
    }
  }
  return opened;
}

/** What stands there, or a new file where nothing does; a link in the last place is not followed. */
function openExistingOrNew(there: string): number {
  const directory = openDirectory(path.dirname(there));
  const inside = `/proc/self/fd/${directory}/${path.basename(there)}`;
  try {
    return openSync(inside, EXISTING);
  } catch (thrown) {
    if (errnoOf(thrown) !== 'ENOENT') throw thrown;
    return openSync(inside, NEW, 0o600);
  } finally {
    closeSync(directory);
  }
}

/** In a directory that others may write to, they choose what stands there, and who reads it. */
function whyNotInto(file: Stats): string | null {
  if (!file.isFile()) return file.isFIFO() && !isOurs(file) ? 'it is a FIFO of another user' : null;
  if (!isOurs(file)) return 'it is a file of another user';
  return file.nlink > 1 ? 'the file has other names besides this one (hard links)' : null;
}

function writeInto(there: string, text: string): Unknown | null {
  const open = openToWrite(there);
  if (open !== null) {
    // As it was given, behind what stands in it already.
    writeFileSync(open, text);
    return null;
  }
  const descriptor = openExistingOrNew(there);
  try {
    const file = fstatSync(descriptor);
    const why = whyNotInto(file);
    if (why !== null) return unknown('malformed', why);
    if (file.isFile()) {
      ftruncateSync(descriptor, 0);
      fchmodSync(descriptor, 0o600);
    }
    writeFileSync(descriptor, text);
    return null;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Writes a document of ours to a path that the user named: made with mode 0600, or emptied where a regular file
 * stands there. What is no regular file, and what we were given open, such as /dev/stdout, is written to as it is. What another user has put there is
 * left alone, and no link of another user is followed.
 * @returns the path, or why it could not be written
 */
export function writeDocument(given: string, text: string): Fact<string> {
  try {
    return thenFact(withoutLinks(given), (there) => writeInto(there, text) ?? known(given));
  } catch (thrown) {
    return unknownFrom(thrown);
  }
}
