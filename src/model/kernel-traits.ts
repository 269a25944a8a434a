import {
  compareKernelVersions,
  type KernelRange,
  type KernelRelease,
  type KernelVersion,
  kernelVersion,
  parseKernelRelease,
  parseKernelVersion,
} from '../core/kernel-release.ts';
import type { CatalogueEntry, Since } from '../sysctl/catalogue-entry.ts';

/**
 * How the SYN queue decides that it is full (inet_csk_reqsk_queue_is_full).
 * `power-of-two`: up to 4.3, `qlen >> max_qlen_log`, sized at the first listen().
 * `at-limit`: from 4.4, `qlen >= sk_max_ack_backlog` (ef547f2ac16b).
 * `above-limit`: `qlen > sk_max_ack_backlog`, "tcp/dccp: allow a connection when sk_max_ack_backlog is zero".
 */
export type SynQueueFullTest = 'power-of-two' | 'at-limit' | 'above-limit';

/**
 * How much of a receive buffer is window.
 * `adv-win-scale`: up to 6.5 what tcp_adv_win_scale leaves. From 6.6 (dfa2f0483360) the share that each socket
 * measures, in 256ths of the memory that its packets take; a socket starts with 65 (`ratio-65`) or, later,
 * 128 (`ratio-128`, "tcp: increase the default TCP scaling ratio").
 */
export type WindowShare = 'adv-win-scale' | 'ratio-65' | 'ratio-128';

type KeyLife = Pick<CatalogueEntry, 'introduced' | 'removed' | 'alsoIn'>;

/**
 * What kernels do differently. Each trait lists every behaviour that the version leaves possible; one in most
 * cases. The only place where kernel versions are compared.
 */
export type KernelTraits = {
  readonly kernel: KernelRelease;
  /** Measured on real kernels from 5.10 on; older rows were read in source. */
  readonly evidence: 'measured' | 'source-derived';
  readonly synQueueFull: readonly SynQueueFullTest[];
  /** ≤ 4.0 the limit is 16 bits wide (becb74f0acca). */
  readonly limitBits: readonly (16 | 32)[];
  /** From 4.10 a full accept queue drops every SYN; before, only with two young half-open requests (5ea8ea2cb7f1). */
  readonly fullAcceptQueueDropsEverySyn: readonly boolean[];
  /** The exemption of proven peers from the last-quarter rule was dead code up to 4.12 and works in 4.15. */
  readonly exemptsProvenPeers: readonly boolean[];
  /** What LISTEN drops shows in sk_drops from 4.7 on (9caad864151e, 532182cd6107). */
  readonly countsSocketDrops: readonly boolean[];
  /** Pending Fast Open connections are capped by somaxconn from 4.4 on; read in the trees of 3.10 and 4.4. */
  readonly capsFastOpen: readonly boolean[];
  /** Value 2 of tcp_syncookies (a cookie for every SYN) came with 3.12 (5ad37d5deee1, tcp(7)). */
  readonly alwaysCookies: readonly boolean[];
  readonly windowShare: readonly WindowShare[];
  /** Up to 4.19 the first window is at most 20 segments; a337531b942b ended that in 4.20. */
  readonly firstWindowIsWhole: readonly boolean[];
  /** Of dated catalogue facts: those that hold for some version in the range, oldest first. */
  current<T>(dated: readonly Since<T>[]): readonly T[];
  /** Whether the key exists: `maybe` where the version leaves it open. */
  has(life: KeyLife): 'yes' | 'no' | 'maybe';
};

/**
 * First stable releases with the `above-limit` test; 6.7 to 6.11, 4.19 and older branches never got it. Each was
 * read in the tree of the release or in Debian's changelog.
 */
const ABOVE_LIMIT_SINCE: readonly KernelVersion[] = [
  kernelVersion(5, 4, 290),
  kernelVersion(5, 10, 234),
  kernelVersion(5, 15, 177),
  kernelVersion(6, 1, 125),
  kernelVersion(6, 6, 72),
  kernelVersion(6, 12, 10),
];
const AT_LIMIT = kernelVersion(4, 4);
const ABOVE_LIMIT_MAINLINE = kernelVersion(6, 13);

function isAtLeast(version: KernelVersion, bound: KernelVersion): boolean {
  return compareKernelVersions(version, bound) >= 0;
}

