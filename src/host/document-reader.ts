import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { type Fact, known, type Unknown, unknown } from '../core/fact.ts';
import { errnoOf, unknownFromErrno } from './errno.ts';
import { isOpenToRead } from './open-already.ts';

/** 10,000 listeners make some 4 MB. */
export const MOST_DOCUMENT_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
const STDIN = 0;

/** A FIFO that nobody writes to would be waited for without end. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK;

/**
 * Reads a document that the user named; `-` is standard input. Other pipes are read only where a shell made them, as
 * in `--snapshot <(ssh …)`.
 * @returns `malformed` with `too large` beyond 64 MiB, with `a directory`, or with `not a regular file`
 */
export function readDocument(path: string): Fact<string> {
  try {
    if (path === '-') return readAll(STDIN);
    // Somebody writes at the other end.
    const mayWait = isOpenToRead(path);
    // Opening a device may already do something, so it is asked for before; and again, for it may have changed.
    const hindered = hindrance(statSync(path), mayWait);
    if (hindered !== null) return hindered;
    const descriptor = openSync(path, mayWait ? constants.O_RDONLY | constants.O_NOCTTY : OPEN_FLAGS);
    try {
      return hindrance(fstatSync(descriptor), mayWait) ?? readAll(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (thrown) {
    return unknownFromErrno(errnoOf(thrown));
  }
}

function hindrance(stat: Stats, mayBePipe: boolean): Unknown | null {
  if (stat.isDirectory()) return unknown('malformed', 'a directory');
  if (!stat.isFile()) return mayBePipe ? null : unknown('malformed', 'not a regular file');
  return stat.size > MOST_DOCUMENT_BYTES ? tooLarge() : null;
}

function tooLarge(): Unknown {
  return unknown('malformed', `too large: more than ${MOST_DOCUMENT_BYTES / 1024 / 1024} MiB`);
}

const RETRY_MILLISECONDS = 10;

/** Standard input may have been set non-blocking by whoever shares it: then a pause answers EAGAIN. */
function readPatiently(descriptor: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, chunk, 0, chunk.length, null);
    } catch (thrown) {
      if (errnoOf(thrown) !== 'EAGAIN') throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MILLISECONDS);
    }
  }
}

function readAll(descriptor: number): Fact<string> {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const got = readPatiently(descriptor, chunk);
    if (got === 0) return known(Buffer.concat(chunks, total).toString('utf8'));
    total += got;
    if (total > MOST_DOCUMENT_BYTES) return tooLarge();
    chunks.push(chunk.subarray(0, got));
  }
}
