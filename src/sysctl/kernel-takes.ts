import { INT_MAX } from '../core/integers.ts';
import { KERNEL_MAXIMUM, KERNEL_MINIMUM } from './catalogue/own-bounds.ts';
import { catalogueEntry } from './catalogue.ts';
import type { CatalogueEntry, Range } from './catalogue-entry.ts';
import { decimals, parseNumbers } from './codec.ts';
import { interfacePath, interfaceRange } from './interface-keys.ts';
import { type SysctlKey, swapSeparators } from './key.ts';
import { canonicalPorts } from './port-list.ts';
import { areSecondsInTicks, longestSeconds } from './seconds-in-ticks.ts';
import { specialKey } from './special-keys.ts';

/**
 * What a write leaves in a variable, as the kernel prints it. `refused`: EINVAL or ERANGE; `value` is what stands then,
 * for of a vector the kernel keeps the numbers before the first bad one. `value` is null where that is not known.
 */
export type Taken = {
  readonly kind: 'stored' | 'refused';
  readonly value: string | null;
  /** Refused, and yet not without a trace. */
  readonly partly?: true;
};

/** What writes depend on besides the kernel's code. */
export type KernelRules = {
  /** Bounds of the catalogue that hold on the kernel in question; several where its version leaves that open. */
  rangesOf(entry: CatalogueEntry): readonly Range[];
  /** Ticks of its clock a second (CONFIG_HZ); null where that is not known. */
  readonly ticksPerSecond: number | null;
};

function stored(value: string | null): Taken {
  return { kind: 'stored', value };
}

function refused(value: string | null): Taken {
  return { kind: 'refused', value };
}

/** The kernel's own bounds, which are wider than those of the catalogue where those are ours. */
function kernelBounds(entry: CatalogueEntry, ranges: readonly Range[]): Range {
  const least = Math.min(...ranges.map(({ min }) => min));
  const larger = KERNEL_MAXIMUM.get(entry.key) ?? INT_MAX;
  const most = Math.max(...ranges.map(({ max, takesMore }) => (takesMore ? Math.max(max, larger) : max)));
  // What is narrower than that became a byte, whose bounds are the kernel's own.
  const own = most > 255 ? KERNEL_MINIMUM.get(entry.key) : undefined;
  return { min: own ?? least, max: most };
}

function isWithin({ min, max }: Range, number: number): boolean {
  return number >= min && number <= max;
}

function integer(text: string, standing: string | null, range: Range): Taken {
  const [number] = parseNumbers(text, 1) ?? [];
  if (number === undefined || !isWithin(range, number)) return refused(standing);
  return stored(Number.isSafeInteger(number) ? String(number) : (decimals(text, 1)?.[0] ?? null));
}

/** Milliseconds that the kernel keeps as ticks of its clock, rounded up (proc_dointvec_ms_jiffies()). */
function inTicks(taken: Taken, { unit, multipleOf }: CatalogueEntry, ticksPerSecond: number | null): Taken {
  if (unit !== 'milliseconds' || multipleOf === undefined || ticksPerSecond === null) return taken;
  const tick = 1000 / ticksPerSecond;
  return taken.value === null
    ? taken
    : { ...taken, value: String(Math.trunc(Math.ceil(Number(taken.value) / tick) * tick)) };
}

/** Numbers are taken one after the other, and what a short text leaves out stays as it was. */
function vector(text: string, standing: string | null, members: number, range: Range): Taken {
  const before = standing === null ? null : decimals(standing, members);
  const given: string[] = [];
  let isBad = false;
  for (const token of text.split(/[ \t\n]+/).filter((each) => each !== '')) {
    if (given.length === members) break;
    const [number] = parseNumbers(token, 1) ?? [];
    isBad = number === undefined || !isWithin(range, number);
    if (isBad) break;
    given.push(...(decimals(token, 1) ?? []));
  }
  const rest = before?.slice(given.length) ?? null;
  const value = given.length === members ? given.join('\t') : rest && [...given, ...rest].join('\t');
  if (!isBad && given.length > 0) return stored(value);
  return given.length === 0 ? refused(standing) : { kind: 'refused', value, partly: true };
}

/** Two numbers that are taken together or not at all, as of ip_local_port_range and ping_group_range. */
function pair(text: string, standing: string | null, { shape }: CatalogueEntry, range: Range): Taken {
  const taken = vector(text, standing, 2, range);
  if (taken.kind === 'refused') return refused(standing);
  const [low, high] = parseNumbers(taken.value ?? '', 2) ?? [];
  if (low === undefined || high === undefined || low <= high || shape.kind !== 'pair') return taken;
  if (shape.none !== undefined) return stored(shape.none.join('\t'));
  return shape.ordered ? refused(standing) : taken;
}

