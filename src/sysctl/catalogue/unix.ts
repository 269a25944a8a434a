import type { CatalogueEntry } from '../catalogue-entry.ts';
import { always, fixed, INT_MAX, INTEGER, IP_SYSCTL, PER_NAMESPACE } from './parts.ts';

/** net.unix: sockets in the file system and in the abstract name space. */
export const UNIX_ENTRIES: readonly CatalogueEntry[] = [
  {
    ...INTEGER,
    key: 'net.unix.max_dgram_qlen',
    summary: 'Datagrams that wait in the queue of a unix socket before its senders block.',
    reference: IP_SYSCTL,
    unit: 'datagrams',
    scope: PER_NAMESPACE,
    // Most kernels also take negative numbers, which act as no limit at all.
    range: always({ min: 1, max: INT_MAX }),
    defaults: fixed('10'),
    // unix_create1() copies it into the socket.
    reversible: { is: false, why: 'sockets made meanwhile keep the length that they were made with' },
    alsoSetBy: ['systemd'],
  },
];
