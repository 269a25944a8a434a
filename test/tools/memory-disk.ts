import { type Fact, known, mapFact, thenFact, unknown } from '../../src/core/fact.ts';
import type { CallResult, FileStat, HostReader, HostWriter, WritableFile } from '../../src/core/ports.ts';

/** What stands at a path of the disk. */
export type Node =
  | { readonly kind: 'directory'; mode: number }
  | { readonly kind: 'file'; bytes: Uint8Array; mode: number; uid: number; gid: number };

/** Thrown where a process would have been killed: only the disk remains. */
export const KILLED = Symbol('killed');

/** What happens at one call, counted from 1 over all calls of a writer. */
export type Fault = {
  readonly at: number;
  readonly what: 'kill-before' | 'kill-after' | 'EIO' | 'ENOSPC' | 'EROFS' | 'EACCES' | 'EINVAL';
};

const PROC_SYS = '/proc/sys/';

export type MemoryDisk = {
  readonly reader: HostReader;
  /** Counts its calls; a new one for each run of the program. */
  writer(fault?: Fault | null): HostWriter & { readonly calls: () => number };
  /** Everything but the journal: paths with bytes and mode, and values. */
  world(): Readonly<Record<string, string>>;
  set(path: string, text: string, mode?: number): void;
  setDirectory(path: string, mode: number): void;
  remove(path: string): void;
  /** Everything, by path. */
  entries(): readonly (readonly [path: string, node: Readonly<Node>])[];
};

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

/** A kernel's way with a value: numbers, tab-separated, and the last ones of a vector left where fewer are given. */
function written(before: string, value: string): string {
  const old = before.trim().split(/\s+/);
  const taken = value.trim().split(/\s+/);
  return `${[...taken, ...old.slice(taken.length)].join('\t')}\n`;
}

/**
 * A disk and the values of a kernel, in memory, with faults at any call.
 * @param values live values by path below /proc/sys
 */
