import type { CatalogueEntry, DefaultRule } from '../catalogue-entry.ts';
import {
  always,
  BYTE,
  byteRange,
  changed,
  fixed,
  fixedThen,
  INT_MAX,
  INTEGER,
  IP_SYSCTL,
  ON_OR_OFF,
  PER_NAMESPACE,
  perNamespaceSince,
  SWITCH,
} from './parts.ts';

/** The kernel took any integer before these were bytes; a negative number of retries gives up at once. */
const RETRIES = changed({ min: 0, max: INT_MAX }, '5.10.178', BYTE);

/** net.ipv4: the SYN queue, the accept queue and the handshake that leads from one to the other. */
export const HANDSHAKE_ENTRIES: readonly CatalogueEntry[] = [
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_max_syn_backlog',
    summary:
      'Half-open requests of a listener beyond which, with SYN cookies off, unknown peers are dropped.',
    reference: IP_SYSCTL,
    unit: 'requests',
    scope: perNamespaceSince('4.11'),
    // The kernel takes any integer; without SYN cookies a negative one refuses every new client.
    range: always({ min: 1, max: INT_MAX }),
    // 623d0c2db020 doubled it.
    defaults: changed<DefaultRule>({ kind: 'derived', by: 'max-syn-backlog/256' }, '5.4', {
      kind: 'derived',
      by: 'max-syn-backlog/128',
    }),
    newNamespace: 'recomputed',
    coupled: ['net.core.somaxconn', 'net.ipv4.tcp_syncookies'],
  },
  {
    ...SWITCH,
    key: 'net.ipv4.tcp_syncookies',
    summary: 'Answers with a SYN cookie instead of dropping when the SYN queue is full (1), or always (2).',
    reference: IP_SYSCTL,
    scope: perNamespaceSince('4.6'),
    range: byteRange(),
    defaults: fixed('1'),
    coupled: ['net.ipv4.tcp_max_syn_backlog', 'net.ipv4.tcp_timestamps'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_synack_retries',
    summary: 'How often the SYN+ACK of a half-open request is sent again before the request is given up.',
    reference: IP_SYSCTL,
    unit: 'count',
    scope: perNamespaceSince('4.6'),
    range: RETRIES,
    defaults: fixed('5'),
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_syn_retries',
    summary: 'How often the SYN of an outgoing connection is sent again before connect() fails.',
    reference: IP_SYSCTL,
    unit: 'count',
    scope: perNamespaceSince('4.6'),
    range: always({ min: 1, max: 127 }),
    defaults: fixed('6'),
    coupled: ['net.ipv4.tcp_syn_linear_timeouts'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_syn_linear_timeouts',
    summary: 'How many of the repeated SYNs are sent a second apart before the pauses begin to double.',
    reference: IP_SYSCTL,
    unit: 'count',
    scope: PER_NAMESPACE,
    range: always({ min: 0, max: 127 }),
    defaults: fixed('4'),
    introduced: '6.5',
    coupled: ['net.ipv4.tcp_syn_retries'],
  },
  {
    ...SWITCH,
    key: 'net.ipv4.tcp_abort_on_overflow',
    summary:
      'Resets a connection whose handshake ends while the accept queue is full, instead of letting it try again.',
    reference: IP_SYSCTL,
    scope: perNamespaceSince('4.15'),
    range: byteRange(),
    defaults: fixed('0'),
    coupled: ['net.core.somaxconn'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_fastopen',
    summary: 'TCP Fast Open, bit by bit: 1 for outgoing connections, 2 for listeners that ask for it.',
    reference: IP_SYSCTL,
    unit: 'count',
    scope: perNamespaceSince('4.15'),
    // The kernel takes any integer: these are the bits that mean something, 0x1, 0x2, 0x4, 0x200 and 0x400.
    range: always({ min: 0, max: 0x607 }),
    // 0d41cca490c2
    defaults: fixedThen('0', '3.13', '1'),
  },
  {
    ...SWITCH,
    key: 'net.ipv4.tcp_migrate_req',
    summary: 'Hands what waits in the queues of a closed listener to another one of its SO_REUSEPORT group.',
    reference: IP_SYSCTL,
    scope: PER_NAMESPACE,
    range: always(ON_OR_OFF),
    defaults: fixed('0'),
    introduced: '5.14',
  },
  {
    ...SWITCH,
    key: 'net.ipv4.tcp_backlog_ack_defer',
    summary: "Sends one ACK for all segments that waited while the program held the socket's lock.",
    reference: IP_SYSCTL,
    scope: PER_NAMESPACE,
    range: always(ON_OR_OFF),
    defaults: fixed('1'),
    introduced: '6.7',
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_ehash_entries',
    summary:
      "Buckets of the table of connections, read-only; negative where the namespace shares the host's table.",
    reference: IP_SYSCTL,
    unit: 'count',
    scope: PER_NAMESPACE,
    range: [],
    defaults: [],
    introduced: '6.1',
    newNamespace: 'shared',
    coupled: [
      'net.ipv4.tcp_child_ehash_entries',
      'net.ipv4.tcp_max_tw_buckets',
      'net.ipv4.tcp_max_syn_backlog',
    ],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_child_ehash_entries',
    summary:
      'Buckets of the table of connections that network namespaces made from here get; 0 shares this one.',
    reference: IP_SYSCTL,
    unit: 'count',
    scope: PER_NAMESPACE,
    range: always({ min: 0, max: 16_777_216 }),
    defaults: fixed('0'),
    introduced: '6.1',
    reversible: { is: false, why: 'network namespaces made meanwhile keep their own table' },
    coupled: ['net.ipv4.tcp_ehash_entries'],
  },
];
