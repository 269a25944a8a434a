import { compareInByteOrder } from '../core/paths.ts';
import { swapSeparators } from '../sysctl/key.ts';
import { expandBraces, globMatcher } from './glob.ts';
import type { LoaderTraits } from './loader-traits.ts';
import type { Outcome } from './outcome.ts';
import type { Attempt } from './resolution.ts';
import type { Setting } from './settings.ts';

/** What stands below /proc/sys, by path: the variables and the directories that patterns are expanded against. */
export type Inventory = ReadonlyMap<string, InventoryEntry>;

/** The permission bits of `mode` as a number. */
type InventoryEntry = { readonly kind: 'file' | 'directory'; readonly mode: number };

type Expand = (setting: Setting) => readonly string[];

/**
 * The paths that a pattern stands for, in the order in which the loader gets them: those of one brace's alternative
 * before those of the next, each in byte order, in which /proc/sys lists them. systemd tries a directory too; procps
 * passes over it.
 */
function expander(inventory: Inventory, { globs, kind }: LoaderTraits): Expand {
  const all = [...inventory.keys()].sort(compareInByteOrder);
  const paths = kind === 'systemd' ? all : all.filter((path) => inventory.get(path)?.kind === 'file');
  const known = new Map<string, readonly string[]>();
  return ({ path }) => {
    const found = known.get(path);
    if (found !== undefined) return found;
    const patterns = globs?.braces === true ? expandBraces(path) : [path];
    const matches = patterns.map((pattern) => globMatcher(pattern)).flatMap((takes) => paths.filter(takes));
    known.set(path, matches);
    return matches;
  };
}

function attempt({ value, file, line, ignoreFailure }: Setting, path: string): Attempt {
  return { key: swapSeparators(path), value, file, line, ignoreFailure };
}

/** Every write that the loader tries, patterns expanded, in its own order. */
export function expandedAttempts(
  { walked, standing }: Pick<Outcome, 'walked' | 'standing'>,
  traits: LoaderTraits,
  inventory: Inventory,
): readonly Attempt[] {
  const expand = expander(inventory, traits);
  return walked.flatMap((setting) => {
    if (!setting.isPattern)
      return setting.key === null ? [] : [attempt(setting, swapSeparators(setting.key))];
    return expand(setting)
      .filter((path) => !standing(swapSeparators(path)).shielded)
      .map((path) => attempt(setting, path));
  });
}
