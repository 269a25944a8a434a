import type { CallResult, HostWriter, WritableFile } from '../../src/core/ports.ts';
import { type MemoryDisk, memoryDisk, type Node } from './memory-disk.ts';

/** A file or directory, whatever its name: what stood there at the start has its path, what was made since a number. */
type Inode = string;

/** Something that reaches the disk as a whole, at some time between the call and the sync that follows it. */
type Change =
  /** Names of a directory: of each what it leads to then; null for nothing. A rename is one change, as it is on disks. */
  | {
      readonly kind: 'names';
      readonly of: Inode;
      readonly names: readonly (readonly [string, Inode | null])[];
    }
  | { readonly kind: 'bytes'; readonly of: Inode; readonly added: Uint8Array }
  | { readonly kind: 'mode'; readonly of: Inode; readonly mode: number };

type Recorded = {
  readonly kind: 'changed' | 'synced';
  readonly change: Change | null;
  readonly of: Inode;
};

/** What becomes of a change that was not synced when the power went. `zeros`: the size is there, the bytes are not. */
export type Fate = 'kept' | 'lost' | 'half' | 'zeros';

/** What was done to a disk, so that a power cut can forget of it what was not synced. */
export type Recorder = {
  readonly writer: HostWriter;
  /** The disk as a boot finds it. @param fateOf is asked for each change that no sync followed */
  afterPowerCut(fateOf: (change: Change) => Fate): MemoryDisk;
};

function split(path: string): readonly [parent: string, name: string] {
  const cut = path.lastIndexOf('/');
  return [path.slice(0, Math.max(1, cut)), path.slice(cut + 1)];
}

/** Whether the change is on the disk for certain: a sync of the same file or directory came after it. */
function isSynced(trace: readonly Recorded[], index: number): boolean {
  const change = trace[index];
  return trace.slice(index + 1).some(({ kind, of }) => kind === 'synced' && of === change?.of);
}

type Tree = {
  readonly nodes: Map<Inode, Node>;
  readonly names: Map<Inode, Map<string, Inode>>;
};

function startTree(disk: MemoryDisk): Tree {
  const nodes = new Map<Inode, Node>();
  const names = new Map<Inode, Map<string, Inode>>();
  for (const [path, node] of disk.entries()) {
    nodes.set(path, { ...node });
    if (path === '/') continue;
    const [parent, name] = split(path);
    names.set(parent, (names.get(parent) ?? new Map()).set(name, path));
  }
  return { nodes, names };
}

function written(node: Extract<Node, { kind: 'file' }>, added: Uint8Array, fate: Fate): Node {
  const taken =
    fate === 'zeros'
      ? Buffer.alloc(added.length)
      : added.subarray(0, fate === 'half' ? Math.floor(added.length / 2) : added.length);
  return { ...node, bytes: Buffer.concat([node.bytes, taken]) };
}

function take({ nodes, names }: Tree, change: Change, fate: Fate): void {
  if (fate === 'lost') return;
  const node = nodes.get(change.of);
  if (change.kind === 'names') {
    const here = names.get(change.of) ?? new Map<string, Inode>();
    names.set(change.of, here);
    for (const [name, inode] of change.names) {
      if (inode === null) here.delete(name);
      else here.set(name, inode);
    }
  } else if (change.kind === 'mode') {
    if (node !== undefined) nodes.set(change.of, { ...node, mode: change.mode });
  } else if (node?.kind === 'file') nodes.set(change.of, written(node, change.added, fate));
}

function diskOf({ nodes, names }: Tree): MemoryDisk {
  const disk = memoryDisk({}, {});
  const place = (inode: Inode, path: string): void => {
    const node = nodes.get(inode);
    if (node?.kind === 'file') disk.set(path, Buffer.from(node.bytes).toString('utf8'), node.mode);
    if (node?.kind !== 'directory') return;
    disk.setDirectory(path, node.mode);
    for (const [name, child] of names.get(inode) ?? [])
      place(child, path === '/' ? `/${name}` : `${path}/${name}`);
  };
  place('/', '/');
  return disk;
}

