import type { SysctlKey } from './key.ts';

/** One variable with two keys: net/ipv4/devinet.c registers both on ipv4_devconf_all. */
const ALIASES: ReadonlyMap<SysctlKey, SysctlKey> = new Map([
  ['net.ipv4.ip_forward', 'net.ipv4.conf.all.forwarding'],
  ['net.ipv4.conf.all.forwarding', 'net.ipv4.ip_forward'],
]);

/** The other key of the same variable; null for all that have one. */
export function aliasOf(key: SysctlKey): SysctlKey | null {
  return ALIASES.get(key) ?? null;
}
