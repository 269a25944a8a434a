import { BUFFER_ENTRIES } from './catalogue/buffers.ts';
import { CORE_ENTRIES } from './catalogue/core.ts';
import { FS_ENTRIES } from './catalogue/fs.ts';
import { HANDSHAKE_ENTRIES } from './catalogue/handshake.ts';
import { IPV6_ENTRIES } from './catalogue/ipv6.ts';
import { NETFILTER_ENTRIES } from './catalogue/netfilter.ts';
import { ROUTING_ENTRIES } from './catalogue/routing.ts';
import { TIMER_ENTRIES } from './catalogue/timers.ts';
import { UNIX_ENTRIES } from './catalogue/unix.ts';
import { VM_ENTRIES } from './catalogue/vm.ts';
import { type CatalogueEntry, memberCount } from './catalogue-entry.ts';
import { sameValue } from './codec.ts';
import type { SysctlKey } from './key.ts';
import { canonicalPorts } from './port-list.ts';

/**
 * The sysctls that we read, judge and may set. A key that only root may read never stands here: what stands here is
 * collected, and secrets are not.
 */
export const CATALOGUE: readonly CatalogueEntry[] = [
  ...CORE_ENTRIES,
  ...HANDSHAKE_ENTRIES,
  ...TIMER_ENTRIES,
  ...BUFFER_ENTRIES,
  ...ROUTING_ENTRIES,
  ...IPV6_ENTRIES,
  ...NETFILTER_ENTRIES,
  ...UNIX_ENTRIES,
  ...FS_ENTRIES,
  ...VM_ENTRIES,
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

/** How many numbers of a value count: all of them, where the catalogue does not know the key. */
export function membersOf(key: SysctlKey): number {
  const shape = catalogueEntry(key)?.shape;
  return shape === undefined ? Number.POSITIVE_INFINITY : memberCount(shape);
}

/** Whether two texts leave the variable with the same value, by what the catalogue knows of its shape. */
export function sameSetting(key: SysctlKey, a: string, b: string): boolean {
  const shape = catalogueEntry(key)?.shape;
  if (shape?.kind === 'port-list') {
    const [left, right] = [canonicalPorts(a), canonicalPorts(b)];
    return left === null || right === null ? sameValue(a, b) : left === right;
  }
  return sameValue(a, b, membersOf(key));
}
