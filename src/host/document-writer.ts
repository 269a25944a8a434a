import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { type Fact, known, unknown } from '../core/fact.ts';
import { unknownFrom } from './errno.ts';

/** O_NONBLOCK makes the opening of a FIFO that nobody reads fail (ENXIO) where it would wait for a reader. */
const OPEN_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_NONBLOCK | constants.O_NOCTTY;

const ROOT = 0;

function isOurs({ uid }: Stats): boolean {
  return uid === process.geteuid?.() || uid === Number(process.env.SUDO_UID ?? Number.NaN);
}

/** In a directory that others may write to, they choose where a link leads, and who reads a file. */
function whyNotInto(path: string, file: Stats): string | null {
  const entry = lstatSync(path);
  if (entry.isSymbolicLink() && !isOurs(entry) && entry.uid !== ROOT) return 'it is a link of another user';
  if (!file.isFile()) return null;
  if (!isOurs(file)) return 'it is a file of another user';
  return file.nlink > 1 ? 'the file has other names besides this one (hard links)' : null;
}

/**
 * Writes a document of ours to a path that the user named: made with mode 0600, or emptied where a regular file
 * stands there. What is no regular file, such as /dev/stdout, is written to as it is. What another user has put there is
 * left alone.
 * @returns the path, or why it could not be written
 */
export function writeDocument(path: string, text: string): Fact<string> {
  try {
    const descriptor = openSync(path, OPEN_FLAGS, 0o600);
    try {
      const file = fstatSync(descriptor);
      const why = whyNotInto(path, file);
      if (why !== null) return unknown('malformed', why);
      if (file.isFile()) {
        ftruncateSync(descriptor, 0);
        fchmodSync(descriptor, 0o600);
      }
      writeFileSync(descriptor, text);
      return known(path);
    } finally {
      closeSync(descriptor);
    }
  } catch (thrown) {
    return unknownFrom(thrown);
  }
}
