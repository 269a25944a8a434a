import { INT_MAX } from '../core/integers.ts';

/**
 * Variables in seconds that the kernel keeps as ticks of its clock in an int: those of proc_dointvec_jiffies() in
 * net/ipv4/sysctl_net_ipv4.c, net/ipv4/inetpeer.c, net/ipv4/ip_fragment.c, net/ipv4/route.c, net/ipv6/reassembly.c,
 * net/ipv6/route.c, net/core/neighbour.c, net/core/sysctl_net_core.c and net/netfilter.
 */
const IN_TICKS: readonly RegExp[] = [
  /^net\.core\.message_cost$/,
  /^net\.ipv4\.(?:tcp_fin_timeout|tcp_keepalive_time|tcp_keepalive_intvl|inet_peer_minttl|inet_peer_maxttl)$/,
  /^net\.ipv4\.ipfrag_time$|^net\.ipv6\.ip6frag_time$/,
  /^net\.ipv[46]\.route\.(?:gc_timeout|gc_interval|mtu_expires)$/,
  /^net\.ipv[46]\.neigh\.[^.]+\.(?:gc_stale_time|base_reachable_time|delay_first_probe_time)$/,
  /^net\.netfilter\.nf_conntrack_(?:\w+_timeout\w*|frag6_timeout)$/,
];

export function areSecondsInTicks(key: string): boolean {
  return IN_TICKS.some((each) => each.test(key));
}

/** CONFIG_HZ as kernel/Kconfig.hz has it. */
const FEWEST_TICKS = 100;
const MOST_TICKS = 1000;

/**
 * What the kernel takes of a variable that it keeps in ticks: INT_MAX / HZ (do_proc_dointvec_jiffies_conv() in
 * kernel/sysctl.c). Up to `taken` it takes every number, above `most` none; where the ticks are known both are the same.
 */
export function longestSeconds(ticksPerSecond: number | null): {
  readonly taken: number;
  readonly most: number;
} {
  const within = (ticks: number) => Math.floor(INT_MAX / ticks);
  return { taken: within(ticksPerSecond ?? MOST_TICKS), most: within(ticksPerSecond ?? FEWEST_TICKS) };
}
