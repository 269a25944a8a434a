import { type Known, known } from './fact.ts';

/** The kernel's own bound on links in one path (MAXSYMLINKS in include/linux/namei.h). */
const MOST_LINKS = 40;

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

/**
 * Where a path leads, link by link, as the kernel would find it: an absolute target begins at `/`, and `..` does not
 * leave it.
 * @param path absolute
 * @param targetOf what the link at a place says, or null for what is no link, which is then gone through; asked for
 * each part in turn, and what it answers instead ends the way
 * @param loop what a loop of links comes to
 * @returns the path without links, `.` and `..`
 */
export function followPath<Why extends { readonly ok: false }>(
  path: string,
  targetOf: (here: string, isLast: boolean) => Known<string | null> | Why,
  loop: Why,
): Known<string> | Why {
  const pending = partsOf(path).reverse();
  let resolved: string[] = [];
  let links = 0;
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === '..') {
      resolved.pop();
      continue;
    }
    const target = targetOf(`/${[...resolved, part].join('/')}`, pending.length === 0);
    if (!target.ok) return target;
    if (target.value === null) {
      resolved.push(part);
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) return loop;
    if (target.value.startsWith('/')) resolved = [];
    pending.push(...partsOf(target.value).reverse());
  }
  return known(`/${resolved.join('/')}`);
}