/**
 * Records every call that changed the disk. What a disk may forget: bytes and modes of a file until fsync(2) of it, names
 * of a directory until fsync(2) of that directory; each change for itself, whatever came before or after it.
 */
export function recorder(disk: MemoryDisk, writer: HostWriter): Recorder {
  const start = startTree(disk);
  const made = new Map<Inode, Node>();
  const trace: Recorded[] = [];
  /** Paths that lead elsewhere than at the start. */
  let moved = new Map<string, Inode>();
  const inodeAt = (path: string): Inode => moved.get(path) ?? path;
  const changed = (change: Change) => void trace.push({ kind: 'changed', change, of: change.of });
  const synced = (of: Inode) => void trace.push({ kind: 'synced', change: null, of });
  const named = (path: string, inode: Inode | null) => {
    const [parent, name] = split(path);
    changed({ kind: 'names', of: inodeAt(parent), names: [[name, inode]] });
  };
  const make = (path: string, node: Node) => {
    const inode = `#${made.size + 1}`;
    made.set(inode, node);
    named(path, inode);
    moved.set(path, inode);
    return inode;
  };
  async function then<T>(result: Promise<CallResult<T>>, act: (value: T) => void): Promise<CallResult<T>> {
    const done = await result;
    if (done.ok) act(done.value);
    return done;
  }
  const recordedFile = (of: Inode, file: WritableFile): WritableFile => ({
    write: (bytes) => then(file.write(bytes), () => changed({ kind: 'bytes', of, added: bytes })),
    chmod: (mode) => then(file.chmod(mode), () => changed({ kind: 'mode', of, mode })),
    chown: (uid, gid) => file.chown(uid, gid),
    sync: () => then(file.sync(), () => synced(of)),
    close: () => file.close(),
  });
  const opened = async (result: Promise<CallResult<WritableFile>>, inode: () => Inode) => {
    const done = await result;
    return done.ok ? { ok: true as const, value: recordedFile(inode(), done.value) } : done;
  };
  const rename = (from: string, to: string) => {
    const inode = inodeAt(from);
    const [parent, name] = split(to);
    changed({
      kind: 'names',
      of: inodeAt(parent),
      names: [
        [split(from)[1], null],
        [name, inode],
      ],
    });
    const below = [...moved].filter(([path]) => path.startsWith(`${from}/`));
    moved = new Map([...moved].filter(([path]) => path !== from && !path.startsWith(`${from}/`)));
    moved.set(to, inode);
    for (const [path, each] of below) moved.set(to + path.slice(from.length), each);
  };
  const gone = (path: string) => {
    named(path, null);
    moved.delete(path);
  };

  return {
    writer: {
      createExclusive: (path, mode) =>
        opened(writer.createExclusive(path, mode), () =>
          make(path, { kind: 'file', bytes: Buffer.alloc(0), mode, uid: 0, gid: 0 }),
        ),
      openAppend: (path) => opened(writer.openAppend(path), () => inodeAt(path)),
      mkdir: (path, mode) =>
        then(writer.mkdir(path, mode), () => void make(path, { kind: 'directory', mode })),
      rename: (from, to) => then(writer.rename(from, to), () => rename(from, to)),
      syncDir: (path) => then(writer.syncDir(path), () => synced(inodeAt(path))),
      unlink: (path) => then(writer.unlink(path), () => gone(path)),
      rmdir: (path) => then(writer.rmdir(path), () => gone(path)),
      // A kernel forgets its values anyway.
      writeSysctl: (path, value) => writer.writeSysctl(path, value),
    },
    afterPowerCut: (fateOf) => {
      const tree: Tree = {
        nodes: new Map([...start.nodes, ...[...made].map(([inode, node]) => [inode, { ...node }] as const)]),
        names: new Map([...start.names].map(([inode, names]) => [inode, new Map(names)])),
      };
      for (const [index, { change }] of trace.entries()) {
        if (change !== null) take(tree, change, isSynced(trace, index) ? 'kept' : fateOf(change));
      }
      return diskOf(tree);
    },
  };
}
