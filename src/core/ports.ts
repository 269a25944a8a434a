import type { Fact } from './fact.ts';

/** What stands at a path, links not followed. */
export type FileKind = 'file' | 'link' | 'directory' | 'fifo' | 'socket' | 'device';

export type FileStat = {
  readonly kind: FileKind;
  /** Permission bits only. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly inode: number;
  /** Of the file system: an inode is one file only together with it. */
  readonly device: number;
  readonly sizeBytes: number;
};

/**
 * Synchronous and bounded: reads regular files only, so a FIFO or a device in a directory never blocks a run, and
 * answers `malformed` beyond the bound. With a root, every path and every link in it is resolved inside the root.
 */
export interface HostReader {
  /** Where the paths lead: `/` for this host. */
  readonly root: string;
  readBytes(path: string, maxBytes?: number): Fact<Uint8Array>;
  /** UTF-8; bytes that are not come back as U+FFFD. */
  readText(path: string, maxBytes?: number): Fact<string>;
  /** Names in byte order, without `.` and `..`. */
  list(path: string): Fact<readonly string[]>;
  /** The entry itself. */
  lstat(path: string): Fact<FileStat>;
  /** What a link leads to. `malformed` for a loop, `absent` for a dangling one. */
  stat(path: string): Fact<FileStat>;
  readLink(path: string): Fact<string>;
}

export type ExecResult =
  | { readonly kind: 'exited'; readonly status: number; readonly stdout: string }
  | { readonly kind: 'failed'; readonly why: 'absent' | 'denied' | 'timed-out' | 'too-much-output' };

/**
 * `latin1` gives one character a byte, for output whose columns are counted in bytes; UTF-8 is meant where nothing
 * is said.
 */
export type ExecBounds = {
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly encoding?: 'utf8' | 'latin1';
};

/** Runs a program by an argument list, never through a shell, with a cleaned environment and no stdin. */
export interface Exec {
  run(argv: readonly [string, ...string[]], bounds: ExecBounds): ExecResult;
}

export interface Clock {
  /** RFC 3339 in UTC. */
  now(): string;
  sleep(milliseconds: number): Promise<void>;
  monotonicMs(): number;
}

/** Who runs us, as far as collecting and trusting files depend on it. */
export type Identity = { readonly uid: number; readonly pid: number };
