import type { CatalogueEntry } from '../catalogue-entry.ts';
import {
  always,
  BYTE,
  fixed,
  INTEGER,
  IP_SYSCTL,
  ON_OR_OFF,
  onDemand,
  ours,
  PER_NAMESPACE,
  perNamespaceSince,
  SWITCH,
  TICKS,
} from './parts.ts';

const COMPRESSED = {
  delay: 'net.ipv4.tcp_comp_sack_delay_ns',
  slack: 'net.ipv4.tcp_comp_sack_slack_ns',
  most: 'net.ipv4.tcp_comp_sack_nr',
  percent: 'net.ipv4.tcp_comp_sack_rtt_percent',
} as const;

/** The kernel holds 64 bits, of which no more than these can be computed with. */
const NANOSECONDS = always(ours({ min: 0, max: Number.MAX_SAFE_INTEGER }));

/** net.ipv4: which segments TCP acknowledges at once, and which it answers at all. */
export const ACK_ENTRIES: readonly CatalogueEntry[] = onDemand([
  {
    ...INTEGER,
    key: COMPRESSED.delay,
    summary: 'How long acknowledgements of segments out of order are held back at most, to send them as one.',
    reference: IP_SYSCTL,
    unit: 'nanoseconds',
    scope: PER_NAMESPACE,
    range: NANOSECONDS,
    defaults: fixed('1000000'),
    introduced: '4.18',
    coupled: [COMPRESSED.percent, COMPRESSED.slack, COMPRESSED.most],
  },
  {
    ...INTEGER,
    key: COMPRESSED.percent,
    summary:
      'How long acknowledgements of segments out of order are held back, in percent of the round trip; tcp_comp_sack_delay_ns bounds it.',
    reference: IP_SYSCTL,
    unit: 'count',
    scope: PER_NAMESPACE,
    range: always({ min: 1, max: 1000 }),
    defaults: fixed('33'),
    introduced: '6.19',
    coupled: [COMPRESSED.delay],
  },
  {
    ...INTEGER,
    key: COMPRESSED.slack,
    summary:
      'How much longer acknowledgements of segments out of order are held back, where their timer can then go off with another.',
    reference: IP_SYSCTL,
    unit: 'nanoseconds',
    scope: PER_NAMESPACE,
    range: NANOSECONDS,
    defaults: fixed('100000'),
    introduced: '5.8',
    coupled: [COMPRESSED.delay],
  },
  {
    ...INTEGER,
    key: COMPRESSED.most,
    summary: 'How many acknowledgements of segments out of order are held back; 0: none.',
    reference: IP_SYSCTL,
    unit: 'packets',
    scope: PER_NAMESPACE,
    range: always(BYTE),
    defaults: fixed('44'),
    introduced: '4.18',
    coupled: [COMPRESSED.delay],
  },
  {
    ...INTEGER,
    key: 'net.ipv4.tcp_pingpong_thresh',
    summary:
      'Answers to requests after which a connection counts as a dialogue, whose ACKs wait for the next answer.',
    reference: IP_SYSCTL,
    unit: 'count',
    scope: PER_NAMESPACE,
    range: always({ min: 1, max: 255 }),
    defaults: fixed('1'),
    introduced: '6.7',
  },
  {
    ...TICKS,
    key: 'net.ipv4.tcp_invalid_ratelimit',
    summary: 'Time between two ACKs of one connection that answer segments out of place; 0: none.',
    reference: IP_SYSCTL,
    scope: perNamespaceSince('4.15'),
    defaults: fixed('500'),
    introduced: '4.0',
    coupled: ['net.ipv4.tcp_challenge_ack_limit'],
  },
  {
    ...SWITCH,
    key: 'net.ipv4.tcp_reflect_tos',
    summary: 'Answers a SYN, and all that follows, with the TOS field that the SYN had.',
    reference: IP_SYSCTL,
    scope: PER_NAMESPACE,
    range: always(ON_OR_OFF),
    defaults: fixed('0'),
    introduced: '5.10',
  },
]);