function isOfBranch(version: KernelVersion): (other: KernelVersion) => boolean {
  return ({ major, minor }) => major === version.major && minor === version.minor;
}

function synQueueFullTest(version: KernelVersion): SynQueueFullTest {
  if (!isAtLeast(version, AT_LIMIT)) return 'power-of-two';
  if (isAtLeast(version, ABOVE_LIMIT_MAINLINE)) return 'above-limit';
  const stable = ABOVE_LIMIT_SINCE.find(isOfBranch(version));
  return stable !== undefined && isAtLeast(version, stable) ? 'above-limit' : 'at-limit';
}

/** Where the answer of `synQueueFullTest` may change: at a stable fix, and back again with the next branch. */
const SYN_QUEUE_BOUNDS: readonly KernelVersion[] = [
  AT_LIMIT,
  ...ABOVE_LIMIT_SINCE.flatMap((fixed) => [fixed, kernelVersion(fixed.major, fixed.minor + 1)]),
  ABOVE_LIMIT_MAINLINE,
];

/** Every behaviour that some version of the range shows, the oldest first. */
function overRange<T>(
  { low, high }: KernelRange,
  bounds: readonly KernelVersion[],
  behaviour: (version: KernelVersion) => T,
): readonly T[] {
  const within = bounds.filter((bound) => !isAtLeast(low, bound) && isAtLeast(high, bound));
  return [...new Set([low, ...within, high].map(behaviour))];
}

function since<T>(
  first: KernelVersion,
  { range, backports }: KernelRelease,
  before: T,
  after: T,
): readonly T[] {
  const stated = overRange(range, [first], (version) => (isAtLeast(version, first) ? after : before));
  // Nobody takes a change out again, but a vendor may have taken it in.
  return backports === 'features' ? [...new Set([...stated, after])] : stated;
}

/** A change that stands in `last` and not before `first`; which of the versions between them brought it was not read. */
function sinceAbout(first: KernelVersion, last: KernelVersion, kernel: KernelRelease): readonly boolean[] {
  return [...new Set([...since(last, kernel, false, true), ...since(first, kernel, false, true)])];
}

/** The oldest branch that got the `above-limit` test, so nobody who collects stable fixes has it in an older one. */
const OLDEST_FIXED_BRANCH = kernelVersion(5, 4);

function synQueueFullTests({ range, backports }: KernelRelease): readonly SynQueueFullTest[] {
  const stated = overRange(range, SYN_QUEUE_BOUNDS, synQueueFullTest);
  if (backports === 'none' || !stated.includes('at-limit') || stated.includes('above-limit')) return stated;
  const upstreamStillDecides = ABOVE_LIMIT_SINCE.some(isOfBranch(range.low));
  const mayHaveTheFix =
    backports === 'features' || (isAtLeast(range.low, OLDEST_FIXED_BRANCH) && !upstreamStillDecides);
  return mayHaveTheFix ? [...stated, 'above-limit'] : stated;
}

const MEASURED_SHARE = kernelVersion(6, 6);
/** The first trees that were read with 128: the stable fix, and mainline. */
const HALF_IN_6_6 = kernelVersion(6, 6, 33);
const HALF_MAINLINE = kernelVersion(6, 10);
/** 6.8.1 was read with 65; 6.7, later 6.8 and 6.9 were not read. */
const READ_IN_6_8: KernelRange = { low: kernelVersion(6, 8), high: kernelVersion(6, 8, 1) };
const NOT_READ: readonly WindowShare[] = ['ratio-65', 'ratio-128'];

const WINDOW_SHARE_BOUNDS: readonly KernelVersion[] = [
  MEASURED_SHARE,
  HALF_IN_6_6,
  kernelVersion(6, 7),
  READ_IN_6_8.low,
  kernelVersion(6, 8, 2),
  HALF_MAINLINE,
];

function windowShareOf(version: KernelVersion): readonly WindowShare[] {
  if (!isAtLeast(version, MEASURED_SHARE)) return ['adv-win-scale'];
  if (isAtLeast(version, HALF_MAINLINE)) return ['ratio-128'];
  if (isOfBranch(MEASURED_SHARE)(version))
    return [isAtLeast(version, HALF_IN_6_6) ? 'ratio-128' : 'ratio-65'];
  const wasRead = isAtLeast(version, READ_IN_6_8.low) && isAtLeast(READ_IN_6_8.high, version);
  return wasRead ? ['ratio-65'] : NOT_READ;
}

