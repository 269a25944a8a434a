import type { ListenerAssessment } from '../../assess/assessment.ts';
import { key, text, value } from '../../core/text.ts';
import { defineRule, type Evidence, type Report, type Subject } from '../rule.ts';
import { limitOf, type Suspect, shortQueues } from '../support/pressure.ts';
import { relistenRemedy, SOMAXCONN } from '../support/queue-remedies.ts';
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
    text`${allOf(subjects)} still ${verb(subjects, 'queues', 'queue')} at most ${value(span(low, high))} connections: ${key(SOMAXCONN)} is ${value(somaxconn)} now, but ${verb(subjects, 'it has', 'they have')} not called listen() since`,
  lowered: ({ low, high, somaxconn }: Args, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} still ${verb(subjects, 'has', 'have')} a limit of ${value(span(low, high))}, from before ${key(SOMAXCONN)} was lowered to ${value(somaxconn)}: a restart will cut it`,
};

/** What listen() would store if the program called it now. */
function nextLimit({ backlog }: ListenerAssessment, somaxconn: number): number {
  return backlog.requested === null ? somaxconn : Math.min(backlog.requested, somaxconn);
}

function evidenceOf(listener: ListenerAssessment, somaxconn: number): Evidence {
  return {
    name: text`limit of ${listenerText(listener)}`,
    measured: text`${value(limitOf(listener) ?? 'not known')}, somaxconn when it called listen()`,
    expected: text`${value(nextLimit(listener, somaxconn))} after listen() is called again`,
  };
}

function reportsOf(
  messageId: 'raised' | 'lowered',
  stale: readonly ListenerAssessment[],
  somaxconn: number,
  short: ReadonlyMap<string, Suspect>,
): readonly Report<typeof messages>[] {
  const args = { somaxconn, ...spreadOf(stale.map((one) => limitOf(one) ?? 0)) };
  return stale.map((listener) => ({
    messageId,
    args,
    subject: listenerSubject(listener),
    cause: `${SOMAXCONN}=${somaxconn}`,
    severity: messageId === 'lowered' ? 'info' : short.has(listener.id) ? 'high' : 'medium',
    confidence: 'inferred',
    evidence: [evidenceOf(listener, somaxconn)],
    remedies: messageId === 'lowered' ? [] : [relistenRemedy(listener)],
  }));
}

export const staleListener = defineRule({
  id: 'accept-queue/stale-listener',
  title: 'A listener keeps the somaxconn of the moment when it called listen()',
  why: 'A new somaxconn reaches a socket only when the program calls listen() again, and most servers do that only when restarted.',
  references: ['man 2 listen', '__sys_listen() in net/socket.c'],
  requires: ['listeners', 'sysctl:net.core.somaxconn'],
  uses: ['rates'],
  messages,
  check({ listeners, rates, ...facts }) {
    const somaxconn = facts['sysctl:net.core.somaxconn'];
    const stale = listeners.filter(({ boundBy }) => boundBy === 'somaxconn-at-listen');
    if (stale.length === 0) return { kind: 'pass' };
    const short = shortQueues(listeners, rates);
    const gains = (one: ListenerAssessment) => (limitOf(one) ?? 0) < nextLimit(one, somaxconn);
    return {
      kind: 'fail',
      reports: [
        ...reportsOf('raised', stale.filter(gains), somaxconn, short),
        ...reportsOf(
          'lowered',
          stale.filter((one) => !gains(one)),
          somaxconn,
          short,
        ),
      ],
    };
  },
});
