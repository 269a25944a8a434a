import { type Fact, known, mapFact, thenFact, unknown } from '../../src/core/fact.ts';
import type {
  Clock,
  Exec,
  ExecResult,
  FileKind,
  FileStat,
  HostReader,
  Identity,
} from '../../src/core/ports.ts';

/** What stands at a path: a string is a file of mode 0644 with that text. */
type MemoryNode =
  | string
  | {
      readonly text?: string;
      readonly bytes?: Uint8Array;
      readonly link?: string;
      readonly kind?: Extract<FileKind, 'fifo' | 'socket' | 'device' | 'directory'>;
      readonly mode?: number;
      readonly uid?: number;
      /** Of the last change, in milliseconds since 1970; 0 where nothing is said. */
      readonly modifiedMs?: number;
      /** Of the file system; all are on one where nothing is said. */
      readonly device?: number;
      /** How many names the file has; 1 where nothing is said. */
      readonly names?: number;
      /** Every reading, listing and following answers EACCES; lstat of the entry itself still works. */
      readonly denied?: boolean;
    };

/** By absolute path; the directories above each path exist by themselves. */
export type MemoryTree = Readonly<Record<string, MemoryNode>>;

/** What a program prints, by its arguments joined by blanks; a string is exit status 0 and that output. */
type MemoryOutputs = Readonly<Record<string, string | ExecResult>>;

export type MemoryHost = {
  readonly reader: HostReader;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly identity: Identity;
  /** Every argument list that was run, in order. */
  readonly ran: readonly (readonly string[])[];
  /** Every path whose content was asked for, in order. */
  readonly readPaths: readonly string[];
};

export type MemoryHostOptions = {
  readonly tree?: MemoryTree;
  readonly outputs?: MemoryOutputs;
  readonly uid?: number;
  /** Called at each sleep, to change what later readings see. */
  readonly onSleep?: (milliseconds: number) => MemoryTree | undefined;
};

/** A host of plain data for tests: no reading leaves this process. */
export function memoryHost(options: MemoryHostOptions = {}): MemoryHost {
  const ran: (readonly string[])[] = [];
  const readPaths: string[] = [];
  let tree = new MemoryFiles(options.tree ?? {});
  let milliseconds = 0;
  return {
    reader: memoryReader(() => tree, readPaths),
    exec: memoryExec(options.outputs ?? {}, ran),
    clock: {
      now: () => '2026-11-20T09:00:00Z',
      monotonicMs: () => milliseconds,
      sleep: async (pause) => {
        milliseconds += pause;
        const changed = options.onSleep?.(pause);
        if (changed !== undefined) tree = new MemoryFiles({ ...options.tree, ...changed });
      },
    },
    identity: { uid: options.uid ?? 0, pid: 4242 },
    ran,
    readPaths,
  };
}

function memoryExec(outputs: MemoryOutputs, ran: (readonly string[])[]): Exec {
  return {
    run: (argv) => {
      ran.push(argv);
      const output = outputs[argv.join(' ')];
      if (output === undefined) return { kind: 'failed', why: 'absent' };
      return typeof output === 'string' ? { kind: 'exited', status: 0, stdout: output } : output;
    },
  };
}

type Entry = Exclude<MemoryNode, string>;

class MemoryFiles {
  private readonly entries = new Map<string, Entry>();
  private readonly children = new Map<string, Set<string>>();
  private readonly inodes = new Map<string, number>();

  constructor(tree: MemoryTree) {
    this.makeDirectory('/');
    for (const [path, node] of Object.entries(tree)) this.add(path, node);
  }

  private add(path: string, node: MemoryNode): void {
    const clean = `/${partsOf(path).join('/')}`;
    this.makeDirectory(parentOf(clean));
    this.children.get(parentOf(clean))?.add(nameOf(clean));
    this.inodes.set(clean, this.inodes.get(clean) ?? this.inodes.size + 1);
    const entry = typeof node === 'string' ? { text: node } : node;
    this.entries.set(clean, entry);
    if (entry.kind === 'directory' && !this.children.has(clean)) this.children.set(clean, new Set());
  }

  private makeDirectory(path: string): void {
    if (this.entries.has(path)) return;
    this.entries.set(path, { kind: 'directory', mode: 0o755 });
    this.inodes.set(path, this.inodes.size + 1);
    this.children.set(path, new Set());
    if (path === '/') return;
    this.makeDirectory(parentOf(path));
    this.children.get(parentOf(path))?.add(nameOf(path));
  }

