import type { CatalogueEntry, Range } from '../catalogue-entry.ts';
import {
  always,
  byteRange,
  fixed,
  GLOBAL,
  HOST_INTEGER,
  INT_MAX,
  INTEGER,
  IP_SYSCTL,
  ON_OR_OFF,
  ours,
  PER_NAMESPACE,
  perNamespaceSince,
  SWITCH,
} from './parts.ts';

const FORWARDERS = ['Docker', 'libvirt', 'NetworkManager', 'systemd-networkd', 'Kubernetes network plugins'];

const RP_FILTER: Range = ours({ min: 0, max: 2 });
const RP_FILTER_MODES = 'not at all (0), strictly (1), loosely (2)';

/** With fewer than a few hundred neighbours a full subnet loses its own gateway. */
const NEIGHBOURS: Range = { min: 128, max: INT_MAX };

/** net.ipv4: forwarding, source addresses and neighbours. */
export const ROUTING_ENTRIES: readonly CatalogueEntry[] = [
  {
    ...SWITCH,
    key: 'net.ipv4.ip_forward',
    summary: 'Forwards IPv4 packets from one interface to another: makes the host a router.',
    reference: IP_SYSCTL,
    scope: PER_NAMESPACE,
    // The kernel takes any integer, and each but 0 as 1.
    range: always(ours(ON_OR_OFF)),
    defaults: fixed('0'),
    newNamespace: 'copy-of-initial',
    // inet_forward_change(); measured on 5.10 to 7.2.
    sideEffects:
      'a change sets forwarding of every interface, new ones included, and sets net.ipv4.conf.all.accept_redirects to the opposite',
    reversible: {
      is: false,
      why: 'interfaces whose own forwarding or conf.all.accept_redirects differed do not get theirs back',
    },
    alsoSetBy: FORWARDERS,
  },
  {
    ...INTEGER,
    key: 'net.ipv4.conf.all.rp_filter',
    summary: `Drops packets whose source has no route back, ${RP_FILTER_MODES}; for each interface the larger of this and its own holds.`,
    reference: IP_SYSCTL,
    unit: 'switch',
    scope: PER_NAMESPACE,
    range: always(RP_FILTER),
    defaults: fixed('0'),
    newNamespace: 'copy-of-initial',
    coupled: ['net.ipv4.conf.default.rp_filter'],
    alsoSetBy: ['Kubernetes network plugins'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.conf.default.rp_filter',
    summary: `Drops packets whose source has no route back, ${RP_FILTER_MODES}: what new interfaces start with.`,
    reference: IP_SYSCTL,
    unit: 'switch',
    scope: PER_NAMESPACE,
    range: always(RP_FILTER),
    defaults: fixed('0'),
    newNamespace: 'copy-of-initial',
    // devinet_copy_dflt_conf(); measured on 6.18.
    sideEffects:
      'copied to every interface that has no IPv4 address and whose own value nobody has written yet',
    reversible: { is: false, why: 'interfaces that appear meanwhile keep the value that they started with' },
    coupled: ['net.ipv4.conf.all.rp_filter'],
  },
  {
    ...SWITCH,
    key: 'net.ipv4.ip_nonlocal_bind',
    summary: 'Lets programs bind addresses that the host does not have yet, such as a floating one.',
    reference: IP_SYSCTL,
    scope: perNamespaceSince('4.0'),
    range: byteRange(),
    defaults: fixed('0'),
  },
  {
    ...HOST_INTEGER,
    key: 'net.ipv4.neigh.default.gc_thresh1',
    summary: 'Neighbours, of all network namespaces together, below which the ARP table drops none.',
    reference: IP_SYSCTL,
    unit: 'entries',
    scope: GLOBAL,
    range: always({ min: 0, max: INT_MAX }),
    defaults: fixed('128'),
    coupled: ['net.ipv4.neigh.default.gc_thresh2', 'net.ipv4.neigh.default.gc_thresh3'],
    alsoSetBy: ['Kubernetes network plugins'],
  },
  {
    ...HOST_INTEGER,
    key: 'net.ipv4.neigh.default.gc_thresh2',
    summary: 'Neighbours beyond which the ARP table drops those that were not used for 5 s.',
    reference: IP_SYSCTL,
    unit: 'entries',
    scope: GLOBAL,
    range: always(NEIGHBOURS),
    defaults: fixed('512'),
    coupled: ['net.ipv4.neigh.default.gc_thresh1', 'net.ipv4.neigh.default.gc_thresh3'],
    alsoSetBy: ['Kubernetes network plugins'],
  },
  {
    ...HOST_INTEGER,
    key: 'net.ipv4.neigh.default.gc_thresh3',
    summary: 'Most neighbours that the ARP table holds, of all network namespaces together.',
    reference: IP_SYSCTL,
    unit: 'entries',
    scope: GLOBAL,
    range: always(NEIGHBOURS),
    defaults: fixed('1024'),
    coupled: ['net.ipv4.neigh.default.gc_thresh1', 'net.ipv4.neigh.default.gc_thresh2'],
    alsoSetBy: ['Kubernetes network plugins'],
  },
];
