import { baseName } from '../core/paths.ts';
import { canonicalPath, goesThroughVariable, type Inventory } from '../sysctl/inventory.ts';
import { type SysctlKey, swapSeparators } from '../sysctl/key.ts';
import type { KernelState } from './kernel.ts';
import type { LineFailure, LoaderTraits } from './loader-traits.ts';

const OWNER_WRITE = 0o200;
const OWNER_READ = 0o400;

export type Opened =
  | {
      /** Below /proc/sys. */
      readonly path: string;
      readonly key: SysctlKey;
      /** What cannot be read holds no value: a write does something, such as emptying a cache. */
      readonly isReadable: boolean;
      /** The loader never sets a key of that name. */
      readonly isForgotten: boolean;
    }
  /** `key`: of what it leads to; null where that is no variable of this kernel. */
  | { readonly failure: LineFailure; readonly key: SysctlKey | null };

/** What loaders open, by path: files name the same few keys many times. */
export type Open = (path: string) => Opened;

/** What a kernel takes as one name of a path, in bytes (NAME_MAX). */
const LONGEST_NAME = 255;

function leadsOut(path: string, { keys, kind }: LoaderTraits): boolean {
  if (path === '') return kind !== 'systemd';
  return !keys.climbs && path.split('/').includes('..');
}

/** To systemd only a name that is not there (ENOENT) is a lesser matter; before 248 one that is too long counted as such. */
function isMoreThanAbsent(path: string, { keys }: LoaderTraits, inventory: Inventory): boolean {
  const isTooLong = path.split('/').some((name) => Buffer.byteLength(name) > LONGEST_NAME);
  return (isTooLong && !keys.climbs) || goesThroughVariable(path, inventory);
}

/** What open(2) says to the path, as root: /proc/sys lets root do no more than the modes say. */
function openPath(path: string, traits: LoaderTraits, { inventory }: KernelState): Opened {
  if (leadsOut(path, traits)) return { failure: 'outside-proc-sys', key: null };
  const found = canonicalPath(path, inventory);
  const entry = found === null ? undefined : inventory.entry(found);
  // is_proc_path() of procps wants something below it.
  if (found === '' && traits.kind === 'procps') return { failure: 'outside-proc-sys', key: null };
  if (found === null || entry === undefined) {
    const isWorse = traits.kind === 'systemd' && isMoreThanAbsent(path, traits, inventory);
    return { failure: isWorse ? 'outside-proc-sys' : 'unknown-key', key: null };
  }
  if (entry.kind === 'directory') return { failure: 'directory', key: null };
  const needed = traits.readsFirst ? OWNER_READ | OWNER_WRITE : OWNER_WRITE;
  const key = swapSeparators(found);
  if ((entry.mode & needed) !== needed) return { failure: 'read-only', key };
  const isForgotten = traits.forgets.includes(baseName(found));
  return { path: found, key, isReadable: (entry.mode & OWNER_READ) !== 0, isForgotten };
}

export function opener(traits: LoaderTraits, state: KernelState): Open {
  const known = new Map<string, Opened>();
  return (path) => {
    const opened = known.get(path) ?? openPath(path, traits, state);
    known.set(path, opened);
    return opened;
  };
}
