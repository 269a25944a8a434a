import { BUFFER_ENTRIES } from './catalogue/buffers.ts';
import { CORE_ENTRIES } from './catalogue/core.ts';
import { HANDSHAKE_ENTRIES } from './catalogue/handshake.ts';
import { TIMER_ENTRIES } from './catalogue/timers.ts';
import type { CatalogueEntry } from './catalogue-entry.ts';
import type { SysctlKey } from './key.ts';

/**
 * The sysctls that we read, judge and may set. A key that only root may read never stands here: what stands here is
 * collected, and secrets are not.
 */
export const CATALOGUE: readonly CatalogueEntry[] = [
  ...CORE_ENTRIES,
  ...HANDSHAKE_ENTRIES,
  ...TIMER_ENTRIES,
  ...BUFFER_ENTRIES,
];

const BY_KEY: ReadonlyMap<SysctlKey, CatalogueEntry> = new Map(CATALOGUE.map((entry) => [entry.key, entry]));

export function catalogueEntry(key: SysctlKey): CatalogueEntry | undefined {
  return BY_KEY.get(key);
}

const PLACES: ReadonlyMap<SysctlKey, number> = new Map(CATALOGUE.map(({ key }, index) => [key, index]));

/** Where a key stands among the others; behind them all where it is not ours. */
export function catalogueOrder(key: SysctlKey): number {
  return PLACES.get(key) ?? CATALOGUE.length;
}
