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
  /** When the content was changed last, in milliseconds since 1970. */
  readonly modifiedMs: number;
};

/** How another program gets to run in a network namespace. Names and PIDs are given out again, so it may lead elsewhere one day. */
export type Entrance = {
  /** What its command stands behind: `ip netns exec blue`. */
  readonly command: string;
  /** What shows where that leads. */
  readonly check: string;
  /** As long as it leads there: `only while process 258 is in net:[4026532248]`. */
  readonly remark: string;
};

/** How a person reaches what a reader shows. */
export type Typed = {
  /** Options that lead another of our commands there: `--root /mnt`; empty for this host. */
  readonly options: string;
  /** Null where it is where we are. */
  readonly enter: Entrance | null;
  /** Where the path leads: outside of a tree, and where it was moved to. */
  path(path: string): string;
};

/** `backlogctl rollback --root /mnt` */
export function typedCommand(command: string, { typed }: Pick<HostReader, 'typed'>): string {
  return `backlogctl ${command} ${typed.options}`.trimEnd();
}

/** What stands in a file, and what the file was when it was opened: the same file, whatever takes its place meanwhile. */
export type OpenedText = {
  readonly text: string;
  readonly stat: FileStat;
  /** How many names the file has: each beyond the first is a hard link. */
  readonly names: number;
};

/**
 * Synchronous and bounded: reads regular files only, so a FIFO or a device in a directory never blocks a run, and
 * answers `malformed` beyond the bound. With a root, every path and every link in it is resolved inside the root.
 */
export interface HostReader {
  /** Where the paths lead, without links: `/` for this host. */
  readonly root: string;
  /** What a person types outside. */
  readonly typed: Typed;
  readBytes(path: string, maxBytes?: number): Fact<Uint8Array>;
  /** UTF-8; bytes that are not come back as U+FFFD. */
  readText(path: string, maxBytes?: number): Fact<string>;
  /** The same of the file itself: `malformed` for a link in the last place. */
  readOpened(path: string, maxBytes?: number): Fact<OpenedText>;
  /** Names in byte order, without `.` and `..`. */
  list(path: string): Fact<readonly string[]>;
  /** The entry itself. */
  lstat(path: string): Fact<FileStat>;
  /** What a link leads to. `malformed` for a loop, `absent` for a dangling one. */
  stat(path: string): Fact<FileStat>;
  readLink(path: string): Fact<string>;
}

/** Whether it shows what runs here, and no other tree. */
export function isHost({ root }: Pick<HostReader, 'root'>): boolean {
  return root === '/';
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

/** A system call that failed. `errno` is its name (`ENOSPC`), `path` what it was about. */
export type CallFailure = {
  readonly ok: false;
  readonly call: string;
  readonly path: string;
  readonly errno: string;
};

/** What a system call came to. Failing is an expected outcome, so it is a value and never thrown. */
export type CallResult<T = void> = { readonly ok: true; readonly value: T } | CallFailure;

/** A file that we have open for writing. */
export interface WritableFile {
  /** All of the bytes, however many write(2) it takes. */
  write(bytes: Uint8Array): Promise<CallResult>;
  /** fsync(2) */
  sync(): Promise<CallResult>;
  chmod(mode: number): Promise<CallResult>;
  chown(uid: number, gid: number): Promise<CallResult>;
  close(): Promise<CallResult>;
}

/**
 * Changes a host, one system call a method, so that a test can fail or kill at each. Paths are the host's own; with
 * a root they lead inside it. No method follows a link in the last place. Only apply receives one: that nothing else
 * writes is a matter of types.
 */
export interface HostWriter {
  /** O_CREAT | O_EXCL: fails with EEXIST where anything stands there, a dangling link too. */
  createExclusive(path: string, mode: number): Promise<CallResult<WritableFile>>;
  /** O_APPEND of a regular file that exists; ELOOP for a link. */
  openAppend(path: string): Promise<CallResult<WritableFile>>;
  mkdir(path: string, mode: number): Promise<CallResult>;
  rename(from: string, to: string): Promise<CallResult>;
  /** fsync(2) of the directory: what was created, renamed or removed in it is then on the disk. */
  syncDir(path: string): Promise<CallResult>;
  unlink(path: string): Promise<CallResult>;
  rmdir(path: string): Promise<CallResult>;
  /** One write(2) of the whole value to a file below /proc/sys; EPERM for any other path. */
  writeSysctl(path: string, value: string): Promise<CallResult>;
}

/** The lock that keeps two runs apart, while we hold it. */
export interface HeldLock {
  /** False once it is no longer ours, because its holder was killed: then nothing more may be written. */
  isHeld(): boolean;
  release(): Promise<void>;
}

export type LockResult =
  | { readonly kind: 'held'; readonly lock: HeldLock }
  /** Somebody else holds it. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'failed'; readonly why: string };

export interface Locks {
  acquire(path: string): Promise<LockResult>;
}

/** Starts backlogctl again when a time is over, whatever becomes of this run, its parent and its terminal. */
export interface Reverter {
  /** Has it look at the transaction now, in the same surroundings. @returns why it could not; null where it could */
  prove(id: string): Promise<string | null>;
  /** @returns why it will not start; null where it will */
  arm(id: string, milliseconds: number): Promise<string | null>;
  /** False where it is known to have gone, as with what a soft reboot ends (systemd-soft-reboot.service(8)). */
  isArmed(id: string): Promise<boolean>;
  /** It finds nothing to do any more; where it cannot be stopped, it finds that out by itself. */
  disarm(id: string): Promise<void>;
}

/** What a file is to the kernel's security module, besides its owner and mode. */
export interface FileLabels {
  /** Gives a file that was made or renamed the label that the system's policy has for its path. @returns whether that is so */
  restore(path: string): Promise<boolean>;
}

/** logger(1). */
export interface SystemLog {
  /** False where it could not be written: said once, never fatal. */
  log(message: string): Promise<boolean>;
}

export type Choice = {
  readonly value: string;
  readonly label: string;
  /** What choosing it means, in a sentence. */
  readonly note: string;
};

/** Asks a person at a terminal. Every answer is null where the person gave up (Ctrl-C). */
export interface Prompter {
  select(message: string, choices: readonly Choice[]): Promise<string | null>;
  /** @param complaint what is wrong with an answer; null for a good one */
  input(message: string, complaint: (answer: string) => string | null): Promise<string | null>;
  confirm(message: string): Promise<boolean | null>;
}