  childrenOf(path: string): readonly string[] | null {
    const names = this.children.get(path);
    return names === undefined
      ? null
      : [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  inodeOf(path: string): number {
    return this.inodes.get(path) ?? 0;
  }

  entry(path: string): Entry | null {
    return this.entries.get(path) ?? null;
  }

  /** The path without links, its last part followed or not. */
  resolve(path: string, followLast: boolean, links = 0): Fact<string> {
    if (links > 40) return unknown('malformed', 'a loop of links');
    const parts = partsOf(path);
    let here = '';
    for (const [index, part] of parts.entries()) {
      if (part === '..') {
        here = here === '' ? '' : parentOf(here).replace(/^\/$/, '');
        continue;
      }
      const next = `${here}/${part}`;
      const isLast = index === parts.length - 1;
      const entry = this.entry(next);
      if (entry === null) return unknown('absent');
      if (entry.denied === true && !isLast) return unknown('denied');
      if (entry.link !== undefined && (!isLast || followLast)) {
        const start = entry.link.startsWith('/') ? '' : here;
        const rest = parts.slice(index + 1).join('/');
        return this.resolve(`${start}/${entry.link}/${rest}`, followLast, links + 1);
      }
      here = next;
    }
    return known(here === '' ? '/' : here);
  }
}

function memoryReader(tree: () => MemoryFiles, readPaths: string[]): HostReader {
  const find = (path: string, followLast: boolean) =>
    thenFact(tree().resolve(path, followLast), (there) => {
      const entry = tree().entry(there);
      return entry === null ? unknown('absent') : known({ there, entry });
    });
  const readBytes = (path: string, maxBytes = 1024 * 1024): Fact<Uint8Array> => {
    readPaths.push(path);
    return thenFact(find(path, true), ({ entry }) => contentOf(entry, maxBytes));
  };
  return {
    root: '/',
    typed: { options: '', enter: null, path: (path) => path },
    readBytes,
    readText: (path, maxBytes) =>
      mapFact(readBytes(path, maxBytes), (bytes) => Buffer.from(bytes).toString('utf8')),
    readOpened: (path, maxBytes = 1024 * 1024) => {
      readPaths.push(path);
      return thenFact(find(path, false), ({ there, entry }) =>
        mapFact(contentOf(entry, maxBytes), (bytes) => ({
          text: Buffer.from(bytes).toString('utf8'),
          stat: statOf(entry, tree().inodeOf(there)),
          names: entry.names ?? 1,
        })),
      );
    },
    list: (path) =>
      thenFact(find(path, true), ({ there, entry }) => {
        if (entry.denied === true) return unknown('denied');
        const names = tree().childrenOf(there);
        return names === null ? unknown('absent') : known(names);
      }),
    lstat: (path) => mapFact(find(path, false), ({ there, entry }) => statOf(entry, tree().inodeOf(there))),
    stat: (path) => mapFact(find(path, true), ({ there, entry }) => statOf(entry, tree().inodeOf(there))),
    readLink: (path) =>
      thenFact(find(path, false), ({ entry }) => {
        if (entry.denied === true) return unknown('denied');
        return entry.link === undefined ? unknown('malformed', 'not a link') : known(entry.link);
      }),
  };
}

function contentOf(entry: Entry, maxBytes: number): Fact<Uint8Array> {
  if (entry.denied === true) return unknown('denied');
  const kind = kindOf(entry);
  if (kind !== 'file') return unknown('malformed', `not a regular file but a ${kind}`);
  const bytes = bytesOf(entry);
  return bytes.length > maxBytes ? unknown('malformed', `larger than ${maxBytes} bytes`) : known(bytes);
}

function bytesOf(entry: Entry): Uint8Array {
  return entry.bytes ?? Uint8Array.from(Buffer.from(entry.text ?? '', 'utf8'));
}

function kindOf(entry: Entry): FileKind {
  return entry.link === undefined ? (entry.kind ?? 'file') : 'link';
}

function statOf(entry: Entry, inode: number): FileStat {
  const kind = kindOf(entry);
  const usual = kind === 'directory' ? 0o755 : kind === 'link' ? 0o777 : 0o644;
  return {
    kind,
    mode: entry.mode ?? usual,
    uid: entry.uid ?? 0,
    gid: 0,
    inode,
    device: entry.device ?? 1,
    sizeBytes: bytesOf(entry).length,
    modifiedMs: entry.modifiedMs ?? 0,
  };
}

function partsOf(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function parentOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut <= 0 ? '/' : path.slice(0, cut);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
