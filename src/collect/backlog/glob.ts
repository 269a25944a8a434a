import { type Fact, known, type Unknown, unknown } from '../../core/fact.ts';

type List = (path: string) => Fact<readonly string[]>;

export function hasWildcard(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/** The end of a bracket expression that begins at `start`, or -1 where it is an ordinary bracket. */
function bracketEnd(pattern: string, start: number): number {
  const negated = pattern[start + 1] === '!' || pattern[start + 1] === '^';
  return pattern.indexOf(']', start + (negated ? 3 : 2));
}

function inBracket(expression: string, character: string): boolean {
  const negated = /^[!^]/.test(expression);
  const members = negated ? expression.slice(1) : expression;
  let found = false;
  for (let index = 0; index < members.length; index += 1) {
    const low = members.charAt(index);
    const isRange = members[index + 1] === '-' && index + 2 < members.length;
    const high = isRange ? members.charAt(index + 2) : low;
    if (low <= character && character <= high) found = true;
    if (isRange) index += 2;
  }
  return found !== negated;
}

/** How many characters of the pattern at `at` match this one character; 0 for none. `*` is the caller's. */
function oneMatch(pattern: string, at: number, character: string): number {
  const wanted = pattern[at];
  if (wanted === '?') return 1;
  if (wanted === '\\' && at + 1 < pattern.length) return pattern[at + 1] === character ? 2 : 0;
  const end = wanted === '[' ? bracketEnd(pattern, at) : -1;
  if (end >= 0) return inBracket(pattern.slice(at + 1, end), character) ? end + 1 - at : 0;
  return wanted === character ? 1 : 0;
}

/**
 * One part of a path against one part of a glob(7) pattern. Steps back to the last `*` only, so the work is at most
 * the product of both lengths; a pattern turned into a RegExp would let a file name or a configuration hang us.
 */
export function wildcardMatch(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  let at = 0;
  let index = 0;
  let star = -1;
  let resume = 0;
  while (index < name.length) {
    if (pattern[at] === '*') {
      star = at;
      at += 1;
      resume = index;
      continue;
    }
    const step = oneMatch(pattern, at, name.charAt(index));
    if (step > 0) {
      at += step;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      index = resume;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

type Level = { readonly paths: readonly string[]; readonly problem: Unknown | null };

/** A directory that is not there holds no match; one that may not be listed may hold one. */
function matchesIn(list: List, directory: string, part: string): Level {
  const names = list(directory === '' ? '/' : directory);
  if (!names.ok) return { paths: [], problem: names.why === 'absent' ? null : names };
  const paths = names.value.filter((name) => wildcardMatch(part, name)).map((name) => `${directory}/${name}`);
  return { paths, problem: null };
}

/** Absolute patterns only. Unknown where a directory on the way cannot be listed, or beyond `most` paths. */
export function expandGlob(list: List, pattern: string, most: number): Fact<readonly string[]> {
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.');
  let paths: readonly string[] = [''];
  for (const part of parts) {
    if (!hasWildcard(part)) {
      paths = paths.map((path) => `${path}/${part}`);
      continue;
    }
    const levels = paths.map((path) => matchesIn(list, path, part));
    const problem = levels.find((level) => level.problem !== null)?.problem;
    if (problem !== undefined && problem !== null) return problem;
    paths = levels.flatMap((level) => level.paths);
    if (paths.length > most) return unknown('not-collected', `a pattern stands for more than ${most} files`);
  }
  return known(paths);
}
