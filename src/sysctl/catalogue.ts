import { ACK_ENTRIES } from './catalogue/acks.ts';
import { BPF_ENTRIES } from './catalogue/bpf.ts';
import { BUFFER_ENTRIES } from './catalogue/buffers.ts';
import { CONGESTION_ENTRIES } from './catalogue/congestion.ts';
import { CORE_ENTRIES } from './catalogue/core.ts';
import { DEVICE_ENTRIES } from './catalogue/devices.ts';
import { FS_ENTRIES } from './catalogue/fs.ts';
import { HANDSHAKE_ENTRIES } from './catalogue/handshake.ts';
import { ICMP_ENTRIES } from './catalogue/icmp.ts';
import { IP_ENTRIES } from './catalogue/ip.ts';
import { IPV6_ENTRIES } from './catalogue/ipv6.ts';
import { LEGACY_ENTRIES } from './catalogue/legacy.ts';
import { NETFILTER_ENTRIES } from './catalogue/netfilter.ts';
import { PATH_ENTRIES } from './catalogue/paths.ts';
import { RECEIVING_ENTRIES } from './catalogue/receiving.ts';
import { RECOVERY_ENTRIES } from './catalogue/recovery.ts';
import { ROUTING_ENTRIES } from './catalogue/routing.ts';
import { SEGMENT_ENTRIES } from './catalogue/segments.ts';
import { TIMER_ENTRIES } from './catalogue/timers.ts';
import { UDP_ENTRIES } from './catalogue/udp.ts';
import { UNIX_ENTRIES } from './catalogue/unix.ts';
import { VM_ENTRIES } from './catalogue/vm.ts';
import { type CatalogueEntry, memberCount, type Shape } from './catalogue-entry.ts';
import { sameValue } from './codec.ts';
import { canonicalCpuMask } from './cpu-mask.ts';
import type { SysctlKey } from './key.ts';
import { canonicalPorts } from './port-list.ts';

/**
 * The sysctls that we read, judge and may set. What stands here is collected, and secrets are not: tcp_fastopen_key
 * never stands here. The keys of the BPF compiler, which only root may read for the addresses that they are about, say
 * no more than how it is set up; hardening guides set them, so what they hold must be seen where a file or a profile
 * names them.
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
  ...BPF_ENTRIES,
  ...RECEIVING_ENTRIES,
  ...DEVICE_ENTRIES,
  ...PATH_ENTRIES,
  ...IP_ENTRIES,
  ...ICMP_ENTRIES,
  ...CONGESTION_ENTRIES,
  ...RECOVERY_ENTRIES,
  ...SEGMENT_ENTRIES,
  ...ACK_ENTRIES,
  ...LEGACY_ENTRIES,
  ...UDP_ENTRIES,
];

const BY_KEY: ReadonlyMap<SysctlKey, CatalogueEntry> = new Map(CATALOGUE.map((entry) => [entry.key, entry]));

export function catalogueEntry(key: SysctlKey): CatalogueEntry | undefined {
  return BY_KEY.get(key);
}

/** Whether every audit reads its live value; of any other key it must be asked for. */
export function isAlwaysRead(key: SysctlKey): boolean {
  const entry = catalogueEntry(key);
  return entry !== undefined && entry.readOnDemand === undefined;
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
  const [left, right] = [canonical(shape, a), canonical(shape, b)];
  return left === null || right === null ? sameValue(a, b, membersOf(key)) : left === right;
}

/** One text for all that leave the same value, of shapes that are no numbers; null where there is none. */
function canonical(shape: Shape | undefined, text: string): string | null {
  switch (shape?.kind) {
    case 'port-list':
      return canonicalPorts(text);
    case 'cpu-mask':
      return canonicalCpuMask(text);
    case 'names':
      return text.trim().split(/\s+/).sort().join(' ');
    default:
      return null;
  }
}
