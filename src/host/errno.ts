import { type Unknown, unknown } from '../core/fact.ts';

/** What was thrown is no system call's answer. */
export const NO_ERRNO = 'unknown error';

/** By shape: an error of Node's is not an `instanceof Error` in every realm. */
export function errnoOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return NO_ERRNO;
  return typeof thrown.code === 'string' ? thrown.code : NO_ERRNO;
}

/** A failed system call as the reason why something on the host is not known. */
export function unknownFromErrno(code: string): Unknown {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    // A process that ended, or an interface that left, between the listing and the reading.
    case 'ESRCH':
    case 'ENXIO':
    case 'ENODEV':
      return unknown('absent');
    case 'EACCES':
    case 'EPERM':
      return unknown('denied');
    case 'ELOOP':
      return unknown('malformed', 'a loop of links');
    case 'EISDIR':
      return unknown('malformed', 'a directory');
    default:
      return unknown('malformed', code);
  }
}

export function unknownFrom(thrown: unknown): Unknown {
  return unknownFromErrno(errnoOf(thrown));
}
