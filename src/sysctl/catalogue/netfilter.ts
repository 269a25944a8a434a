import type { CatalogueEntry } from '../catalogue-entry.ts';
import {
  always,
  CONNTRACK_SYSCTL,
  fixed,
  HOST_INTEGER,
  INT_MAX,
  INTEGER,
  IP_SYSCTL,
  MAX_SECONDS,
  ON_OR_OFF,
  ours,
  PER_NAMESPACE,
  perNamespaceSince,
  SWITCH,
} from './parts.ts';

const CONNTRACK = 'nf_conntrack';
const BRIDGE = 'br_netfilter';

/** Below a minute, connections that merely wait for their next request are forgotten. */
const TIMEOUT_RANGE = always(ours({ min: 60, max: MAX_SECONDS }));

/** net.netfilter and net.bridge: the table of tracked connections, and what of a bridge passes the firewall. */
export const NETFILTER_ENTRIES: readonly CatalogueEntry[] = [
  {
    ...HOST_INTEGER,
    key: 'net.netfilter.nf_conntrack_max',
    summary:
      'Connections that the firewall tracks in each network namespace; packets of further ones are dropped.',
    reference: CONNTRACK_SYSCTL,
    unit: 'entries',
    // Up to 5.12.1 a privileged child could write it too, and wrote the host's (2671fa4dc010).
    scope: always('global-read-only-in-child'),
    // 0 takes the limit away on most kernels and is refused by 7.2; 1024 is the least that the kernel chooses itself.
    range: always({ min: 1024, max: INT_MAX }),
    defaults: [],
    coupled: ['net.netfilter.nf_conntrack_buckets'],
    module: CONNTRACK,
    alsoSetBy: ['kube-proxy'],
  },
  {
    ...HOST_INTEGER,
    key: 'net.netfilter.nf_conntrack_buckets',
    summary: 'Buckets of the table of tracked connections, shared by all network namespaces.',
    reference: CONNTRACK_SYSCTL,
    unit: 'entries',
    scope: always('global-read-only-in-child'),
    // Read-only in older kernels, where only the module's hashsize sets it (3183ab8997a4).
    range: [{ since: '4.8', is: { min: 8192, max: 268_435_456 } }],
    // The kernel fills whole pages with buckets of 8 bytes; pages are up to 64 KiB.
    multipleOf: 8192,
    memory: { bytesEach: 8, oneIn: 16 },
    defaults: [],
    sideEffects:
      'every tracked connection is put into a new table at once, which holds up packets for that long',
    coupled: ['net.netfilter.nf_conntrack_max'],
    module: CONNTRACK,
    alsoSetBy: ['kube-proxy'],
  },
  {
    ...INTEGER,
    key: 'net.netfilter.nf_conntrack_tcp_timeout_established',
    summary: 'How long an established connection may be silent before the firewall forgets it.',
    reference: CONNTRACK_SYSCTL,
    unit: 'seconds',
    scope: PER_NAMESPACE,
    range: TIMEOUT_RANGE,
    defaults: fixed('432000'),
    coupled: ['net.ipv4.tcp_keepalive_time'],
    module: CONNTRACK,
    alsoSetBy: ['kube-proxy'],
  },
  {
    ...INTEGER,
    key: 'net.netfilter.nf_conntrack_tcp_timeout_time_wait',
    summary: 'How long the firewall remembers a connection after it was closed on both sides.',
    reference: CONNTRACK_SYSCTL,
    unit: 'seconds',
    scope: PER_NAMESPACE,
    range: always(ours({ min: 1, max: MAX_SECONDS })),
    defaults: fixed('120'),
    module: CONNTRACK,
  },
  {
    ...SWITCH,
    key: 'net.bridge.bridge-nf-call-iptables',
    summary: 'Sends the IPv4 packets that a bridge forwards through the firewall.',
    reference: IP_SYSCTL,
    scope: perNamespaceSince('5.3'),
    // The kernel takes any integer, and each but 0 as 1.
    range: always(ours(ON_OR_OFF)),
    defaults: fixed('1'),
    module: BRIDGE,
    alsoSetBy: ['Docker', 'libvirt'],
  },
  {
    ...SWITCH,
    key: 'net.bridge.bridge-nf-call-ip6tables',
    summary: 'Sends the IPv6 packets that a bridge forwards through the firewall.',
    reference: IP_SYSCTL,
    scope: perNamespaceSince('5.3'),
    range: always(ours(ON_OR_OFF)),
    defaults: fixed('1'),
    module: BRIDGE,
    alsoSetBy: ['Docker', 'libvirt'],
  },
];
