import type { SysctlKey } from './key.ts';

/**
 * Keys that stand outside the catalogue because a value is not all there is to them. `action`: a write does something
 * and sets nothing. `secret`: the value may stand in no file that others read. Neither is ever written, whoever
 * vouches for it. `one-way`: the kernel refuses to take the value back before a reboot.
 */
export type SpecialKey = { readonly kind: 'action' | 'secret' | 'one-way'; readonly why: string };

const ACTIONS: ReadonlyMap<SysctlKey, string> = new Map([
  ['net.ipv4.route.flush', 'a write empties the cache of IPv4 routes and sets nothing'],
  ['net.ipv6.route.flush', 'a write empties the cache of IPv6 routes and sets nothing'],
  ['vm.drop_caches', 'a write drops the file cache and sets nothing'],
  ['vm.compact_memory', 'a write moves memory about at once and sets nothing'],
  ['vm.stat_refresh', 'a write brings counters up to date and sets nothing'],
  ['kernel.ns_last_pid', 'a write chooses the PID of the next process and sets nothing lasting'],
  ['fs.xfs.stats_clear', 'a write clears the counters of XFS and sets nothing'],
]);

const SECRETS: readonly RegExp[] = [
  /^net\.ipv4\.tcp_fastopen_key$/,
  /^net\.ipv6\.conf\.[^.]+\.stable_secret$/,
];

const ONE_WAY: ReadonlyMap<SysctlKey, string> = new Map([
  ['kernel.modules_disabled', 'once it is 1, no module is loaded any more before a reboot'],
  ['kernel.kexec_load_disabled', 'once it is 1, no other kernel can be loaded before a reboot'],
  ['kernel.unprivileged_bpf_disabled', 'once it is 1, it stays so until a reboot'],
  ['kernel.yama.ptrace_scope', 'once it is 3, it stays so until a reboot'],
]);

/** null where a value is all there is to the key, as far as we know. */
export function specialKey(key: SysctlKey): SpecialKey | null {
  const action = ACTIONS.get(key);
  if (action !== undefined) return { kind: 'action', why: action };
  if (SECRETS.some((pattern) => pattern.test(key))) {
    return { kind: 'secret', why: 'it is a secret, and sysctl files can be read by everybody' };
  }
  const oneWay = ONE_WAY.get(key);
  return oneWay === undefined ? null : { kind: 'one-way', why: oneWay };
}
