import { canonicalPath, type Inventory } from '../sysctl/inventory.ts';
import { type SysctlKey, swapSeparators } from '../sysctl/key.ts';
import { expandBraces, globMatcher, isGlob } from './glob.ts';
import type { LoaderTraits } from './loader-traits.ts';
import type { Outcome } from './outcome.ts';
import type { Setting } from './settings.ts';

/** A path that a pattern stands for, separators as the pattern has them, and the same in dotted form. */
type Match = { readonly path: string; readonly key: SysctlKey };

/** What a pattern stands for, in the order in which the loader gets it; null where that is not known. */
export type Expansion = (pattern: string) => readonly Match[] | null;

export function matchOf(path: string): Match {
  return { path, key: swapSeparators(path) };
}

/** `\*` in a part without a wildcard is `*`. */
function unescaped(part: string): string {
  return part.replace(/\\(.)/gs, '$1');
}

/** Names below `base` that one part of a pattern matches. */
function namesAt(base: string, part: string, inventory: Inventory): readonly string[] {
  const directory = canonicalPath(base, inventory);
  if (directory === null || inventory.entry(directory)?.kind !== 'directory') return [];
  if (isGlob(part)) return inventory.list(directory).filter(globMatcher(part));
  const name = unescaped(part);
  return canonicalPath(`${base}${name}`, inventory) === null ? [] : [name];
}

/** glob(3): part by part, so that nothing but the directories on the way is looked at. */
function walk(pattern: string, inventory: Inventory): readonly string[] {
  const bare = pattern.replace(/\/+$/, '');
  const parts = bare.split('/');
  // Behind slashes at the end glob(3) takes what a wildcard finds only if it is a directory, and a name in any case.
  const onlyDirectories = bare !== pattern && isGlob(parts.at(-1) ?? '');
  let reached: readonly string[] = [''];
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    const ending = last ? '' : '/';
    reached = reached.flatMap((base) =>
      part === '' ? [base + ending] : namesAt(base, part, inventory).map((name) => base + name + ending),
    );
  }
  const isDirectory = (path: string) =>
    inventory.entry(canonicalPath(path, inventory) ?? '')?.kind === 'directory';
  return onlyDirectories ? reached.filter(isDirectory) : reached;
}

/** PATH_MAX in include/uapi/linux/limits.h: what is longer leads nowhere. */
const LONGEST_PATTERN = 4096;

/**
 * Expands patterns against what stands below /proc/sys: those of one brace's alternative before those of the next,
 * each in byte order.
 */
export function expansionIn(inventory: Inventory, { globs }: LoaderTraits): Expansion {
  const known = new Map<string, readonly Match[]>();
  const isTried = (path: string): boolean => {
    const entry = inventory.entry(canonicalPath(path, inventory) ?? '');
    return globs?.directories === true || entry?.kind === 'file';
  };
  return (pattern) => {
    if (pattern.length > LONGEST_PATTERN) return [];
    const made =
      known.get(pattern) ??
      (globs?.braces === true ? expandBraces(pattern) : [pattern])
        .flatMap((each) => walk(each, inventory))
        .filter(isTried)
        .map(matchOf);
    known.set(pattern, made);
    return made;
  };
}

/** Expands only the patterns that somebody has expanded already, on the host that a snapshot is about. */
export function knownExpansion(
  globs: Readonly<Record<string, readonly (readonly [string, string])[]>>,
  traits: LoaderTraits,
): Expansion {
  return (pattern) => {
    // The snapshot holds braces expanded, which procps takes as they are.
    if (pattern.includes('{') && traits.globs?.braces !== true) return null;
    return Object.hasOwn(globs, pattern) ? (globs[pattern]?.map(([path]) => matchOf(path)) ?? null) : null;
  };
}

/** One write that a line asks for: `path` as the loader has it, not yet looked up. */
export type Candidate = {
  readonly path: string;
  readonly line: Pick<Setting, 'file' | 'line' | 'value' | 'ignoreFailure'>;
};

function* candidatesIn(walked: Outcome['walked'], shields: Outcome['shields'], expand: Expansion) {
  for (const line of walked) {
    if (!line.isPattern) {
      yield { path: line.path, line };
      continue;
    }
    for (const { path } of expand(line.path) ?? []) if (!shields(path)) yield { path, line };
  }
}

/**
 * Every write that the loader's lines come to, in its own order; those of a pattern that is not known are left out.
 * There may be very many, and so each comes into being when it is asked for.
 */
export function candidatesOf(
  { walked, shields }: Pick<Outcome, 'walked' | 'shields'>,
  expand: Expansion,
): Iterable<Candidate> {
  return { [Symbol.iterator]: () => candidatesIn(walked, shields, expand) };
}

/** The patterns that are expanded to a key, in the order of writing. */
export function patternsByKey(
  { patterns, shields }: Pick<Outcome, 'patterns' | 'shields'>,
  expand: Expansion,
): ReadonlyMap<SysctlKey, readonly Setting[]> {
  const byKey = new Map<SysctlKey, Setting[]>();
  for (const setting of patterns) {
    for (const { path, key } of expand(setting.path) ?? []) {
      if (shields(path)) continue;
      const standing = byKey.get(key);
      if (standing === undefined) byKey.set(key, [setting]);
      else standing.push(setting);
    }
  }
  return byKey;
}