function windowShares({ range, backports }: KernelRelease): readonly WindowShare[] {
  const stated = overRange(range, WINDOW_SHARE_BOUNDS, windowShareOf).flat();
  const mayBeLater =
    backports === 'features' && stated.includes('adv-win-scale')
      ? NOT_READ
      : backports !== 'none' && stated.includes('ratio-65')
        ? (['ratio-128'] as const)
        : [];
  return [...new Set([...stated, ...mayBeLater])];
}

/** a337531b942b was proposed for 4.19.85; whether it was taken was not read. */
const WHOLE_FIRST_WINDOW_PROPOSED = kernelVersion(4, 19, 85);
const WHOLE_FIRST_WINDOW = kernelVersion(4, 20);

function sinceVersion(text: string): KernelVersion {
  const version = parseKernelVersion(text);
  if (version === null) throw new TypeError(`not a kernel version: ${text}`);
  return version;
}

function currentOver<T>(dated: readonly Since<T>[], { range, backports }: KernelRelease): readonly T[] {
  const bounds = dated.map((each) => ({ from: sinceVersion(each.since), is: each.is }));
  const atLow = bounds.filter(({ from }) => isAtLeast(range.low, from)).slice(-1);
  const later = bounds.filter(
    ({ from }) => !isAtLeast(range.low, from) && (backports === 'features' || isAtLeast(range.high, from)),
  );
  return [...atLow, ...later].map(({ is }) => is);
}

function isInSeries({ low, high }: KernelRange, series: readonly string[]): boolean {
  return series.map(sinceVersion).some((each) => isOfBranch(each)(low) || isOfBranch(each)(high));
}

function hasKey(kernel: KernelRelease, life: KeyLife): 'yes' | 'no' | 'maybe' {
  const came =
    life.introduced === undefined ? [true] : since(sinceVersion(life.introduced), kernel, false, true);
  // A vendor keeps what its users have: removals are not carried into an old version.
  const gone =
    life.removed === undefined
      ? [false]
      : since(sinceVersion(life.removed), { ...kernel, backports: 'none' }, false, true);
  if (!came.includes(true) && isInSeries(kernel.range, life.alsoIn ?? [])) return 'maybe';
  if (!came.includes(true) || !gone.includes(false)) return 'no';
  return came.includes(false) || gone.includes(true) ? 'maybe' : 'yes';
}

export function kernelTraits(kernel: KernelRelease): KernelTraits {
  return {
    kernel,
    evidence: isAtLeast(kernel.range.low, kernelVersion(5, 10)) ? 'measured' : 'source-derived',
    synQueueFull: synQueueFullTests(kernel),
    limitBits: since(kernelVersion(4, 1), kernel, 16, 32),
    fullAcceptQueueDropsEverySyn: since(kernelVersion(4, 10), kernel, false, true),
    exemptsProvenPeers: sinceAbout(kernelVersion(4, 13), kernelVersion(4, 15), kernel),
    countsSocketDrops: since(kernelVersion(4, 7), kernel, false, true),
    capsFastOpen: sinceAbout(kernelVersion(3, 11), kernelVersion(4, 4), kernel),
    alwaysCookies: since(kernelVersion(3, 12), kernel, false, true),
    windowShare: windowShares(kernel),
    firstWindowIsWhole: sinceAbout(WHOLE_FIRST_WINDOW_PROPOSED, WHOLE_FIRST_WINDOW, kernel),
    current: (dated) => currentOver(dated, kernel),
    has: (life) => hasKey(kernel, life),
  };
}

const ANY_RANGE: KernelRange = {
  low: kernelVersion(3, 10),
  high: kernelVersion(Number.POSITIVE_INFINITY, 0),
};

/**
 * Traits from what a snapshot says of its kernel.
 * @param version the upstream version where it is known; it wins over what the release allows
 */
export function kernelTraitsOf(release: string, version: string | null): KernelTraits {
  const stated = parseKernelRelease(release) ?? {
    release,
    backports: 'none',
    range: ANY_RANGE,
    from: 'nothing',
  };
  const exact = version === null ? null : parseKernelVersion(version);
  return kernelTraits(exact === null ? stated : { ...stated, range: { low: exact, high: exact } });
}
