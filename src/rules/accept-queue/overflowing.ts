import type { CounterDelta } from '../../assess/assessment.ts';
import { command, key, text, value } from '../../core/text.ts';
import type { Remedy } from '../remedy.ts';
import { defineRule, type Evidence, type Report, type RuleFacts, type Subject } from '../rule.ts';
import { type Clue, lengthOf, limitOf, nothingFound, type Suspect, suspectsOf } from '../support/pressure.ts';
import { acceptFaster, balanceWorkers, lengthenQueue, type Place } from '../support/queue-remedies.ts';
import { type Rate, rateText, rateValue } from '../support/rates.ts';
import { allOf, listenerSubject, listenerText, verb } from '../support/subjects.ts';

const COUNTER = 'ListenOverflows';
const DROPS = 'ListenDrops';
const FULL_SYN_QUEUE = 'TCPReqQFullDrop';

const messages = {
  overflowing: (rate: Rate, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'drops', 'drop')} connections because the accept queue is full: ${rateText(COUNTER, rate)}`,
  full: (_args: Record<never, never>, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'has', 'have')} a full accept queue: the next connection is dropped`,
  fullUnix: (_args: Record<never, never>, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'has', 'have')} a full accept queue: a connect that cannot wait fails with EAGAIN`,
  somewhere: (rate: Rate, subjects: readonly Subject[]) =>
    text`some accept queue overflows, perhaps that of ${allOf(subjects)}: ${rateText(COUNTER, rate)}, for all listeners together`,
  imbalance: (_args: Record<never, never>, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'has', 'have')} a full accept queue while other sockets of the same address have room: one worker does not accept`,
  overload: ({ limit }: { readonly limit: number }, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'overflows', 'overflow')} although ${verb(subjects, 'its limit is', 'their limit is')} ${value(limit)}: the server accepts too slowly, a longer queue would hide it`,
  otherDrops: ({ watched, ...rate }: Rate & { readonly watched: boolean }) =>
    watched
      ? text`SYNs are dropped that no full queue explains, and no longer queue would help: ${rateText(DROPS, rate)} beyond ${key(COUNTER)} and ${key(FULL_SYN_QUEUE)}`
      : text`SYNs are dropped, and ${key(COUNTER)}, which would tell whether by full accept queues, was not collected: ${rateText(DROPS, rate)}`,
};

const POINTS: Readonly<Record<Clue, string>> = {
  full: 'its queue is over the limit now',
  drops: 'its own drop counter has moved',
  only: 'no other server listens here',
  guess: 'a guess',
};

function evidenceOf({ listener, clue }: Suspect, rate: CounterDelta | null): readonly Evidence[] {
  const limit = limitOf(listener);
  const named = text`accept queue of ${listenerText(listener)}`;
  const isKnown = limit !== null && listener.listener.length !== undefined;
  const looked = isKnown ? 'not full when we looked' : 'whether it is full is not known';
  const queue: Evidence =
    clue === 'full'
      ? {
          name: named,
          measured: text`${value(lengthOf(listener))} waiting (${POINTS.full})`,
          expected: limit === null ? null : text`at most ${value(limit)}`,
        }
      : { name: named, measured: text`${looked} (${POINTS[clue]})`, expected: null };
  if (listener.listener.protocol === 'unix' || rate === null || rate.increase <= 0) return [queue];
  const counted: Evidence = {
    name: text`${key(COUNTER)}`,
    measured: rateValue(rate),
    expected: text`${value(0)}`,
  };
  return [counted, queue];
}

/** Nothing says which listener overflows: changing one of them blindly would be worse than looking. */
function findListener(): Remedy {
  const instruction = text`watch ${command('ss -Hltn')} while it happens: the listener whose Recv-Q is above its Send-Q overflows`;
  return { kind: 'investigate', instruction };
}

function remediesOf(suspect: Suspect, place: Place): readonly Remedy[] {
  if (suspect.trouble === 'imbalance') return [balanceWorkers(suspect.listener)];
  if (suspect.trouble === 'overload') return [acceptFaster(suspect.listener)];
  return suspect.clue === 'guess' ? [findListener()] : lengthenQueue(suspect.listener, place);
}

function reportOf(suspect: Suspect, counted: CounterDelta | null, place: Place): Report<typeof messages> {
  const { listener, trouble, clue, confidence } = suspect;
  const isTcp = listener.listener.protocol === 'tcp';
  const { increase, seconds } = (isTcp ? counted : null) ?? { increase: 0, seconds: 0 };
  const common = {
    subject: listenerSubject(listener),
    severity: clue === 'guess' ? 'medium' : 'high',
    confidence,
    evidence: evidenceOf(suspect, counted),
    remedies: remediesOf(suspect, place),
  } as const;
  if (clue === 'guess') {
    return { ...common, messageId: 'somewhere', args: { increase, seconds }, cause: COUNTER };
  }
  if (trouble === 'imbalance') {
    return { ...common, messageId: 'imbalance', args: {}, cause: listener.label };
  }
  if (trouble === 'overload') {
    const limit = limitOf(listener) ?? 0;
    return { ...common, messageId: 'overload', args: { limit }, cause: String(limit) };
  }
  if (!isTcp) return { ...common, messageId: 'fullUnix', args: {}, cause: 'full' };
  return increase > 0
    ? { ...common, messageId: 'overflowing', args: { increase, seconds }, cause: COUNTER }
    : { ...common, messageId: 'full', args: {}, cause: 'full' };
}

/** Where nobody counted the overflows, they come first. */
function countOverflows(): Remedy {
  const instruction = text`watch ${command('nstat -az TcpExtListenOverflows TcpExtListenDrops')}: where both rise alike, accept queues are full`;
  return { kind: 'investigate', instruction };
}

function findDropper(syncookies: number | null): Remedy {
  const quarter =
    syncookies === null
      ? text`the last quarter of ${key('net.ipv4.tcp_max_syn_backlog')}, where SYN cookies are off; `
      : [];
  const instruction = text`find out what drops them: ${quarter}a lack of kernel memory, no route back to the client, a security module or a BPF program; ${command('perf record -a -e skb:kfree_skb')} shows where`;
  return { kind: 'investigate', instruction };
}

/**
 * tcp_conn_request() counts every refused SYN in ListenDrops, and those of full queues in a counter of their own
 * besides. The rest is allocation failures, routing, security modules and, without SYN cookies, the last quarter of
 * tcp_max_syn_backlog, of which syn-queue/cookies-off speaks.
 */
function otherDrops(
  rates: RuleFacts['rates'] | null,
  syncookies: number | null,
): readonly Report<typeof messages>[] {
  const drops = rates?.delta(DROPS) ?? null;
  if (rates === null || drops === null || syncookies === 0) return [];
  const overflows = rates.delta(COUNTER);
  const explained = (overflows?.increase ?? 0) + (rates.delta(FULL_SYN_QUEUE)?.increase ?? 0);
  const increase = drops.increase - explained;
  const watched = overflows !== null;
  if (increase <= 0) return [];
  return [
    {
      messageId: 'otherDrops',
      args: { increase, seconds: drops.seconds, watched },
      subject: { id: `counter:${DROPS}`, label: text`${key(DROPS)}` },
      cause: DROPS,
      severity: 'low',
      confidence: 'measured',
      evidence: [
        {
          name: text`${key(DROPS)}`,
          measured: rateValue(drops),
          expected: watched ? text`${value(explained)} by full queues` : null,
        },
      ],
      remedies: [watched ? findDropper(syncookies) : countOverflows()],
    },
  ];
}

export const overflowing = defineRule({
  id: 'accept-queue/overflowing',
  title: 'An accept queue is full, and connections are dropped',
  why: 'A TCP client whose SYN is dropped sends it again only after a second, and if that is dropped after another one or more; a non-blocking connect to a full unix socket fails at once with EAGAIN.',
  references: ['man 2 listen', 'tcp_conn_request() in net/ipv4/tcp_input.c', 'man 7 unix'],
  requires: ['listeners'],
  uses: ['rates', 'defaults', 'sysctl:net.core.somaxconn', 'sysctl:net.ipv4.tcp_syncookies'],
  messages,
  check({ listeners, rates, ...facts }) {
    const place = { ...facts, somaxconn: facts['sysctl:net.core.somaxconn'] };
    const rate = rates?.delta(COUNTER) ?? null;
    const reports = [
      ...suspectsOf(listeners, rates).map((suspect) => reportOf(suspect, rate, place)),
      ...otherDrops(rates, facts['sysctl:net.ipv4.tcp_syncookies']),
    ];
    if (reports.length > 0) return { kind: 'fail', reports };
    const nothing = nothingFound(listeners);
    return nothing.kind === 'pass' && rate === null
      ? { kind: 'notApplicable', why: 'no queue is full, and a rate needs two samples' }
      : nothing;
  },
});
