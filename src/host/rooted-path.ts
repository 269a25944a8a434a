import { lstatSync, readlinkSync } from 'node:fs';
import { type Fact, known, mapFact, type Unknown, unknown } from '../core/fact.ts';
import { followPath } from '../core/follow-path.ts';
import { unknownFrom } from './errno.ts';

export const LOOP_OF_LINKS: Unknown = unknown('malformed', 'a loop of links');

/**
 * Where a path leads inside a root, as for a process in a chroot there: an absolute link target begins at the
 * root, and `..` does not leave it.
 * @param followLast whether a link in the last place is followed too
 * @returns the path outside; `absent` where a directory on the way is missing, `malformed` for a loop of links
 */
export function resolveInRoot(root: string, path: string, followLast: boolean): Fact<string> {
  const base = root === '/' ? '' : root.replace(/\/+$/, '');
  const targetOf = (here: string, isLast: boolean) =>
    isLast && !followLast ? known(null) : linkTarget(`${base}${here}`);
  return mapFact(followPath(path, targetOf, LOOP_OF_LINKS), (there) => `${base}${there}`);
}

/** null for what is no link. */
function linkTarget(path: string): Fact<string | null> {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return unknown('absent');
    return known(stat.isSymbolicLink() ? readlinkSync(path) : null);
  } catch (thrown) {
    return unknownFrom(thrown);
  }
}
