export type Version = readonly number[];

/** The leading numbers of a package or program version: `252.39-1~deb12u1` is 252.39. */
export function numbersOf(version: string | null): Version | null {
  const leading = version === null ? null : /^\d+(?:\.\d+)*/.exec(version);
  return leading === null ? null : leading[0].split('.').map(Number);
}

/** An unknown version counts as `otherwise`: the release that the traits of an unknown one are taken from. */
export function isAtLeast(version: Version | null, bound: Version, otherwise: Version): boolean {
  const actual = version ?? otherwise;
  for (const [index, least] of bound.entries()) {
    const number = actual[index] ?? 0;
    if (number !== least) return number > least;
  }
  return true;
}
