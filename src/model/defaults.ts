import {
  byKernel,
  constant,
  type Figure,
  given,
  givenRange,
  inUnit,
  max,
  min,
  named,
  over,
  powerOfTwoAbove,
  quarter,
  times,
  type Unit,
} from '../core/figure.ts';
import {
  type CatalogueEntry,
  type DefaultRule,
  holdsNumbers,
  type Since,
  type SysctlUnit,
} from '../sysctl/catalogue-entry.ts';
import { parseNumbers } from '../sysctl/codec.ts';
import type { KernelTraits } from './kernel-traits.ts';

/** What derived defaults are computed from; null where not known. */
export type DefaultContext = {
  readonly traits: KernelTraits;
  /** net.ipv4.tcp_ehash_entries as read: negative in a namespace that shares the global table of that many. */
  readonly ehashEntries: number | null;
  /** MemTotal of /proc/meminfo. */
  readonly memoryBytes: number | null;
  readonly pageBytes: number | null;
};

const KIB = 1024;
const MIB = 1024 * KIB;
const ANY_VERSION = '0.0';

/** What `byKernel` figures of this file name; docs/model.md explains it. */
export const DEFAULT_TRAIT = 'default-by-version';

/**
 * What this kernel sets without anybody's doing, one figure per number of the value. Null for a name, and where the
 * memory or table size that a derived default needs is not known.
 */
export function kernelDefault(entry: CatalogueEntry, context: DefaultContext): readonly Figure[] | null {
  const rows: (readonly Figure[])[] = [];
  for (const rule of context.traits.current(entry.defaults)) {
    const row = figuresOf(rule, entry, context);
    if (row === null) return null;
    rows.push(row);
  }
  const [first] = rows;
  if (first === undefined || rows.some((row) => row.length !== first.length)) return null;
  return first.map((_, column) => anyOf(rows.flatMap((row) => row[column] ?? [])));
}

/** The figure that all agree on, or all of them where the kernel's version leaves it open. */
function anyOf(figures: readonly Figure[]): Figure {
  const [first, ...rest] = figures;
  if (first === undefined) throw new TypeError('a default without any figure');
  return rest.length === 0 ? first : named(first.name, byKernel(DEFAULT_TRAIT, [first, ...rest]));
}

function figuresOf(
  rule: DefaultRule,
  entry: CatalogueEntry,
  context: DefaultContext,
): readonly Figure[] | null {
  if (rule.kind === 'fixed') return fixedFigures(rule.value, entry);
  switch (rule.by) {
    case 'max-syn-backlog/256':
      return one(maxSynBacklog(context, 256), entry);
    case 'max-syn-backlog/128':
      return one(maxSynBacklog(context, 128), entry);
    case 'half-ehash':
      return one(halfTable(context), entry);
    case 'tcp-rmem':
      return named3(tcpRmem(context), entry);
    case 'tcp-wmem':
      return named3(tcpWmem(context), entry);
    case 'tcp-mem':
      return named3(tcpMem(context), entry);
  }
}

function unitOf(unit: SysctlUnit): Unit {
  switch (unit) {
    case 'connections':
    case 'requests':
    case 'bytes':
    case 'pages':
      return unit;
    default:
      return 'count';
  }
}

/** `default of tcp_rmem max`: the key's last part and the member's name. */
function nameOf({ key, shape }: CatalogueEntry, member: number): string {
  const last = key.slice(key.lastIndexOf('.') + 1);
  const members = shape.kind === 'vector' || shape.kind === 'pair' ? shape.members : [];
  return ['default of', last, members[member]].filter((part) => part !== undefined).join(' ');
}

function fixedFigures(value: string, entry: CatalogueEntry): readonly Figure[] | null {
  const numbers = holdsNumbers(entry.shape) ? parseNumbers(value) : null;
  if (numbers === null) return null;
  return numbers.map((number, index) =>
    named(nameOf(entry, index), constant(number, unitOf(entry.unit), entry.reference)),
  );
}

function one(figure: Figure | null, entry: CatalogueEntry): readonly Figure[] | null {
  return figure === null ? null : [named(nameOf(entry, 0), inUnit(unitOf(entry.unit), figure))];
}

function named3(figures: readonly Figure[] | null, entry: CatalogueEntry): readonly Figure[] | null {
  return figures?.map((figure, index) => named(nameOf(entry, index), figure)) ?? null;
}

/**
 * Buckets of the table of established connections. Where the key is not there (before 6.1), as
 * alloc_large_system_hash() sizes it: one per 128 KiB, rounded up to a power of two, at most 524288. The kernel
 * counts memory before it takes its own share (page structures, its image), which MemTotal leaves out: up to 1/48
 * and 64 MiB more. Memory that was plugged in later, or thash_entries= at boot, shows only in the key.
 */