function portList(text: string, standing: string | null): Taken {
  // proc_do_large_bitmap() in kernel/sysctl.c knows no blanks, not even around the list.
  const ports = text === '' ? '' : /\s/.test(text) ? null : canonicalPorts(text);
  return ports === null ? refused(standing) : stored(ports);
}

/** Bounds of a few keys that are no entries of the catalogue (kernel/sysctl.c, mm/page-writeback.c). */
const OTHER_RANGES: ReadonlyMap<string, Range> = new Map([
  // Two pages of 4 KiB: dirty_bytes_min.
  ['vm/dirty_bytes', { min: 8192, max: 2 ** 64 }],
  ['vm/dirty_background_bytes', { min: 1, max: 2 ** 64 }],
  ['vm/dirty_ratio', { min: 0, max: 100 }],
  ['vm/dirty_background_ratio', { min: 0, max: 100 }],
]);

/** A key that nobody has described: one that shows numbers takes numbers. */
function undescribed(text: string, standing: string | null): Taken {
  const before = standing === null ? null : decimals(standing);
  const trimmed = text.trim();
  if (before === null) return stored(trimmed);
  const given = decimals(trimmed, before.length);
  return given === null ? refused(standing) : stored([...given, ...before.slice(given.length)].join('\t'));
}

/** What mainline has by these names; a kernel may lack one, and have others of somebody's own. */
const MAINLINE_NAMES: ReadonlyMap<SysctlKey, RegExp> = new Map([
  [
    'net.ipv4.tcp_congestion_control',
    /^(?:bbr|bic|cdg|cubic|dctcp|highspeed|htcp|hybla|illinois|lp|nv|reno|scalable|vegas|veno|westwood|yeah)$/,
  ],
  ['net.core.default_qdisc', /^(?:bfifo|cake|codel|fq|fq_codel|fq_pie|mq|noqueue|pfifo|pfifo_fast|pie|sfq)$/],
]);

function named({ key }: CatalogueEntry, name: string, standing: string | null): Taken {
  const isLikely = MAINLINE_NAMES.get(key)?.test(name) ?? true;
  return stored(isLikely || name === standing ? name : null);
}

/** What one variable makes of a text, where it shows `standing` before; null where that is not known. */
export type Taker = (text: string, standing: string | null) => Taken;

function described(entry: CatalogueEntry, { rangesOf, ticksPerSecond }: KernelRules): Taker {
  const ranges = rangesOf(entry);
  const bounds = kernelBounds(entry, ranges);
  const { shape } = entry;
  switch (shape.kind) {
    case 'integer':
      return (text, standing) => {
        const taken = ranges.length === 0 ? refused(standing) : integer(text, standing, bounds);
        return taken.kind === 'stored' ? inTicks(taken, entry, ticksPerSecond) : taken;
      };
    case 'vector':
      return (text, standing) => vector(text, standing, shape.members.length, bounds);
    case 'pair':
      return (text, standing) => pair(text, standing, entry, bounds);
    case 'port-list':
      return portList;
    case 'name':
      return (text, standing) => named(entry, text.trim(), standing);
    case 'names':
    case 'cpu-mask':
      return (text) => stored(text.trim());
    case 'report':
      return (_, standing) => refused(standing);
  }
}

/** More ticks than an int holds are refused; where nobody knows how long one is, it may not be known whether. */
function withinTicks(take: Taker, ticksPerSecond: number | null): Taker {
  const { most, taken: least } = longestSeconds(ticksPerSecond);
  return (text, standing) => {
    const taken = take(text, standing);
    const [number] = parseNumbers(text, 1) ?? [];
    if (number === undefined || taken.kind === 'refused') return taken;
    if (Math.abs(number) > most) return refused(standing);
    return Math.abs(number) > least ? stored(null) : taken;
  };
}

function takerOfNumbers(path: string, rules: KernelRules): Taker {
  const entry = catalogueEntry(swapSeparators(path));
  if (entry !== undefined) return described(entry, rules);
  const ofInterface = interfacePath(path);
  const range = ofInterface === null ? OTHER_RANGES.get(path) : interfaceRange(ofInterface);
  return range === undefined ? undescribed : (text, standing) => integer(text, standing, range);
}

/**
 * What the kernel makes of the texts that are written to a variable.
 * @param path below /proc/sys
 */
export function takerOf(path: string, rules: KernelRules): Taker {
  const key = swapSeparators(path);
  // What it holds is not ours to know, and so not whether it takes the text.
  if (specialKey(key)?.kind === 'secret') return () => stored(null);
  const take = takerOfNumbers(path, rules);
  return areSecondsInTicks(key) ? withinTicks(take, rules.ticksPerSecond) : take;
}
