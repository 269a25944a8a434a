import { usageError } from '../core/errors.ts';
import { type Figure, given, givenRange, named } from '../core/figure.ts';
import { kernelDefault } from '../model/defaults.ts';
import type { KernelTraits } from '../model/kernel-traits.ts';
import { PAGE_BYTES } from '../model/memory.ts';
import { catalogueEntry } from '../sysctl/catalogue.ts';
import type { CatalogueEntry } from '../sysctl/catalogue-entry.ts';
import { parseNumbers } from '../sysctl/codec.ts';
import { checkValue } from '../sysctl/validate.ts';

/** The sysctls that buffers follow from, each with the option that states it. */
const BUFFER_OPTIONS = {
  'net.ipv4.tcp_rmem': '--tcp-rmem',
  'net.ipv4.tcp_wmem': '--tcp-wmem',
  'net.ipv4.tcp_mem': '--tcp-mem',
  'net.core.rmem_max': '--rmem-max',
  'net.core.wmem_max': '--wmem-max',
  'net.ipv4.tcp_adv_win_scale': '--adv-win-scale',
  'net.core.somaxconn': '--somaxconn',
} as const;
export type BufferKey = keyof typeof BUFFER_OPTIONS;

/** `default-by-memory`: the kernel's own, an interval because the memory is not known. */
export type Setting = {
  readonly key: BufferKey;
  /** One number after the other, under names such as `tcp_rmem max`. */
  readonly members: readonly Figure[];
  readonly from: 'given' | 'default' | 'default-by-memory';
};

export type SettingContext = {
  readonly traits: KernelTraits;
  /** As typed. */
  readonly sysctls: Readonly<Partial<Record<BufferKey, string>>>;
  readonly memoryBytes: number | null;
};

/** More than any host has: the far end of what a default may be. */
const AMPLE_MEMORY = 2 ** 50;

/** @returns null where it was not given, and the kernel's own cannot be told without the memory */
export function settingOf(key: BufferKey, context: SettingContext): Setting | null {
  const entry = catalogueEntry(key);
  if (entry === undefined) throw new TypeError(`no entry for ${key}`);
  const written = context.sysctls[key];
  if (written !== undefined) return { key, members: readGiven(key, entry, written, context), from: 'given' };
  const own = defaultOf(entry, context, context.memoryBytes);
  if (own !== null) return { key, members: shortNames(entry, own), from: 'default' };
  const open = key === 'net.ipv4.tcp_mem' ? null : defaultByMemory(entry, context);
  return open === null ? null : { key, members: shortNames(entry, open), from: 'default-by-memory' };
}

/** @throws UserError for a value that the kernel would refuse, or that would break the host */
function readGiven(
  key: BufferKey,
  { memory, ...entry }: CatalogueEntry,
  written: string,
  { traits, memoryBytes }: SettingContext,
): readonly Figure[] {
  const bounded = memory === undefined || memoryBytes === null ? entry : { ...entry, memory };
  const facts = { memory: { memoryBytes, pageBytes: PAGE_BYTES } };
  const problem = checkValue(bounded, written, traits.current(entry.range), facts);
  if (problem !== null) throw usageError(`${BUFFER_OPTIONS[key]}: ${problem.why}`);
  return shortNames(
    entry,
    (parseNumbers(written) ?? []).map((number) => given(key, number, 'bytes', BUFFER_OPTIONS[key])),
  );
}

function defaultOf(entry: CatalogueEntry, { traits }: SettingContext, memoryBytes: number | null) {
  return kernelDefault(entry, { traits, ehashEntries: null, memoryBytes, pageBytes: PAGE_BYTES });
}

/** From what the least host has to what the largest has. */
function defaultByMemory(entry: CatalogueEntry, context: SettingContext): readonly Figure[] | null {
  const [least, most] = [defaultOf(entry, context, 0), defaultOf(entry, context, AMPLE_MEMORY)];
  if (least === null || most === null) return null;
  return least.map((figure, index) => {
    const { high } = most[index] ?? figure;
    const origin = "the kernel's own, by the memory of the host (--memory)";
    return high === figure.high ? figure : givenRange(figure.name, figure.low, high, figure.unit, origin);
  });
}

/** `tcp_rmem max`, `rmem_max`: also of a default, for it is the value that counts. */
function shortNames({ key, shape, unit }: Omit<CatalogueEntry, 'memory'>, figures: readonly Figure[]) {
  const last = key.slice(key.lastIndexOf('.') + 1);
  const members = shape.kind === 'vector' || shape.kind === 'pair' ? shape.members : [];
  return figures.map((figure, index) => {
    const name = [last, members[index]].filter((part) => part !== undefined).join(' ');
    return unit === 'pages' ? { ...named(name, figure), unit } : named(name, figure);
  });
}
