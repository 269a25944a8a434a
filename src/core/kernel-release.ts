/**
 * An upstream kernel version. Compare two only through KernelTraits (src/model/kernel-traits.ts): a
 * distribution's kernel is not what its number says, and the traits know what that leaves open.
 */
export type KernelVersion = { readonly major: number; readonly minor: number; readonly patch: number };

/** Both ends included. `high.patch` is Infinity where the patch level is not known. */
export type KernelRange = { readonly low: KernelVersion; readonly high: KernelVersion };

/**
 * What a vendor adds to the upstream version that its kernel is built on: `fixes` goes on collecting stable fixes
 * where upstream has stopped (Ubuntu, Proxmox); `features` carries whole changes into an old version, so that the
 * version alone decides little.
 */
type Backports = 'none' | 'fixes' | 'features';

export type KernelRelease = {
  readonly release: string;
  readonly range: KernelRange;
  readonly backports: Backports;
  readonly from: string;
};

const PATCH_UNKNOWN = Number.POSITIVE_INFINITY;

export function kernelVersion(major: number, minor: number, patch = 0): KernelVersion {
  return { major, minor, patch };
}

export function compareKernelVersions(a: KernelVersion, b: KernelVersion): number {
  return a.major - b.major || a.minor - b.minor || (a.patch === b.patch ? 0 : a.patch - b.patch);
}

/** `6.1.153`, `6.1.0`, `6.1.x` for a patch level that is not known, `newest` for the end of all versions. */
export function formatKernelVersion({ major, minor, patch }: KernelVersion): string {
  if (major === Number.POSITIVE_INFINITY) return 'newest';
  return `${major}.${minor}.${patch === PATCH_UNKNOWN ? 'x' : patch}`;
}

/** A release that does not tell a version leaves every one open. */
export function isAnyKernel({ high }: KernelRange): boolean {
  return high.major === Number.POSITIVE_INFINITY;
}

export function isExactKernel({ low, high }: KernelRange): boolean {
  return compareKernelVersions(low, high) === 0;
}

const VERSION = /^(\d+)\.(\d+)(?:\.(\d+))?/;

export function parseKernelVersion(text: string): KernelVersion | null {
  const match = VERSION.exec(text);
  if (match === null) return null;
  return kernelVersion(Number(match[1]), Number(match[2]), Number(match[3] ?? 0));
}

/**
 * RHEL and its rebuilds (`5.14.0-503.el9`, but not ELRepo's mainline builds), Oracle UEK (`el8uek`), openEuler
 * (`oe2203`), Anolis (`an8`), Alibaba (`al8`), Virtuozzo (`vz7`), SUSE Linux Enterprise
 * (`6.4.0-150600.23.25-default`, `4.12.14-122.37-default`).
 */
const FEATURE_BACKPORTS =
  /\.(?:el\d+(?:_\d+)?(?:uek)?|oe\d+(?:sp\d+)?|an\d+|al\d+|vz\d+)(?!\.elrepo)(?:[.+]|$)|-(?:lp)?\d{2,6}\.\d+(?:\.\d+)*-[a-z_]+$/;

/** `6.8.0-60-generic`, `5.15.0-1050-aws`, `6.8.12-4-pve`. */
const FIX_BACKPORTS =
  /-\d+-(?:generic|lowlatency|aws|azure|gcp|gke|gkeop|ibm|kvm|nvidia|oem|oracle|raspi|xilinx-zynqmp|pve)(?:-|$)/;

function backportsOf(release: string): Backports {
  if (FEATURE_BACKPORTS.test(release)) return 'features';
  return FIX_BACKPORTS.test(release) ? 'fixes' : 'none';
}

/**
 * Debian and Ubuntu build `uname -v` and `/proc/version_signature` with the upstream version in them:
 * `#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2025-09-20)`, `Ubuntu 5.15.0-91.101-generic 5.15.131`.
 */
