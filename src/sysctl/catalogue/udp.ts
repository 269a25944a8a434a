import type { CatalogueEntry } from '../catalogue-entry.ts';
import {
  always,
  fixed,
  INT_MAX,
  INTEGER,
  IP_SYSCTL,
  onDemand,
  PER_NAMESPACE,
  perNamespaceSince,
} from './parts.ts';

/** net.ipv4: UDP, besides its memory. */
export const UDP_ENTRIES: readonly CatalogueEntry[] = onDemand([
  {
    ...INTEGER,
    key: 'net.ipv4.udp_rmem_min',
    summary: 'Receive buffer that a UDP socket is left with when udp_mem is short.',
    reference: 'man 7 udp',
    unit: 'bytes',
    scope: perNamespaceSince('4.17'),
    range: always({ min: 1, max: INT_MAX }),
    defaults: fixed('4096'),
    coupled: ['net.ipv4.udp_mem', 'net.ipv4.udp_wmem_min'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.udp_wmem_min',
    summary: 'Send buffer that a UDP socket is left with when udp_mem is short.',
    reference: 'man 7 udp',
    unit: 'bytes',
    scope: perNamespaceSince('4.17'),
    range: always({ min: 1, max: INT_MAX }),
    defaults: fixed('4096'),
    coupled: ['net.ipv4.udp_mem', 'net.ipv4.udp_rmem_min'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.udp_hash_entries',
    summary:
      "Buckets of the table of UDP sockets, read-only; negative where the namespace shares the host's table.",
    reference: IP_SYSCTL,
    unit: 'count',
    scope: PER_NAMESPACE,
    range: [],
    defaults: [],
    introduced: '6.2',
    newNamespace: 'shared',
    coupled: ['net.ipv4.udp_child_hash_entries'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.udp_child_hash_entries',
    summary:
      'Buckets of the table of UDP sockets that network namespaces made from here get; 0 shares this one.',
    reference: IP_SYSCTL,
    unit: 'count',
    scope: PER_NAMESPACE,
    range: always({ min: 0, max: 65_536 }),
    defaults: fixed('0'),
    introduced: '6.2',
    reversible: { is: false, why: 'network namespaces made meanwhile keep their own table' },
    coupled: ['net.ipv4.udp_hash_entries'],
  },
]);
