import { lstatSync, readlinkSync } from 'node:fs';
import { type Fact, known, unknown } from '../core/fact.ts';
import { unknownFrom } from './errno.ts';

/** The kernel's own bound on links in one path (MAXSYMLINKS in include/linux/namei.h). */
const MOST_LINKS = 40;

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

/**
 * Where a path leads inside a root, as for a process in a chroot there: an absolute link target begins at the
 * root, and `..` does not leave it.
 * @param followLast whether a link in the last place is followed too
 * @returns the path outside; `absent` where a directory on the way is missing, `malformed` for a loop of links
 */
export function resolveInRoot(root: string, path: string, followLast: boolean): Fact<string> {
  const base = root === '/' ? '' : root.replace(/\/+$/, '');
  const pending = partsOf(path).reverse();
  let resolved: string[] = [];
  let links = 0;
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === '..') {
      resolved.pop();
      continue;
    }
    const here = `${base}/${[...resolved, part].join('/')}`;
    const isLast = pending.length === 0;
    const target = isLast && !followLast ? known(null) : linkTarget(here);
    if (!target.ok) return target;
    if (target.value === null) {
      resolved.push(part);
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) return unknown('malformed', 'a loop of links');
    if (target.value.startsWith('/')) resolved = [];
    pending.push(...partsOf(target.value).reverse());
  }
  return known(`${base}/${resolved.join('/')}`);
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
