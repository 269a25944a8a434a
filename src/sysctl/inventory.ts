import { baseName, compareInByteOrder } from '../core/paths.ts';

/** What stands at a path below /proc/sys. `mode`: the permission bits as a number. */
export type InventoryEntry = { readonly kind: 'file' | 'directory'; readonly mode: number };

/**
 * The variables and directories below /proc/sys, by path without a leading slash; the empty path is /proc/sys itself.
 * Patterns are expanded against it, and by it a loader tells an unknown key.
 */
export type Inventory = {
  entry(path: string): InventoryEntry | undefined;
  /** Names in the directory, in byte order, in which /proc/sys lists them; none where it is no directory. */
  list(path: string): readonly string[];
};

const DIRECTORY: InventoryEntry = { kind: 'directory', mode: 0o555 };

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** @param entries directories that hold a listed path need not be listed themselves */
export function inventoryOf(entries: Iterable<readonly [string, InventoryEntry]>): Inventory {
  const known = new Map<string, InventoryEntry>([['', DIRECTORY]]);
  const names = new Map<string, Set<string>>();
  const add = (path: string, entry: InventoryEntry): void => {
    if (path === '' || (known.has(path) && entry === DIRECTORY)) return;
    known.set(path, entry);
    const parent = parentOf(path);
    const beside = names.get(parent) ?? new Set();
    names.set(parent, beside.add(baseName(path)));
    add(parent, DIRECTORY);
  };
  for (const [path, entry] of entries) add(path, entry);
  const sorted = new Map<string, readonly string[]>();
  return {
    entry: (path) => known.get(path),
    list(path) {
      const listed = sorted.get(path) ?? [...(names.get(path) ?? [])].sort(compareInByteOrder);
      sorted.set(path, listed);
      return listed;
    },
  };
}

/** The same without some of its variables. */
export function inventoryWithout(inventory: Inventory, isHidden: (path: string) => boolean): Inventory {
  // The same few paths are asked for many times, and whether one is hidden takes some finding out.
  const known = new Map<string, InventoryEntry | undefined>();
  const entryAt = (path: string) => (isHidden(path) ? undefined : inventory.entry(path));
  return {
    entry(path) {
      if (!known.has(path)) known.set(path, entryAt(path));
      return known.get(path);
    },
    list: (path) => inventory.list(path).filter((name) => !isHidden(path === '' ? name : `${path}/${name}`)),
  };
}

/** Whether the path goes on behind a variable, as if that were a directory (ENOTDIR). */
export function goesThroughVariable(path: string, inventory: Inventory): boolean {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.slice(0, -1).some((_, index) => {
    const found = canonicalPath(parts.slice(0, index + 1).join('/'), inventory);
    return found !== null && inventory.entry(found)?.kind === 'file';
  });
}

/**
 * Where a path leads in the end: separators taken once, `.` and `..` followed, which must exist on the way as to the
 * kernel. null where nothing stands there, a slash follows a variable, or it leads out of /proc/sys.
 */
export function canonicalPath(path: string, inventory: Inventory): string | null {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '') continue;
    if (inventory.entry(parts.join('/'))?.kind !== 'directory') return null;
    if (part === '.') continue;
    if (part === '..') {
      if (parts.pop() === undefined) return null;
      continue;
    }
    parts.push(part);
    if (inventory.entry(parts.join('/')) === undefined) return null;
  }
  const reached = parts.join('/');
  const isFile = inventory.entry(reached)?.kind === 'file';
  return isFile && path.endsWith('/') ? null : reached;
}
