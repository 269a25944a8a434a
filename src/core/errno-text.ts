const WORDS: ReadonlyMap<string, string> = new Map([
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the quota is used up'],
  ['EACCES', 'not permitted'],
  ['EPERM', 'not permitted'],
  ['EINVAL', 'the value is refused'],
  ['ENOENT', 'it is not there'],
  ['EIO', 'the disk does not answer as it should'],
]);

/** `the disk is full (ENOSPC)`: in words where there are any, and always with the name that can be looked up. */
export function errnoText(errno: string): string {
  const words = WORDS.get(errno);
  return words === undefined ? errno : `${words} (${errno})`;
}