function ehashBuckets({ ehashEntries, memoryBytes }: DefaultContext): Figure | null {
  const name = 'buckets of the connection table';
  if (ehashEntries !== null && ehashEntries !== 0) {
    return given(name, Math.abs(ehashEntries), 'entries', 'net.ipv4.tcp_ehash_entries');
  }
  if (memoryBytes === null) return null;
  const counted = givenRange(
    'memory counted at boot',
    memoryBytes,
    memoryBytes + Math.ceil(memoryBytes / 48) + 64 * MIB,
    'bytes',
    'MemTotal and what the kernel keeps for itself',
  );
  const perBucket = constant(128 * KIB, 'bytes', 'tcp_init(): one bucket per 128 KiB');
  const most = constant(524288, 'entries', 'tcp_init(): at most 512 * 1024 buckets');
  const buckets = powerOfTwoAbove(inUnit('entries', over(counted, perBucket)));
  return named(name, min(buckets, most));
}

function maxSynBacklog(context: DefaultContext, share: 256 | 128): Figure | null {
  const buckets = ehashBuckets(context);
  if (buckets === null) return null;
  const least = constant(128, 'requests', 'tcp_sk_init(): at least 128');
  const part = constant(share, 'count', share === 128 ? 'from 5.4 (623d0c2db020)' : 'up to 5.3');
  return max(least, over(buckets, part));
}

function halfTable(context: DefaultContext): Figure | null {
  const buckets = ehashBuckets(context);
  return buckets === null
    ? null
    : over(buckets, constant(2, 'count', 'tcp_sk_init(): half of the connection table'));
}

/**
 * nr_free_buffer_pages() when TCP starts, in bytes: MemTotal less the zones' high watermarks (1/64 is ample) and
 * less what is freed only later, which is the initial RAM disk above all (160 MiB).
 */
function bufferMemory(memoryBytes: number): Figure {
  return givenRange(
    'memory for buffers at boot',
    Math.max(0, memoryBytes - Math.ceil(memoryBytes / 64) - 160 * MIB),
    memoryBytes,
    'bytes',
    'MemTotal less watermarks and what was not yet freed',
  );
}

/** The most that a socket's buffer may take by itself: 1/128 of the memory for buffers, within a cap. */
function bufferShare(memoryBytes: number, cap: Figure): Figure {
  const share = over(
    bufferMemory(memoryBytes),
    constant(128, 'count', 'tcp_init(): 1/128 of the memory for buffers'),
  );
  return min(share, cap);
}

function byVersion(
  { traits }: DefaultContext,
  dated: readonly Since<number>[],
  unit: Unit,
  source: string,
): Figure {
  return anyOf(traits.current(dated).map((each) => constant(each, unit, source)));
}

function tcpRmem(context: DefaultContext): readonly Figure[] | null {
  if (context.memoryBytes === null) return null;
  const initial = byVersion(
    context,
    [
      { since: ANY_VERSION, is: 87380 },
      { since: '4.20', is: 131072 },
    ],
    'bytes',
    '87380, from 4.20 131072 (a337531b942b)',
  );
  const cap = byVersion(
    context,
    [
      { since: ANY_VERSION, is: 6 * MIB },
      { since: '6.16', is: 32 * MIB },
    ],
    'bytes',
    '6 MiB, from 6.16 32 MiB (572be9bf9d0d)',
  );
  return [leastBuffer(), initial, max(initial, bufferShare(context.memoryBytes, cap))];
}

function tcpWmem({ memoryBytes }: DefaultContext): readonly Figure[] | null {
  if (memoryBytes === null) return null;
  const cap = constant(4 * MIB, 'bytes', 'tcp_init(): at most 4 MiB');
  const least = constant(64 * KIB, 'bytes', 'tcp_init(): at least 64 KiB');
  const initial = constant(16 * KIB, 'bytes', 'tcp_init()');
  return [leastBuffer(), initial, max(least, bufferShare(memoryBytes, cap))];
}

function leastBuffer(): Figure {
  return constant(4096, 'bytes', 'tcp_init(): SK_MEM_QUANTUM');
}

function tcpMem(context: DefaultContext): readonly Figure[] | null {
  const { memoryBytes, pageBytes } = context;
  if (memoryBytes === null || pageBytes === null) return null;
  const part = byVersion(
    context,
    [
      { since: ANY_VERSION, is: 8 },
      { since: '4.2', is: 16 },
    ],
    'count',
    'tcp_init_mem(): 1/8 of the memory for buffers, from 4.2 1/16',
  );
  const pages = inUnit(
    'pages',
    over(bufferMemory(memoryBytes), given('page size', pageBytes, 'bytes', 'getconf PAGESIZE')),
  );
  const least = constant(128, 'pages', 'tcp_init_mem(): at least 128 pages');
  const pressure = named('limit', max(least, named('share of the pages', over(pages, part))));
  const three = constant(3, 'count', 'tcp_init_mem()');
  const low = times(named('a quarter of the limit', quarter(pressure)), three);
  return [low, pressure, times(low, constant(2, 'count', 'tcp_init_mem()'))];
}
