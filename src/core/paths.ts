/** strcmp() on UTF-8, which is the order of code points and not of UTF-16 units. */
export function compareInByteOrder(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** What stands behind the last slash. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

type FileIdentity = { readonly inode: number; readonly device: number };

/** Whether two paths lead to one and the same file: inodes repeat from file system to file system. */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.inode === b.inode && a.device === b.device;
}

/** Where a link leads, as far as its own text tells: a relative target counts from the link's directory. */
export function linkDestination(target: string, link: string): string {
  const parts: string[] = [];
  for (const part of (target.startsWith('/') ? target : `${link}/../${target}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** A boot begins with an empty /run. */
export function isBelowRun(path: string): boolean {
  return path.startsWith('/run/');
}
