import type { Figure } from '../core/figure.ts';
import type { CatalogueEntry } from '../sysctl/catalogue-entry.ts';
import type { SysctlKey } from '../sysctl/key.ts';

/**
 * How much of the host's memory a profile may let buffers take. docs/profiles.md says the same to users, and ADR 0011
 * why.
 */

/** The kernel's own share for one buffer at most, tcp_init(); eight of them reach the pressure of tcp_mem. */
const AT_MOST = 128;
/** What every connection starts with: 512 of them reach the pressure of tcp_mem. */
const AT_START = 8192;
/** All connections together. */
const ALTOGETHER = 4;

/** One divisor of the memory per number of the value. */
const SHARES: ReadonlyMap<SysctlKey, readonly number[]> = new Map([
  ['net.ipv4.tcp_rmem', [AT_START, AT_START, AT_MOST]],
  ['net.ipv4.tcp_wmem', [AT_START, AT_START, AT_MOST]],
  ['net.core.rmem_default', [AT_START]],
  ['net.core.wmem_default', [AT_START]],
]);

/** What a bound is rounded down to: no kernel has smaller pages, and it reads better. */
const PAGE_BYTES = 4096;

/** Which share of the memory the number may be; null for what takes no memory. */
function shareOf({ key, unit }: CatalogueEntry, member: number): number | null {
  if (unit === 'pages') return ALTOGETHER;
  return unit === 'bytes' ? (SHARES.get(key)?.[member] ?? AT_MOST) : null;
}

export function takesMemory({ unit }: CatalogueEntry): boolean {
  return unit === 'bytes' || unit === 'pages';
}

export type MemoryFacts = {
  /** null where not known. */
  readonly memoryBytes: number | null;
  readonly pageBytes: number | null;
  /** The kernel's own value, number by number; null where not known. */
  readonly kernelDefault: readonly Figure[] | null;
};

export type MemoryBound = {
  /** In the key's unit. */
  readonly most: number;
  /** In words: `1/128 of the memory`. */
  readonly reason: string;
};

/**
 * The most that a profile gets for one number of a key: a share of the memory, or the kernel's own value where that is
 * more, so that the guard never asks a host for less than it has by itself.
 * @returns null where nothing bounds it, `unknown` where the facts for it are missing
 */
export function memoryBound(
  entry: CatalogueEntry,
  member: number,
  { memoryBytes, pageBytes, kernelDefault }: MemoryFacts,
): MemoryBound | 'unknown' | null {
  const share = shareOf(entry, member);
  if (share === null) return null;
  const own = kernelDefault?.[member]?.high ?? 0;
  const inPages = entry.unit === 'pages';
  if (memoryBytes === null || (inPages && pageBytes === null)) return 'unknown';
  const bytes = Math.floor(memoryBytes / share / PAGE_BYTES) * PAGE_BYTES;
  const most = inPages ? Math.floor(bytes / (pageBytes ?? PAGE_BYTES)) : bytes;
  return own > most
    ? { most: own, reason: "the kernel's own value" }
    : { most, reason: `1/${share} of the memory` };
}

/** More memory than any kernel addresses with 48 bits, in pages of 4 KiB. */
const MOST_PAGES = 2 ** 36;

export function couldBeMemory(pages: number): boolean {
  return pages <= MOST_PAGES;
}

/** Start values of tcp_rmem and tcp_wmem over the years. */
const BUFFER_STARTS: ReadonlySet<number | null> = new Set([16384, 65536, 87380, 131072]);
const BUFFER_LEAST = 4096;

/** The first two numbers are those of tcp_rmem or tcp_wmem, which are in bytes. */
export function looksLikeBufferSizes([first, second]: readonly (number | null)[]): boolean {
  return first === BUFFER_LEAST && second !== undefined && BUFFER_STARTS.has(second);
}
