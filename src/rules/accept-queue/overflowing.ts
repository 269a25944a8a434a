import type { CounterDelta } from '../../assess/assessment.ts';
import { command, key, text, value } from '../../core/text.ts';
import type { Remedy } from '../remedy.ts';
import { defineRule, type Evidence, type Report, type Subject } from '../rule.ts';
import { type Clue, isShortened, lengthOf, limitOf, type Suspect, suspectsOf } from '../support/pressure.ts';
import { acceptFaster, balanceWorkers, lengthenQueue, type Place } from '../support/queue-remedies.ts';
import { type Rate, rateText, rateValue } from '../support/rates.ts';
import { allOf, listenerSubject, listenerText, verb } from '../support/subjects.ts';

const COUNTER = 'ListenOverflows';

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
    text`${allOf(subjects)} ${verb(subjects, 'overflows', 'overflow')} although ${verb(subjects, 'its queue holds', 'their queues hold')} ${value(limit)} connections: the server accepts too slowly, a longer queue would hide it`,
};

const POINTS: Readonly<Record<Clue, string>> = {
  full: 'its queue is over the limit now',
  drops: 'its own drop counter has moved',
  only: 'no other server listens here',
  guess: 'a guess: no queue was full when we looked',
};

function evidenceOf({ listener, clue }: Suspect, rate: CounterDelta | null): readonly Evidence[] {
  const limit = limitOf(listener);
  const queue: Evidence = {
    name: text`accept queue of ${listenerText(listener)}`,
    measured: text`${value(lengthOf(listener))} waiting (${POINTS[clue]})`,
    expected: limit === null ? null : text`at most ${value(limit)}`,
  };
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
  if (suspect.clue !== 'guess') return lengthenQueue(suspect.listener, place);
  return isShortened(suspect.listener)
    ? [findListener(), ...lengthenQueue(suspect.listener, place)]
    : [findListener()];
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

export const overflowing = defineRule({
  id: 'accept-queue/overflowing',
  title: 'An accept queue is full, and connections are dropped',
  why: 'A TCP client whose SYN meets a full accept queue waits 1, 3, 7 seconds and retries; on a unix socket a non-blocking connect fails at once with EAGAIN.',
  references: ['man 2 listen', 'tcp_conn_request() in net/ipv4/tcp_input.c', 'man 7 unix'],
  requires: ['listeners'],
  uses: ['rates', 'defaults', 'sysctl:net.core.somaxconn'],
  messages,
  check({ listeners, rates, ...facts }) {
    const place = { ...facts, somaxconn: facts['sysctl:net.core.somaxconn'] };
    const rate = rates?.delta(COUNTER) ?? null;
    const reports = suspectsOf(listeners, rates).map((suspect) => reportOf(suspect, rate, place));
    if (reports.length > 0) return { kind: 'fail', reports };
    if (rate === null)
      return { kind: 'notApplicable', why: 'no queue is full, and a rate needs two samples' };
    return { kind: 'pass' };
  },
});