export function memoryDisk(
  files: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string>>,
): MemoryDisk {
  const nodes = new Map<string, Node>([['/', { kind: 'directory', mode: 0o755 }]]);
  const addDirectories = (path: string) => {
    for (let up = parentOf(path); !nodes.has(up); up = parentOf(up))
      nodes.set(up, { kind: 'directory', mode: 0o755 });
  };
  const set = (path: string, text: string, mode = 0o644) => {
    addDirectories(path);
    nodes.set(path, { kind: 'file', bytes: Buffer.from(text), mode, uid: 0, gid: 0 });
  };
  for (const [path, text] of Object.entries(files)) set(path, text);
  for (const [path, text] of Object.entries(values)) set(`${PROC_SYS}${path}`, `${text}\n`);

  const statOf = (path: string): Fact<FileStat> => {
    const node = nodes.get(path);
    if (node === undefined) return unknown('absent');
    const owner = node.kind === 'file' ? { uid: node.uid, gid: node.gid } : { uid: 0, gid: 0 };
    const sizeBytes = node.kind === 'file' ? node.bytes.length : 0;
    return known({
      kind: node.kind,
      mode: node.mode,
      ...owner,
      inode: 1,
      device: 1,
      sizeBytes,
      modifiedMs: 0,
    });
  };
  const bytesOf = (path: string): Fact<Uint8Array> => {
    const node = nodes.get(path);
    if (node === undefined) return unknown('absent');
    return node.kind === 'file' ? known(node.bytes) : unknown('malformed', 'a directory');
  };
  const childrenOf = (path: string) =>
    [...nodes.keys()]
      .filter((each) => each !== path && parentOf(each) === path)
      .map((each) => each.slice(each.lastIndexOf('/') + 1));
  const reader: HostReader = {
    root: '/',
    typed: { options: '', enter: null, path: (path) => path },
    readBytes: bytesOf,
    readText: (path) => {
      const bytes = bytesOf(path);
      return bytes.ok ? known(textOf(bytes.value)) : bytes;
    },
    readOpened: (path) =>
      thenFact(statOf(path), (stat) =>
        mapFact(bytesOf(path), (bytes) => ({ text: textOf(bytes), stat, names: 1 })),
      ),
    list: (path) =>
      nodes.get(path)?.kind === 'directory' ? known(childrenOf(path).sort()) : unknown('absent'),
    lstat: statOf,
    stat: statOf,
    readLink: () => unknown('malformed', 'not a link'),
  };

  return {
    reader,
    set,
    setDirectory: (path, mode) => {
      addDirectories(path);
      nodes.set(path, { kind: 'directory', mode });
    },
    remove: (path) => {
      nodes.delete(path);
    },
    entries: () => [...nodes],
    world: () =>
      Object.fromEntries(
        [...nodes]
          .filter(([path, node]) => node.kind === 'file' && !path.startsWith('/var/lib/backlogctl/'))
          .map(([path, node]) => [
            path,
            node.kind === 'file'
              ? `${node.mode.toString(8)} ${textOf(node.bytes).trim().replace(/\t/g, ' ')}`
              : '',
          ]),
      ),
    writer(fault = null) {
      let calls = 0;
      function call<T>(
        name: string,
        path: string,
        act: () => T | string,
        halfway: () => void = () => undefined,
      ): Promise<CallResult<T>> {
        calls += 1;
        const here = fault?.at === calls ? fault.what : null;
        if (here === 'kill-before') throw KILLED;
        if (here !== null && here !== 'kill-after') {
          halfway();
          return Promise.resolve({ ok: false, call: name, path, errno: here });
        }
        const value = act();
        if (here === 'kill-after') throw KILLED;
        // An act that answers with an errno has failed by itself.
        if (typeof value === 'string') return Promise.resolve({ ok: false, call: name, path, errno: value });
        return Promise.resolve({ ok: true, value });
      }
      const handle = (path: string): WritableFile => {
        const node = () => {
          const found = nodes.get(path);
          if (found?.kind !== 'file') throw new TypeError(`no file ${path}`);
          return found;
        };
        return {
          write: (bytes) =>
            call('write', path, () => {
              node().bytes = Buffer.concat([node().bytes, bytes]);
            }),
          sync: () => call('fsync', path, () => undefined),
          chmod: (mode) =>
            call('fchmod', path, () => {
              node().mode = mode;
            }),
          chown: (uid, gid) => call('fchown', path, () => void Object.assign(node(), { uid, gid })),
          close: () => call('close', path, () => undefined),
        };
      };
      return {
        calls: () => calls,
        createExclusive: (path, mode) =>
          call('open', path, () => {
            if (nodes.has(path)) return 'EEXIST';
            if (nodes.get(parentOf(path))?.kind !== 'directory') return 'ENOENT';
            nodes.set(path, { kind: 'file', bytes: Buffer.alloc(0), mode, uid: 0, gid: 0 });
            return handle(path);
          }),
        openAppend: (path) =>
          call('open', path, () => (nodes.get(path)?.kind === 'file' ? handle(path) : 'ENOENT')),
        mkdir: (path, mode) =>
          call('mkdir', path, () => {
            if (nodes.has(path)) return 'EEXIST';
            if (nodes.get(parentOf(path))?.kind !== 'directory') return 'ENOENT';
            return void nodes.set(path, { kind: 'directory', mode });
          }),
        rename: (from, to) =>
          call('rename', to, () => {
            if (!nodes.has(from)) return 'ENOENT';
            for (const [path, node] of [...nodes]) {
              if (path !== from && !path.startsWith(`${from}/`)) continue;
              nodes.delete(path);
              nodes.set(to + path.slice(from.length), node);
            }
            return undefined;
          }),
        syncDir: (path) => call('fsync', path, () => (nodes.has(path) ? undefined : 'ENOENT')),
        unlink: (path) => call('unlink', path, () => (nodes.delete(path) ? undefined : 'ENOENT')),
        rmdir: (path) =>
          call('rmdir', path, () => {
            if (childrenOf(path).length > 0) return 'ENOTEMPTY';
            return nodes.delete(path) ? undefined : 'ENOENT';
          }),
        writeSysctl: (path, value) => {
          const take = (taken: string): string | undefined => {
            const node = nodes.get(path);
            if (node?.kind !== 'file') return 'ENOENT';
            node.bytes = Buffer.from(written(textOf(node.bytes), taken));
            return undefined;
          };
          const [first = '', ...others] = value.trim().split(/\s+/);
          // The kernel keeps what it took of a vector before it refused the rest.
          const halfway = () => (others.length === 0 ? undefined : take(first));
          return call<void>('write', path, () => take(value), halfway);
        },
      };
    },
  };
}
