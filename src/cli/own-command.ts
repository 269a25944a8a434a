/** What starts ourselves again, the same Node and the same files. */
export function ownCommand(...args: readonly string[]): readonly [string, ...string[]] {
  return [process.execPath, process.argv[1] ?? '', ...args];
}
