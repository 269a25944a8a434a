import { INT_MIN, UINT_MAX } from '../../core/integers.ts';
import type { SysctlKey } from '../key.ts';

/**
 * What the kernel takes at least, of keys whose lower bound in the catalogue is ours. Those of proc_dointvec take any
 * integer. Where a key was such an integer before it became a byte, the byte's bounds are the kernel's own.
 */
export const KERNEL_MINIMUM: ReadonlyMap<SysctlKey, number> = new Map([
  ['fs.aio-max-nr', 0],
  ['fs.file-max', 0],
  ['fs.inotify.max_user_instances', 0],
  ['fs.inotify.max_user_watches', 0],
  ['fs.nr_open', 64],
  ['net.bridge.bridge-nf-call-ip6tables', INT_MIN],
  ['net.bridge.bridge-nf-call-iptables', INT_MIN],
  ['net.core.dev_weight', INT_MIN],
  ['net.core.message_burst', INT_MIN],
  ['net.core.netdev_budget', INT_MIN],
  ['net.core.netdev_budget_usecs', 0],
  ['net.core.netdev_max_backlog', INT_MIN],
  ['net.core.qdisc_max_burst', INT_MIN],
  ['net.ipv4.cipso_cache_bucket_size', INT_MIN],
  ['net.ipv4.conf.all.rp_filter', INT_MIN],
  ['net.ipv4.conf.default.rp_filter', INT_MIN],
  ['net.ipv4.icmp_ratemask', INT_MIN],
  ['net.ipv4.igmp_max_memberships', INT_MIN],
  ['net.ipv4.igmp_max_msf', INT_MIN],
  ['net.ipv4.inet_peer_maxttl', INT_MIN],
  ['net.ipv4.inet_peer_minttl', INT_MIN],
  ['net.ipv4.inet_peer_threshold', INT_MIN],
  ['net.ipv4.ip_forward', INT_MIN],
  ['net.ipv4.neigh.default.gc_thresh2', 0],
  ['net.ipv4.neigh.default.gc_thresh3', 0],
  ['net.ipv4.tcp_base_mss', INT_MIN],
  ['net.ipv4.tcp_challenge_ack_limit', INT_MIN],
  ['net.ipv4.tcp_fastopen', INT_MIN],
  ['net.ipv4.tcp_fin_timeout', INT_MIN],
  ['net.ipv4.tcp_keepalive_intvl', INT_MIN],
  ['net.ipv4.tcp_keepalive_time', INT_MIN],
  ['net.ipv4.tcp_limit_output_bytes', INT_MIN],
  ['net.ipv4.tcp_max_orphans', INT_MIN],
  ['net.ipv4.tcp_max_reordering', INT_MIN],
  ['net.ipv4.tcp_max_syn_backlog', INT_MIN],
  ['net.ipv4.tcp_max_tw_buckets', INT_MIN],
  ['net.ipv4.tcp_probe_threshold', INT_MIN],
  ['net.ipv4.tcp_reordering', INT_MIN],
  ['net.ipv4.tcp_rmem', 1],
  ['net.ipv4.tcp_wmem', 1],
  ['net.ipv6.conf.all.accept_ra', INT_MIN],
  ['net.ipv6.conf.all.disable_ipv6', INT_MIN],
  ['net.ipv6.conf.all.forwarding', INT_MIN],
  ['net.ipv6.conf.default.accept_ra', INT_MIN],
  ['net.ipv6.conf.default.disable_ipv6', INT_MIN],
  ['net.netfilter.nf_conntrack_max', 0],
  ['net.netfilter.nf_conntrack_tcp_timeout_established', INT_MIN],
  ['net.netfilter.nf_conntrack_tcp_timeout_time_wait', INT_MIN],
  ['net.unix.max_dgram_qlen', INT_MIN],
  ['vm.max_map_count', 0],
]);

/** The largest `long` and `unsigned long`, as near as a number comes to them. */
const LONG_MAX = 2 ** 63;
const ULONG_MAX = 2 ** 64;

/**
 * What the kernel takes at most, of keys whose upper bound in the catalogue is ours, and which are no `int`. Those that
 * became a byte are bounded so on kernels that still had an `int` as well.
 */
export const KERNEL_MAXIMUM: ReadonlyMap<SysctlKey, number> = new Map([
  ['fs.aio-max-nr', ULONG_MAX],
  ['fs.file-max', LONG_MAX],
  ['net.ipv4.ip_local_port_step_width', UINT_MAX],
  ['net.ipv4.tcp_app_win', 31],
  ['net.ipv4.tcp_early_demux', 255],
  ['net.ipv4.tcp_recovery', 255],
  ['net.ipv4.udp_early_demux', 255],
  ['net.ipv6.bindv6only', 255],
]);
