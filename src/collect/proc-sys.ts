import { valueOr } from '../core/fact.ts';
import { compareInByteOrder } from '../core/paths.ts';
import type { HostReader } from '../core/ports.ts';
import type { Inventory, InventoryEntry } from '../sysctl/inventory.ts';

const PROC_SYS = '/proc/sys';

function pathOf(path: string): string {
  return path === '' ? PROC_SYS : `${PROC_SYS}/${path}`;
}

/**
 * What stands below /proc/sys of the host that the reader shows; null where it has none. A directory is listed, and a
 * variable looked at, when somebody asks for it, and once: there are some two thousand, and more with many interfaces.
 */
export function procSysInventory(reader: HostReader): Inventory | null {
  const top = reader.list(PROC_SYS);
  if (!top.ok || top.value.length === 0) return null;
  const entries = new Map<string, InventoryEntry | undefined>();
  const names = new Map<string, readonly string[]>();
  return {
    entry(path) {
      if (!entries.has(path)) entries.set(path, entryAt(reader, pathOf(path)));
      return entries.get(path);
    },
    list(path) {
      const listed = names.get(path) ?? [...valueOr(reader.list(pathOf(path)), [])].sort(compareInByteOrder);
      names.set(path, listed);
      return listed;
    },
  };
}

function entryAt(reader: HostReader, path: string): InventoryEntry | undefined {
  const stat = reader.lstat(path);
  if (!stat.ok || (stat.value.kind !== 'file' && stat.value.kind !== 'directory')) return undefined;
  return { kind: stat.value.kind, mode: stat.value.mode & 0o777 };
}
