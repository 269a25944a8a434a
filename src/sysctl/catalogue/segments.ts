import type { CatalogueEntry } from '../catalogue-entry.ts';
import {
  ANY_INTEGER,
  always,
  BYTE,
  byteRange,
  changed,
  fixed,
  fixedThen,
  INT_MAX,
  INTEGER,
  IP_SYSCTL,
  NOT_NEGATIVE,
  ON_OR_OFF,
  onDemand,
  ours,
  PER_NAMESPACE,
  perNamespaceSince,
  SWITCH,
} from './parts.ts';

/** TCP_MIN_MSS is 88 less the options that there can be. */
const MSS = { min: 48, max: 65_535 } as const;

const PROBING = 'net.ipv4.tcp_mtu_probing';

/** net.ipv4: how large segments are, when they are sent together, and how the path MTU is searched. */
export const SEGMENT_ENTRIES: readonly CatalogueEntry[] = onDemand([
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_base_mss',
    summary: 'Segment that tcp_mtu_probing begins its search with.',
    reference: IP_SYSCTL,
    unit: 'bytes',
    scope: perNamespaceSince('4.0'),
    // The kernel takes any integer; no segment is below 48.
    range: always({ min: 48, max: INT_MAX }),
    // dcd8fb8533ce
    defaults: fixedThen('512', '4.1', '1024'),
    coupled: [PROBING, 'net.ipv4.tcp_mtu_probe_floor'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_mtu_probe_floor',
    summary: 'Smallest segment that tcp_mtu_probing goes down to.',
    reference: IP_SYSCTL,
    unit: 'bytes',
    scope: PER_NAMESPACE,
    range: always(MSS),
    defaults: fixed('48'),
    introduced: '5.4',
    coupled: [PROBING, 'net.ipv4.tcp_base_mss'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_min_snd_mss',
    summary: 'Smallest segment that a peer can make this host send, whatever it asks for.',
    reference: 'commit 5f3e2bf008c2',
    unit: 'bytes',
    scope: PER_NAMESPACE,
    range: always(MSS),
    defaults: fixed('48'),
    introduced: '5.2',
    alsoIn: ['4.4', '4.9', '4.14', '4.15', '4.19', '5.1'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_probe_interval',
    summary: 'Time after which tcp_mtu_probing begins its search anew.',
    reference: IP_SYSCTL,
    unit: 'seconds',
    scope: PER_NAMESPACE,
    // 2^32 / HZ at the highest usual HZ, 1000; kernels before 4.19 take any integer.
    range: always(ours({ min: 0, max: 4_294_967 })),
    defaults: fixed('600'),
    introduced: '4.1',
    coupled: [PROBING, 'net.ipv4.tcp_probe_threshold'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_probe_threshold',
    summary: 'Bytes between what came through and what did not at which tcp_mtu_probing ends its search.',
    reference: IP_SYSCTL,
    unit: 'bytes',
    scope: PER_NAMESPACE,
    // The kernel takes negative numbers.
    range: always(NOT_NEGATIVE),
    defaults: fixed('8'),
    introduced: '4.1',
    coupled: [PROBING, 'net.ipv4.tcp_probe_interval'],
  },
  {
    ...SWITCH,
    key: 'net.ipv4.tcp_autocorking',
    summary: 'Holds small writes back while packets of the connection wait to be sent, to send them as one.',
    reference: IP_SYSCTL,
    scope: perNamespaceSince('4.15'),
    range: always(ON_OR_OFF),
    defaults: fixed('1'),
    introduced: '3.14',
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_min_tso_segs',
    summary: 'Segments that are given to the network card at once at least, however slow the connection.',
    reference: IP_SYSCTL,
    unit: 'packets',
    scope: perNamespaceSince('4.15'),
    range: [
      // d6a4e26afb80
      ...changed({ min: 0, max: 65_535 }, '4.2', { min: 1, max: 65_535 }),
      { since: '5.10.178', is: { min: 1, max: 255 } },
    ],
    defaults: fixed('2'),
    introduced: '3.12',
    coupled: ['net.ipv4.tcp_tso_win_divisor', 'net.ipv4.tcp_tso_rtt_log'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_tso_win_divisor',
    summary:
      'Part of the congestion window that is given to the network card at once at most: one in so many; 0: no bound.',
    reference: IP_SYSCTL,
    unit: 'count',
    scope: perNamespaceSince('4.15'),
    // Kernels before this was a byte take negative numbers.
    range: byteRange(NOT_NEGATIVE),
    defaults: fixed('3'),
    coupled: ['net.ipv4.tcp_min_tso_segs'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_tso_rtt_log',
    summary:
      'Round trips of 2 to the power of so many microseconds and less, on which more is given to the network card at once; 0: none.',
    reference: IP_SYSCTL,
    unit: 'count',
    scope: PER_NAMESPACE,
    range: always(BYTE),
    defaults: fixed('9'),
    introduced: '5.18',
    coupled: ['net.ipv4.tcp_min_tso_segs'],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_app_win',
    summary:
      'Part of the receive window that is kept for a slow program: one in 2 to the power of so many; 0: none.',
    reference: IP_SYSCTL,
    unit: 'count',
    scope: perNamespaceSince('4.15'),
    // The kernel shifts by it; some take more, even within one stable series, and what comes of that is not defined.
    range: always(ours({ min: 0, max: 31 })),
    defaults: fixed('31'),
    coupled: ['net.ipv4.tcp_rmem'],
  },
  {
    ...SWITCH,
    key: 'net.ipv4.tcp_workaround_signed_windows',
    summary: 'Takes a peer without window scaling for one that reads windows above 32767 as negative.',
    reference: IP_SYSCTL,
    scope: perNamespaceSince('4.15'),
    range: byteRange(ANY_INTEGER),
    defaults: fixed('0'),
    coupled: ['net.ipv4.tcp_window_scaling'],
  },
  {
    ...SWITCH,
    key: 'net.ipv4.tcp_stdurg',
    summary:
      'Takes the urgent pointer to mean the last urgent byte, as RFC 1122 does, and not the one behind it.',
    reference: IP_SYSCTL,
    scope: perNamespaceSince('4.15'),
    range: byteRange(ANY_INTEGER),
    defaults: fixed('0'),
  },
]);
