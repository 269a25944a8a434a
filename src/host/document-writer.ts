import { closeSync, constants, fchmodSync, fstatSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import { type Fact, known } from '../core/fact.ts';
import { unknownFrom } from './errno.ts';

/** O_NONBLOCK makes the opening of a FIFO that nobody reads fail (ENXIO) where it would wait for a reader. */
const OPEN_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Writes a document of ours to a path that the user named: made with mode 0600, or emptied where a regular file
 * stands there. What is no regular file, such as /dev/stdout, is written to as it is.
 * @returns the path, or why it could not be written
 */
export function writeDocument(path: string, text: string): Fact<string> {
  try {
    const descriptor = openSync(path, OPEN_FLAGS, 0o600);
    try {
      if (fstatSync(descriptor).isFile()) {
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
