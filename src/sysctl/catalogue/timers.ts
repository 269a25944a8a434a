import type { CatalogueEntry, DefaultRule } from '../catalogue-entry.ts';
import {
  always,
  BYTE,
  byteRange,
  changed,
  fixed,
  fixedThen,
  GLOBAL,
  HOST_INTEGER,
  INT_MAX,
  INTEGER,
  IP_SYSCTL,
  ON_OR_OFF,
  perNamespaceSince,
  SWITCH,
} from './parts.ts';

/**
 * INT_MAX / HZ at the highest usual HZ, 1000: what every kernel takes. The kernel also takes negative times, which
 * nobody means.
 */
const MAX_SECONDS = 2_147_483;

const RETRIES = changed({ min: 0, max: INT_MAX }, '5.10.178', BYTE);

/** net.ipv4: how long connections live, wait and are remembered, and the ports that outgoing ones take. */
export const TIMER_ENTRIES: readonly CatalogueEntry[] = [
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_fin_timeout',
    summary:
      'How long a connection that the program has closed waits in FIN_WAIT_2; TIME_WAIT is always 60 s.',
    reference: IP_SYSCTL,
    unit: 'seconds',
    scope: perNamespaceSince('4.6'),
    range: always({ min: 0, max: MAX_SECONDS }),
    defaults: fixed('60'),
  },
  {
    ...SWITCH,
    key: 'net.ipv4.tcp_tw_reuse',
    summary:
      'Lets outgoing connections take over a port in TIME_WAIT: never (0), always (1), on loopback (2).',
    reference: IP_SYSCTL,
    scope: perNamespaceSince('4.10'),
    // 79e9fed46038
    range: changed({ min: 0, max: INT_MAX }, '4.19', { min: 0, max: 2 }),
    defaults: fixedThen('0', '4.19', '2'),
    coupled: ['net.ipv4.tcp_timestamps', 'net.ipv4.ip_local_port_range'],
  },
  {
    ...SWITCH,
    key: 'net.ipv4.tcp_tw_recycle',
    summary: 'Ended TIME_WAIT early and dropped the SYNs of clients behind one NAT address; removed in 4.12.',
    reference: 'commit 4396e46187ca',
    scope: GLOBAL,
    range: always(ON_OR_OFF),
    defaults: fixed('0'),
    removed: '4.12',
    newNamespace: 'shared',
    coupled: ['net.ipv4.tcp_timestamps'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_max_tw_buckets',
    summary: 'Connections in TIME_WAIT beyond which further ones are destroyed at once.',
    reference: IP_SYSCTL,
    unit: 'connections',
    scope: perNamespaceSince('4.11'),
    // The kernel takes negative numbers, which act as 0.
    range: always({ min: 0, max: INT_MAX }),
    defaults: always<DefaultRule>({ kind: 'derived', by: 'half-ehash' }),
    newNamespace: 'recomputed',
    coupled: ['net.ipv4.tcp_ehash_entries'],
    belowDefault:
      'connections leave TIME_WAIT early, and a late segment can reach a new connection on the same ports',
  },
  {
    ...HOST_INTEGER,
    key: 'net.ipv4.tcp_max_orphans',
    summary: 'Connections that no program holds any more beyond which further ones are reset.',
    reference: IP_SYSCTL,
    unit: 'connections',
    scope: GLOBAL,
    // At 0 or below every connection that outlives its program is reset.
    range: always({ min: 1, max: INT_MAX }),
    defaults: [],
    coupled: ['net.ipv4.tcp_mem', 'net.ipv4.tcp_orphan_retries'],
    belowDefault: 'data that a program has sent before it closed is lost to a reset',
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_orphan_retries',
    summary: 'How often a segment is sent again on a connection that no program holds any more; 0 means 8.',
    reference: IP_SYSCTL,
    unit: 'count',
    scope: perNamespaceSince('4.6'),
    range: RETRIES,
    defaults: fixed('0'),
    coupled: ['net.ipv4.tcp_max_orphans'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_keepalive_time',
    summary: 'How long a connection with SO_KEEPALIVE is idle before the first probe.',
    reference: IP_SYSCTL,
    unit: 'seconds',
    scope: perNamespaceSince('4.5'),
    range: always({ min: 1, max: MAX_SECONDS }),
    defaults: fixed('7200'),
    coupled: ['net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_keepalive_intvl',
    summary: 'Time between two keepalive probes that are not answered.',
    reference: IP_SYSCTL,
    unit: 'seconds',
    scope: perNamespaceSince('4.5'),
    range: always({ min: 1, max: MAX_SECONDS }),
    defaults: fixed('75'),
    coupled: ['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_keepalive_probes'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_keepalive_probes',
    summary: 'Keepalive probes without an answer after which the connection is dead.',
    reference: IP_SYSCTL,
    unit: 'count',
    scope: perNamespaceSince('4.5'),
    range: RETRIES,
    defaults: fixed('9'),
    coupled: ['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_keepalive_intvl'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_retries1',
    summary: 'Times that a segment is sent again before the kernel looks for another route.',
    reference: IP_SYSCTL,
    unit: 'count',
    scope: perNamespaceSince('4.6'),
    range: always(BYTE),
    defaults: fixed('3'),
    coupled: ['net.ipv4.tcp_retries2'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_retries2',
    summary: 'Times that a segment is sent again before the connection is given up: 15 is 13 to 30 minutes.',
    reference: IP_SYSCTL,
    unit: 'count',
    scope: perNamespaceSince('4.6'),
    range: RETRIES,
    defaults: fixed('15'),
    coupled: ['net.ipv4.tcp_retries1'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.ip_local_port_range',
    summary: 'First and last port that outgoing connections take.',
    reference: IP_SYSCTL,
    shape: { kind: 'pair', members: ['first', 'last'], ordered: true },
    unit: 'ports',
    scope: perNamespaceSince('3.13'),
    // The kernel refuses what lies below ip_unprivileged_port_start, 1024 unless somebody changed it.
    range: always({ min: 1024, max: 65_535 }),
    // 07f4c90062f8 made the ends differ in parity.
    defaults: fixedThen('32768 61000', '4.2', '32768 60999'),
    coupled: ['net.ipv4.tcp_tw_reuse'],
  },
  {
    ...SWITCH,
    key: 'net.ipv4.tcp_no_metrics_save',
    summary: 'Forgets what was learnt about a peer when its connection ends.',
    reference: IP_SYSCTL,
    scope: perNamespaceSince('4.15'),
    range: byteRange(),
    defaults: fixed('0'),
  },
];
