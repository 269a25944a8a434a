import { canonicalPath, type Inventory } from '../sysctl/inventory.ts';
import { swapSeparators } from '../sysctl/key.ts';
import type { LoaderTraits } from './loader-traits.ts';

/** Whichever of `.` and `/` comes first separates. */
function bySeparator(key: string): string {
  return /[./]/.exec(key)?.[0] === '.' ? swapSeparators(key) : key;
}

/** path_simplify() of systemd: empty parts and `.` are left out. */
function cleaned(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

/**
 * Dots from the last one back until what stands before one exists; from there on again. Without an inventory every dot
 * separates.
 */
function searched(key: string, inventory: Inventory | null): string {
  if (inventory === null) return key.replaceAll('.', '/');
  let done = '';
  let rest = key;
  for (;;) {
    const dots = [...rest.matchAll(/\./g)].map(({ index }) => index).reverse();
    const at = dots.find((dot) => canonicalPath(done + rest.slice(0, dot), inventory) !== null);
    if (canonicalPath(done + rest, inventory) !== null || at === undefined) return done + rest;
    done += `${rest.slice(0, at)}/`;
    rest = rest.slice(at + 1);
  }
}

const PROC_SYS = '/proc/sys/';

/** busybox stands in /proc/sys when it opens the path: an absolute one is looked for elsewhere. */
function fromProcSys(path: string): string {
  if (path.startsWith(PROC_SYS)) return path.slice(PROC_SYS.length);
  return path.startsWith('/') ? `..${path}` : path;
}

/** What the loader makes of a key as it stands in a file: a path below /proc/sys, not yet looked up. */
export function pathOfKey(key: string, { keys }: LoaderTraits, inventory: Inventory | null): string {
  switch (keys.spelling) {
    case 'cleaned':
      return cleaned(bySeparator(key));
    case 'as-written':
      return bySeparator(keys.secondDash && key.startsWith('-') ? key.slice(1) : key);
    case 'searched':
      return /^[^/]*\.[^/]*\//.test(key)
        ? swapSeparators(key)
        : fromProcSys(searched(key, key.startsWith('/') ? null : inventory));
    case 'searched-dots-only':
      return fromProcSys(searched(key, inventory));
  }
}
