import {
  compareKernelVersions,
  type KernelRange,
  type KernelRelease,
  type KernelVersion,
  kernelVersion,
  parseKernelRelease,
  parseKernelVersion,
} from '../core/kernel-release.ts';
import type { Since } from '../sysctl/catalogue-entry.ts';

/**
 * How the SYN queue decides that it is full (inet_csk_reqsk_queue_is_full).
 * `power-of-two`: up to 4.3, `qlen >> max_qlen_log`, sized at the first listen().
 * `at-limit`: from 4.4, `qlen >= sk_max_ack_backlog` (ef547f2ac16b).
 * `above-limit`: `qlen > sk_max_ack_backlog`, "tcp/dccp: allow a connection when sk_max_ack_backlog is zero".
 */
export type SynQueueFullTest = 'power-of-two' | 'at-limit' | 'above-limit';

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
  /** The exemption of proven peers from the last-quarter rule was dead code up to 4.12. */
  readonly exemptsProvenPeers: readonly boolean[];
  /** Value 2 of tcp_syncookies (a cookie for every SYN) came after 3.10 (5ad37d5deee1). */
  readonly alwaysCookies: readonly boolean[];
  /** Of dated catalogue facts: those that hold for some version in the range, oldest first. */
  current<T>(dated: readonly Since<T>[]): readonly T[];
  /** Whether the key exists: `maybe` where the version leaves it open. */
  has(life: { readonly introduced?: string; readonly removed?: string }): 'yes' | 'no' | 'maybe';
};

const OLDEST = kernelVersion(2, 6);

/** First stable releases with the `above-limit` test; 6.7 to 6.11, 4.19 and older branches never got it. */
const ABOVE_LIMIT_SINCE: readonly KernelVersion[] = [
  kernelVersion(5, 4, 290),
  kernelVersion(5, 10, 234),
  kernelVersion(5, 15, 177),
  kernelVersion(6, 1, 125),
  kernelVersion(6, 6, 72),
  kernelVersion(6, 12, 10),
];
const ABOVE_LIMIT_MAINLINE = kernelVersion(6, 13);

function isAtLeast(version: KernelVersion, bound: KernelVersion): boolean {
  return compareKernelVersions(version, bound) >= 0;
}

function synQueueFullTest(version: KernelVersion): SynQueueFullTest {
  if (!isAtLeast(version, kernelVersion(4, 4))) return 'power-of-two';
  if (isAtLeast(version, ABOVE_LIMIT_MAINLINE)) return 'above-limit';
  const stable = ABOVE_LIMIT_SINCE.find(
    (first) => first.major === version.major && first.minor === version.minor,
  );
  return stable !== undefined && isAtLeast(version, stable) ? 'above-limit' : 'at-limit';
}

/** The range's ends, and what lies between where a behaviour changed and changed back within it. */
function overRange<T>({ low, high }: KernelRange, behaviour: (version: KernelVersion) => T): readonly T[] {
  return [...new Set([behaviour(low), behaviour(high)])];
}

function synQueueFullTests({ range, backports }: KernelRelease): readonly SynQueueFullTest[] {
  const stated = overRange(range, synQueueFullTest);
  // A vendor that takes single fixes into an old version may have taken this one.
  return backports && stated.includes('at-limit') && !stated.includes('above-limit')
    ? [...stated, 'above-limit']
    : stated;
}

function sinceVersion(text: string): KernelVersion {
  const version = parseKernelVersion(text);
  if (version === null) throw new TypeError(`not a kernel version: ${text}`);
  return version;
}

function currentAt<T>(dated: readonly Since<T>[], version: KernelVersion): readonly T[] {
  return dated
    .filter(({ since }) => isAtLeast(version, sinceVersion(since)))
    .slice(-1)
    .map(({ is }) => is);
}

function currentOver<T>(dated: readonly Since<T>[], { low, high }: KernelRange): readonly T[] {
  const between = dated
    .filter(({ since }) => !isAtLeast(low, sinceVersion(since)) && isAtLeast(high, sinceVersion(since)))
    .map(({ is }) => is);
  return [...currentAt(dated, low), ...between];
}

function hasKey(range: KernelRange, life: { introduced?: string; removed?: string }): 'yes' | 'no' | 'maybe' {
  const first = life.introduced === undefined ? OLDEST : sinceVersion(life.introduced);
  const answers = overRange(
    range,
    (version) =>
      isAtLeast(version, first) &&
      (life.removed === undefined || !isAtLeast(version, sinceVersion(life.removed))),
  );
  if (answers.length > 1) return 'maybe';
  return answers[0] === true ? 'yes' : 'no';
}

export function kernelTraits(kernel: KernelRelease): KernelTraits {
  const { range } = kernel;
  return {
    kernel,
    evidence: isAtLeast(range.low, kernelVersion(5, 10)) ? 'measured' : 'source-derived',
    synQueueFull: synQueueFullTests(kernel),
    limitBits: overRange(range, (version) => (isAtLeast(version, kernelVersion(4, 1)) ? 32 : 16)),
    fullAcceptQueueDropsEverySyn: overRange(range, (version) => isAtLeast(version, kernelVersion(4, 10))),
    exemptsProvenPeers: overRange(range, (version) => isAtLeast(version, kernelVersion(4, 13))),
    alwaysCookies: overRange(range, (version) => isAtLeast(version, kernelVersion(3, 11))),
    current: (dated) => currentOver(dated, range),
    has: (life) => hasKey(range, life),
  };
}

const ANY_KERNEL: KernelRelease = {
  release: 'unknown',
  backports: false,
  range: { low: kernelVersion(3, 10), high: kernelVersion(Number.POSITIVE_INFINITY, 0) },
  from: 'nothing',
};

/**
 * Traits from what a snapshot says of its kernel.
 * @param version the upstream version where it is known; it wins over what the release allows
 */
export function kernelTraitsOf(release: string, version: string | null): KernelTraits {
  const stated = parseKernelRelease(release) ?? ANY_KERNEL;
  const exact = version === null ? null : parseKernelVersion(version);
  return kernelTraits(exact === null ? stated : { ...stated, range: { low: exact, high: exact } });
}
