import type { ListenerAssessment } from '../../assess/assessment.ts';
import { key, type Text, text, value } from '../../core/text.ts';
import type { Remedy } from '../remedy.ts';
import { defineRule, type Evidence, type Report, type Severity, type Subject } from '../rule.ts';
import { limitOf, nothingFound, type Suspect, shortQueues } from '../support/pressure.ts';
import {
  hasFullGrant,
  isDoubtful,
  listenAgain,
  mayBeReconfigured,
  type Place,
  reloadFirst,
  SOMAXCONN,
  settleDoubt,
} from '../support/queue-remedies.ts';
import {
  allOf,
  listenerSubject,
  listenerText,
  type Spread,
  span,
  spreadOf,
  verb,
} from '../support/subjects.ts';

type Args = Spread & { readonly somaxconn: number };

const messages = {
  raised: ({ low, high, somaxconn }: Args, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} still ${verb(subjects, 'has', 'have')} an accept queue limit of ${value(span(low, high))}: ${key(SOMAXCONN)} is ${value(somaxconn)} now, but ${verb(subjects, 'it has', 'they have')} not called listen() since`,
  eitherRaised: ({ low, high, somaxconn }: Args, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'has', 'have')} an accept queue limit of ${value(span(low, high))}, less than ${verb(subjects, 'its configuration asks', 'their configurations ask')} for and less than ${key(SOMAXCONN)}, ${value(somaxconn)}: one of the two was raised after ${verb(subjects, 'it', 'they')} called listen()`,
  perhaps: ({ low, high, somaxconn }: Args, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'has', 'have')} an accept queue limit of ${value(span(low, high))}, less than ${verb(subjects, "the server's default", "the servers' defaults")} and ${key(SOMAXCONN)}, ${value(somaxconn)}: a backlog of ${verb(subjects, 'its', 'their')} own, or an old somaxconn`,
  lowered: ({ low, high, somaxconn }: Args, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} still ${verb(subjects, 'has', 'have')} an accept queue limit of ${value(span(low, high))}, from before ${key(SOMAXCONN)} was lowered to ${value(somaxconn)}: a restart will cut it`,
  clampedAndLowered: ({ low, high, somaxconn }: Args, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'has', 'have')} an accept queue limit of ${value(span(low, high))}, less than ${verb(subjects, 'it asks', 'they ask')} for, and ${key(SOMAXCONN)} was lowered to ${value(somaxconn)} since: a restart before it is raised shrinks the queue to that`,
};

type MessageId = keyof typeof messages;
type PlaceNow = Place & { readonly somaxconn: number };

const MESSAGE_IDS: readonly MessageId[] = [
  'raised',
  'eitherRaised',
  'clampedAndLowered',
  'perhaps',
  'lowered',
];

/** What listen() would store if the program called it now. */
function nextLimit(listener: ListenerAssessment, somaxconn: number): number {
  return listener.afterListen()?.limit.low ?? somaxconn;
}

/** What the listener should have: all that it named, else what calling listen() again brings. */
function expected(messageId: MessageId, listener: ListenerAssessment, somaxconn: number): Text {
  const { requested, followsSomaxconn } = listener.backlog;
  const next = value(nextLimit(listener, somaxconn));
  if (messageId === 'perhaps') return text`${next} by default`;
  const isMore = requested !== null && !followsSomaxconn && requested > somaxconn;
  return isMore && messageId !== 'lowered'
    ? text`${value(requested)}, which it asks for`
    : text`${next} after listen() is called again`;
}

function evidenceOf(messageId: MessageId, listener: ListenerAssessment, somaxconn: number): Evidence {
  const limit = value(limitOf(listener) ?? 'not known');
  const isOld = messageId === 'raised' || messageId === 'clampedAndLowered';
  return {
    name: text`limit of ${listenerText(listener)}`,
    measured: isOld ? text`${limit}, somaxconn when it called listen()` : text`${limit}`,
    expected: expected(messageId, listener, somaxconn),
  };
}

/** A restart on a mere guess would cost connections for nothing. */
function remediesOf(messageId: MessageId, listener: ListenerAssessment, place: PlaceNow): readonly Remedy[] {
  switch (messageId) {
    case 'raised':
    case 'clampedAndLowered':
      return listenAgain(listener, place);
    case 'eitherRaised':
      return reloadFirst(listener, place);
    case 'perhaps':
      return [settleDoubt(listener, place)];
    case 'lowered':
      return [];
  }
}

function severityOf(messageId: MessageId, overflows: boolean): Severity {
  switch (messageId) {
    case 'raised':
    case 'eitherRaised':
      return overflows ? 'high' : 'medium';
    case 'clampedAndLowered':
      return overflows ? 'medium' : 'low';
    case 'perhaps':
      return overflows ? 'medium' : 'low';
    case 'lowered':
      return 'info';
  }
}

function reportsOf(
  messageId: MessageId,
  stale: readonly ListenerAssessment[],
  place: PlaceNow,
  short: ReadonlyMap<string, Suspect>,
): readonly Report<typeof messages>[] {
  const { somaxconn } = place;
  const args = { somaxconn, ...spreadOf(stale.map((one) => limitOf(one) ?? 0)) };
  return stale.map((listener) => ({
    messageId,
    args,
    subject: listenerSubject(listener),
    cause: `${SOMAXCONN}=${somaxconn}`,
    severity: severityOf(messageId, short.has(listener.id)),
    confidence: messageId === 'perhaps' ? 'assumed' : 'inferred',
    evidence: [evidenceOf(messageId, listener, somaxconn)],
    remedies: remediesOf(messageId, listener, place),
  }));
}

/** Which of the messages a stale listener is a case of. */
function messageFor(listener: ListenerAssessment, somaxconn: number): MessageId {
  const shrinks = (limitOf(listener) ?? 0) >= nextLimit(listener, somaxconn);
  if (!shrinks && isDoubtful(listener)) return 'perhaps';
  if (!shrinks) return mayBeReconfigured(listener) ? 'eitherRaised' : 'raised';
  const isClamped = !listener.backlog.followsSomaxconn && !hasFullGrant(listener) && !isDoubtful(listener);
  return isClamped ? 'clampedAndLowered' : 'lowered';
}

export const staleListener = defineRule({
  id: 'accept-queue/stale-listener',
  title: 'A listener keeps the somaxconn of the moment when it called listen()',
  why: 'A new somaxconn reaches a socket only when the program calls listen() again, and most servers do that only when restarted.',
  references: ['man 2 listen', '__sys_listen() in net/socket.c'],
  requires: ['listeners', 'sysctl:net.core.somaxconn'],
  uses: ['rates', 'defaults'],
  messages,
  check({ listeners, rates, ...facts }) {
    const somaxconn = facts['sysctl:net.core.somaxconn'];
    const place = { ...facts, somaxconn };
    const stale = listeners.filter(({ boundBy }) => boundBy === 'somaxconn-at-listen');
    if (stale.length === 0) return nothingFound(listeners);
    const short = shortQueues(listeners, rates);
    const all = stale.map((one) => ({ one, messageId: messageFor(one, somaxconn) }));
    const reports = MESSAGE_IDS.flatMap((messageId) => {
      const cases = all.filter((each) => each.messageId === messageId).map(({ one }) => one);
      return reportsOf(messageId, cases, place, short);
    });
    return { kind: 'fail', reports };
  },
});
