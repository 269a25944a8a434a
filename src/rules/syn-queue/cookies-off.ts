import type { ListenerAssessment } from '../../assess/assessment.ts';
import { type Figure, formatFigure } from '../../core/figure.ts';
import { key, text, value } from '../../core/text.ts';
import { parseNumbers } from '../../sysctl/codec.ts';
import type { Remedy } from '../remedy.ts';
import {
  defineRule,
  type Evidence,
  type Report,
  type RuleFacts,
  type Subject,
  type Surroundings,
} from '../rule.ts';
import { isRising } from '../support/pressure.ts';
import { lengthenQueue } from '../support/queue-remedies.ts';
import { rateText, rateValue } from '../support/rates.ts';
import { deleteLine, linesBehind, otherManagers, requireSetting } from '../support/settings.ts';
import { allOf, keySubject, listenerSubject, listenerText, verb } from '../support/subjects.ts';

const KEY = 'net.ipv4.tcp_syncookies';

/** Half-open requests that a SYN queue of a real server never needs to be below. */
const TINY = 16;

const MAX_SYN_BACKLOG = 'net.ipv4.tcp_max_syn_backlog';

type OffArgs = {
  /** By full SYN queues, as TCPReqQFullDrop counts them. */
  readonly dropped: number;
  /** In ListenDrops besides, which no full queue explains. */
  readonly others: number;
  readonly seconds: number;
};
type StrangersArgs = { readonly maxSynBacklog: number | null; readonly requests: string };

const messages = {
  off: ({ dropped, others, seconds }: OffArgs) => {
    if (dropped > 0)
      return text`${key(KEY)} is ${value(0)}, and SYNs are dropped: ${rateText('TCPReqQFullDrop', { increase: dropped, seconds })}`;
    return others > 0
      ? text`${key(KEY)} is ${value(0)}, and SYNs are dropped, probably those of unknown clients: ${rateText('ListenDrops', { increase: others, seconds })} beyond full queues`
      : text`${key(KEY)} is ${value(0)}: once a SYN queue is full, every further SYN is dropped`;
  },
  fewStrangers: ({ maxSynBacklog, requests }: StrangersArgs) => {
    const settings = text`${key(KEY)} is ${value(0)} and ${key(MAX_SYN_BACKLOG)} is ${value(maxSynBacklog ?? 'not known')}`;
    return requests === '0'
      ? text`${settings}: every SYN of a client that the kernel does not know is dropped`
      : text`${settings}: a listener has room for ${value(requests)} half-open requests of clients that the kernel does not know, and drops the SYNs beyond`;
  },
  noRoom: ({ requests }: { readonly requests: string }, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'has', 'have')} room for ${value(requests)} half-open requests because of the small backlog: without SYN cookies the SYNs beyond are dropped`,
};

function isOff(setting: string): boolean {
  return parseNumbers(setting)?.[0] === 0;
}

type Facts = Surroundings & {
  readonly resolution: RuleFacts['resolution'] | null;
  readonly writers: RuleFacts['writers'] | null;
  readonly rates: RuleFacts['rates'] | null;
  readonly defaults: RuleFacts['defaults'] | null;
  readonly listeners: RuleFacts['listeners'] | null;
  readonly 'sysctl:net.ipv4.tcp_max_syn_backlog': number | null;
};

/** SYNs that the last-quarter rule dropped have no counter of their own; the identity holds on every kernel. */
function otherDrops(rates: RuleFacts['rates'] | null): number {
  const increase = (counter: string) => rates?.delta(counter)?.increase ?? 0;
  const explained = increase('ListenOverflows') + Math.max(0, increase('TCPReqQFullDrop'));
  return Math.max(0, increase('ListenDrops') - explained);
}

/**
 * What all listeners with more room leave to clients that the kernel does not know, where that is next to nothing:
 * tcp_max_syn_backlog is so low, or negative, that the last-quarter rule drops them at once.
 */
function roomForStrangers(listeners: readonly ListenerAssessment[]): Figure | null {
  const cut = listeners.flatMap(({ synQueue }) => {
    const isCut = synQueue !== null && synQueue.unprovenCapacity.high < synQueue.hardLimit.low;
    return isCut && synQueue.unprovenCapacity.high <= TINY ? [synQueue.unprovenCapacity] : [];
  });
  return cut[0] ?? null;
}

function lowBacklog(maxSynBacklog: number | null): Evidence {
  return {
    name: text`${key(MAX_SYN_BACKLOG)}`,
    measured: text`${value(maxSynBacklog ?? 'not known')}`,
    expected: text`any value, once SYN cookies are on`,
  };
}

/** What was counted of SYNs without room while we watched. */
function counted(rates: RuleFacts['rates'] | null): OffArgs {
  const drops = rates?.delta('TCPReqQFullDrop') ?? null;
  const seconds = (drops ?? rates?.delta('ListenDrops'))?.seconds ?? 0;
  return { dropped: Math.max(0, drops?.increase ?? 0), others: otherDrops(rates), seconds };
}

function droppedEvidence({ dropped, others, seconds }: OffArgs): readonly Evidence[] {
  const counters = [
    { name: text`${key('TCPReqQFullDrop')}`, increase: dropped },
    { name: text`${key('ListenDrops')} beyond full queues`, increase: others },
  ];
  return counters
    .filter(({ increase }) => increase > 0)
    .map(({ name, increase }) => ({
      name,
      measured: rateValue({ increase, seconds }),
      expected: text`${value(0)}`,
    }));
}

function offRemedies(facts: Facts): readonly Remedy[] {
  const because = text`SYN cookies answer the SYNs that a full SYN queue would drop`;
  const instruction = text`delete the line that sets ${key(KEY)}; the kernel's own value is 1`;
  return [
    requireSetting(facts, { key: KEY, relation: 'exactly', value: '1', because }),
    ...linesBehind(facts, facts.resolution, KEY, isOff).map((at) =>
      deleteLine(at, 'bad-setting', instruction),
    ),
    ...otherManagers(facts, facts.writers, KEY, isOff, '1'),
  ];
}