function trueVersion(
  build: string | null,
  signature: string | null,
): { version: KernelVersion; from: string } | null {
  const debian = build === null ? null : /\bDebian (\d+\.\d+(?:\.\d+)?)(?=[-+ ]|$)/.exec(build);
  const fromDebian = debian?.[1] === undefined ? null : parseKernelVersion(debian[1]);
  if (fromDebian !== null) return { version: fromDebian, from: 'uname -v' };
  const ubuntu = signature === null ? null : /^Ubuntu \S+ (\d+\.\d+\.\d+)/.exec(signature);
  const fromUbuntu = ubuntu?.[1] === undefined ? null : parseKernelVersion(ubuntu[1]);
  return fromUbuntu === null ? null : { version: fromUbuntu, from: '/proc/version_signature' };
}

/**
 * The upstream version behind a kernel release string, as closely as it can be known.
 *
 * A patch level of 0 in a distribution's release (`6.1.0-40-amd64`, `5.15.0-91-generic`) says nothing about the
 * real one; a patch level above 0 is taken as it stands. A release candidate lies between two versions.
 *
 * @param build `uname -v`, also /proc/sys/kernel/version; @param signature /proc/version_signature
 * @returns null where the release does not begin with a version
 */
export function parseKernelRelease(
  release: string,
  build: string | null = null,
  signature: string | null = null,
): KernelRelease | null {
  const stated = parseKernelVersion(release);
  if (stated === null) return null;
  const backports = backportsOf(release);
  const known = trueVersion(build, signature);
  if (known !== null) {
    return { release, backports, range: { low: known.version, high: known.version }, from: known.from };
  }
  return { release, backports, range: statedRange(release, stated), from: 'uname -r' };
}

/** `Linux version 6.1.0-40-amd64 (builder) (compiler) #1 SMP … Debian 6.1.153-1 (2025-09-20)` */
const BANNER = /^Linux version (?<release>\S+) .*?(?<build>#\d+\S* .*)$/m;

/** Release and build in the text of /proc/version; null where it is no such text. */
export function parseBanner(text: string): { readonly release: string; readonly build: string } | null {
  const { release, build } = BANNER.exec(text)?.groups ?? {};
  return release === undefined || build === undefined ? null : { release, build };
}

/** `Ubuntu 5.15.0-91.101-generic 5.15.131`: the package's own number is no part of the release. */
const SIGNATURE = /^Ubuntu (?<base>\d\S*?-\d+)\.[\d.~]+(?<flavour>-\S+) \d/;

/** `Linux host 6.1.0-40-amd64 #1 SMP …`, `6.1.0-40-amd64 #1 SMP …`, or the release alone. */
const UNAME = /^(?:Linux \S+ )?(?<release>\d\S*)(?: (?<build>#\d.*))?$/;

/**
 * A kernel as people copy it: a release, `uname -rv`, `uname -a`, the line of /proc/version or of
 * /proc/version_signature.
 * @returns null where it is none of these
 */
export function parseKernelText(text: string): KernelRelease | null {
  const line = text.trim();
  const banner = parseBanner(line);
  if (banner !== null) return parseKernelRelease(banner.release, banner.build);
  const signature = SIGNATURE.exec(line)?.groups;
  if (signature !== undefined) return parseKernelRelease(`${signature.base}${signature.flavour}`, null, line);
  const uname = UNAME.exec(line)?.groups;
  return uname?.release === undefined ? null : parseKernelRelease(uname.release, uname.build ?? null);
}

/** The last minor version of a major one, which is what a candidate for the next `.0` follows. */
const LAST_MINOR: ReadonlyMap<number, number> = new Map([
  [2, 6],
  [3, 19],
  [4, 20],
  [5, 19],
  [6, 19],
]);

function statedRange(release: string, stated: KernelVersion): KernelRange {
  if (/-rc\d+/.test(release)) return { low: versionBefore(stated), high: stated };
  const high = stated.patch === 0 ? { ...stated, patch: PATCH_UNKNOWN } : stated;
  return { low: stated, high };
}

function versionBefore({ major, minor }: KernelVersion): KernelVersion {
  return minor > 0
    ? kernelVersion(major, minor - 1)
    : kernelVersion(major - 1, LAST_MINOR.get(major - 1) ?? 0);
}
