import type { CatalogueEntry, DefaultRule, Scope, Since } from '../catalogue-entry.ts';
import {
  always,
  changed,
  fixed,
  fixedThen,
  GLOBAL,
  HOST_INTEGER,
  INT_MAX,
  INTEGER,
  NET_SYSCTL,
  PER_NAMESPACE,
  perNamespaceSince,
} from './parts.ts';

/** From 6.11 a child network namespace sees the socket buffer caps, read-only. */
const VISIBLE_IN_CHILDREN: readonly Since<Scope>[] = changed<Scope>(
  'global',
  '6.11',
  'global-read-only-in-child',
);

/** SOCK_MIN_RCVBUF and SOCK_MIN_SNDBUF on 64-bit machines; 3.13 alone checked only for 1. */
const RECEIVE_RANGE = always({ min: 2304, max: INT_MAX });
const SEND_RANGE = always({ min: 4608, max: INT_MAX });

const NAMED_BY_CONFIG: readonly Since<DefaultRule>[] = [];

/** net.core: queues and socket buffers below every protocol. */
export const CORE_ENTRIES: readonly CatalogueEntry[] = [
  {
    ...INTEGER,
    key: 'net.core.somaxconn',
    summary: 'The most that a listener gets as its accept queue, whatever backlog it passes to listen().',
    reference: 'man 2 listen',
    unit: 'connections',
    scope: PER_NAMESPACE,
    // The limit was 16 bits wide up to 4.0 (becb74f0acca).
    range: changed({ min: 0, max: 65_535 }, '4.1', { min: 0, max: INT_MAX }),
    defaults: fixedThen('128', '5.4', '4096'),
    coupled: ['net.ipv4.tcp_max_syn_backlog', 'net.ipv4.tcp_syncookies'],
    belowDefault: 'it cuts the backlog of every listener that asks for more, and bursts are dropped sooner',
  },
  {
    ...HOST_INTEGER,
    key: 'net.core.netdev_max_backlog',
    summary: 'Packets that wait on one CPU between a network card without NAPI, or RPS, and the protocols.',
    reference: NET_SYSCTL,
    unit: 'packets',
    scope: GLOBAL,
    // The kernel takes negative numbers and compares them unsigned: no limit at all.
    range: always({ min: 1, max: INT_MAX }),
    defaults: fixed('1000'),
    coupled: ['net.core.netdev_budget'],
  },
  {
    ...HOST_INTEGER,
    key: 'net.core.netdev_budget',
    summary: 'Packets that one round of receiving may take from all network cards of a CPU.',
    reference: NET_SYSCTL,
    unit: 'packets',
    scope: GLOBAL,
    range: always({ min: 1, max: INT_MAX }),
    defaults: fixed('300'),
    coupled: ['net.core.netdev_max_backlog'],
  },
  {
    ...HOST_INTEGER,
    key: 'net.core.rmem_default',
    summary: 'Receive buffer that a socket of any protocol but TCP starts with.',
    reference: 'man 7 socket',
    unit: 'bytes',
    scope: VISIBLE_IN_CHILDREN,
    range: RECEIVE_RANGE,
    defaults: fixed('212992'),
    coupled: ['net.core.rmem_max'],
  },
  {
    ...HOST_INTEGER,
    key: 'net.core.rmem_max',
    summary:
      'The most that a program may ask for with SO_RCVBUF; TCP without that option is bounded by tcp_rmem.',
    reference: 'man 7 socket',
    unit: 'bytes',
    scope: VISIBLE_IN_CHILDREN,
    range: RECEIVE_RANGE,
    defaults: fixedThen('212992', '6.18', '4194304'),
    coupled: ['net.core.rmem_default', 'net.ipv4.tcp_rmem'],
    belowDefault:
      'programs that set their own receive buffer, UDP and QUIC above all, get less than they ask for',
  },
  {
    ...HOST_INTEGER,
    key: 'net.core.wmem_default',
    summary: 'Send buffer that a socket of any protocol but TCP starts with.',
    reference: 'man 7 socket',
    unit: 'bytes',
    scope: VISIBLE_IN_CHILDREN,
    range: SEND_RANGE,
    defaults: fixed('212992'),
    coupled: ['net.core.wmem_max'],
  },
  {
    ...HOST_INTEGER,
    key: 'net.core.wmem_max',
    summary:
      'The most that a program may ask for with SO_SNDBUF; TCP without that option is bounded by tcp_wmem.',
    reference: 'man 7 socket',
    unit: 'bytes',
    scope: VISIBLE_IN_CHILDREN,
    range: SEND_RANGE,
    defaults: fixedThen('212992', '6.18', '4194304'),
    coupled: ['net.core.wmem_default', 'net.ipv4.tcp_wmem'],
    belowDefault: 'programs that set their own send buffer get less than they ask for',
  },
  {
    ...INTEGER,
    key: 'net.core.optmem_max',
    summary: 'Memory for ancillary data and socket options of one socket.',
    reference: NET_SYSCTL,
    unit: 'bytes',
    scope: perNamespaceSince('6.8'),
    // Up to 6.7 the kernel takes negative numbers, and with them refuses every option that needs memory.
    range: always({ min: 0, max: INT_MAX }),
    // sizeof(long) * (2 * UIO_MAXIOV + 512) on 64-bit machines.
    defaults: fixedThen('20480', '6.8', '131072'),
  },
  {
    ...HOST_INTEGER,
    key: 'net.core.default_qdisc',
    summary: 'Queueing discipline that a network interface gets when it comes up.',
    reference: NET_SYSCTL,
    shape: { kind: 'name' },
    unit: 'name',
    scope: GLOBAL,
    range: [],
    defaults: NAMED_BY_CONFIG,
    introduced: '3.12',
    sideEffects: 'a name that is not there yet loads its kernel module',
    reversible: {
      is: false,
      why: 'interfaces that come up meanwhile keep their queueing discipline, and a module that it loads stays loaded',
    },
    coupled: ['net.ipv4.tcp_congestion_control'],
  },
];
