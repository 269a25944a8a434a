import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type Fact, known, unknown } from '../core/fact.ts';
import { errnoOf, unknownFromErrno } from './errno.ts';

/** 10,000 listeners make some 4 MB. */
const MAX_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
const STDIN = 0;

/**
 * Reads a document that the user named; `-` is standard input. Pipes are read to their end, as in
 * `--snapshot <(ssh …)`.
 * @returns `malformed` with `too large` beyond 64 MiB, or with `a directory`
 */
export function readDocument(path: string): Fact<string> {
  try {
    if (path === '-') return readAll(STDIN);
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOCTTY);
    try {
      const stat = fstatSync(descriptor);
      if (stat.isDirectory()) return unknown('malformed', 'a directory');
      return stat.isFile() && stat.size > MAX_BYTES ? tooLarge() : readAll(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (thrown) {
    return unknownFromErrno(errnoOf(thrown));
  }
}

function tooLarge(): Fact<never> {
  return unknown('malformed', `too large: more than ${MAX_BYTES / 1024 / 1024} MiB`);
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
    if (total > MAX_BYTES) return tooLarge();
    chunks.push(chunk.subarray(0, got));
  }
}
