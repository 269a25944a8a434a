type Version = readonly [major: number, minor: number, patch: number];

function parse(text: string): Version {
  const [major = 0, minor = 0, patch = 0] = text.split('.').map(Number);
  return [major, minor, patch];
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

function isOfSeries(version: Version, wanted: string): boolean {
  return wanted.split('.').every((part, index) => Number(part) === version[index]);
}

/** After x.19 comes the next major version. */
const SERIES_A_MAJOR = 20;

/** How many series lie between two versions. */
function seriesDistance(a: Version, b: Version): number {
  return Math.abs((a[0] - b[0]) * SERIES_A_MAJOR + a[1] - b[1]);
}

/**
 * The newest of a series that is offered, or the nearest to it where none of it is any more.
 * @param wanted `6.1`, `5.10.223`, or `7` for the newest of all from there on
 */
export function chooseKernel(wanted: string, offered: readonly string[]): string {
  const versions = offered.map(parse).sort(compare);
  const same = versions.filter((version) => isOfSeries(version, wanted)).at(-1);
  if (same !== undefined) return same.join('.');
  const target = parse(wanted);
  const least = Math.min(...versions.map((version) => seriesDistance(version, target)));
  const nearest = versions.filter((version) => seriesDistance(version, target) === least);
  const isPatchGiven = wanted.split('.').length > 2;
  const patchDistance = (version: Version) => Math.abs(version[2] - target[2]);
  const chosen = isPatchGiven
    ? [...nearest].sort((a, b) => patchDistance(a) - patchDistance(b) || compare(b, a))[0]
    : nearest.at(-1);
  if (chosen === undefined) throw new Error('no kernels are offered');
  return chosen.join('.');
}