function offReport(facts: Facts): Report<typeof messages> {
  const drops = counted(facts.rates);
  const strangers = roomForStrangers(facts.listeners ?? []);
  const maxSynBacklog = facts[`sysctl:${MAX_SYN_BACKLOG}`];
  const common = {
    subject: keySubject(KEY),
    cause: KEY,
    confidence: 'measured',
    remedies: offRemedies(facts),
  } as const;
  const off = { name: text`${key(KEY)}`, measured: text`${value(0)}`, expected: text`${value(1)}` };
  if (strangers !== null) {
    return {
      ...common,
      messageId: 'fewStrangers',
      args: { maxSynBacklog, requests: formatFigure(strangers) },
      severity: 'high',
      evidence: [off, lowBacklog(maxSynBacklog), ...droppedEvidence(drops)],
    };
  }
  return {
    ...common,
    messageId: 'off',
    args: drops,
    severity: drops.dropped + drops.others > 0 ? 'high' : 'medium',
    evidence: [off, ...droppedEvidence(drops)],
  };
}

/** A queue that never takes a request needs no counter as proof; a tiny one does. */
function hasNoRoom({ synQueue }: ListenerAssessment, dropping: boolean): boolean {
  if (synQueue === null) return false;
  return synQueue.hardLimit.high === 0 || (dropping && synQueue.hardLimit.high <= TINY);
}

function noRoomReport(
  listener: ListenerAssessment,
  facts: Facts & { readonly somaxconn: number | null },
): Report<typeof messages> {
  const requests = listener.synQueue === null ? '0' : formatFigure(listener.synQueue.hardLimit);
  return {
    messageId: 'noRoom',
    args: { requests },
    subject: listenerSubject(listener),
    cause: requests,
    severity: 'high',
    confidence: 'inferred',
    evidence: [
      {
        name: text`SYN queue of ${listenerText(listener)}`,
        measured: text`${value(requests)} requests`,
        expected: text`more than ${value(TINY)}`,
      },
    ],
    remedies: lengthenQueue(listener, facts),
  };
}

export const cookiesOff = defineRule({
  id: 'syn-queue/cookies-off',
  title: 'SYN cookies are off',
  why: 'Without cookies a full SYN queue drops every SYN, and unknown peers are dropped already when three quarters of tcp_max_syn_backlog are in use.',
  references: [
    'Documentation/networking/ip-sysctl.rst (tcp_syncookies)',
    'tcp_conn_request() in net/ipv4/tcp_input.c',
  ],
  requires: ['sysctl:net.ipv4.tcp_syncookies'],
  uses: [
    'resolution',
    'writers',
    'rates',
    'listeners',
    'defaults',
    'sysctl:net.core.somaxconn',
    'sysctl:net.ipv4.tcp_max_syn_backlog',
  ],
  messages,
  check(facts) {
    if (facts[`sysctl:${KEY}`] !== 0) return { kind: 'pass' };
    const place = { ...facts, somaxconn: facts['sysctl:net.core.somaxconn'] };
    const dropping = isRising(facts.rates, 'TCPReqQFullDrop');
    const crowded = (facts.listeners ?? []).filter((listener) => hasNoRoom(listener, dropping));
    return {
      kind: 'fail',
      reports: [offReport(facts), ...crowded.map((listener) => noRoomReport(listener, place))],
    };
  },
});
