import type { ListenerAssessment } from '../../assess/assessment.ts';
import { key, text, value } from '../../core/text.ts';
import { isChosenByProgram } from '../../servers/default-evidence.ts';
import { defineRule, type Evidence, type Report, type Subject } from '../rule.ts';
import { limitOf, nothingFound, type Suspect, shortQueues, suspectsOf } from '../support/pressure.ts';
import { lengthenQueue, SOMAXCONN } from '../support/queue-remedies.ts';
import {
  allOf,
  listenerSubject,
  listenerText,
  type Spread,
  span,
  spreadOf,
  verb,
} from '../support/subjects.ts';

type BoundArgs = Spread & { readonly somaxconn: number | null };
type OverflowingArgs = {
  readonly backlog: number;
  readonly somaxconn: number | null;
  readonly builtIn: boolean;
};

const messages = {
  bound: ({ low, high, somaxconn }: BoundArgs, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'has', 'have')} the whole backlog that ${verb(subjects, 'it asks', 'they ask')} for, ${value(span(low, high))}${somaxconn === null ? '' : text`, and ${key(SOMAXCONN)} is ${value(somaxconn)}`}: change nothing unless the queue overflows`,
  either: ({ low, high }: Spread, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'has', 'have')} an accept queue limit of ${value(span(low, high))}, which is both ${key(SOMAXCONN)} and what such a program asks for by default: either may limit it, change nothing unless the queue overflows`,
  overflowing: ({ backlog, somaxconn, builtIn }: OverflowingArgs, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'overflows', 'overflow')}: ${builtIn ? 'the backlog built into the program' : 'the server asks for a backlog of only'}${builtIn ? ' is ' : ' '}${value(backlog)}${somaxconn === null ? '' : text`, ${somaxconn === backlog ? 'and' : 'while'} ${key(SOMAXCONN)} is ${somaxconn === backlog ? 'no more' : value(somaxconn)}`}`,
};

type Facts = Parameters<typeof lengthenQueue>[1];

function evidenceOf(listener: ListenerAssessment, somaxconn: number | null): Evidence {
  return {
    name: text`limit of ${listenerText(listener)}`,
    measured: text`${value(limitOf(listener) ?? 'not known')}, the backlog it asks for`,
    expected: somaxconn === null ? null : text`up to ${value(somaxconn)} by ${key(SOMAXCONN)}`,
  };
}

/** A runtime's default that somaxconn equals: the program may have asked for more and been cut. */
function isAmbiguous({ boundBy, backlog: { source }, server }: ListenerAssessment): boolean {
  const isSeen = source === 'config' || source === 'command-line';
  return boundBy === 'both' && !isSeen && server !== null && isChosenByProgram(server);
}

function informing(
  bound: readonly ListenerAssessment[],
  somaxconn: number | null,
): readonly Report<typeof messages>[] {
  const either = bound.filter(isAmbiguous);
  const granted = bound.filter((one) => !isAmbiguous(one));
  const args = { ...spreadOf(granted.map((one) => limitOf(one) ?? 0)), somaxconn };
  const eitherArgs = spreadOf(either.map((one) => limitOf(one) ?? 0));
  const common = { cause: '', severity: 'info', remedies: [] } as const;
  return [
    ...granted.map(
      (listener): Report<typeof messages> => ({
        ...common,
        messageId: 'bound',
        args,
        subject: listenerSubject(listener),
        confidence: 'inferred',
        evidence: [evidenceOf(listener, somaxconn)],
      }),
    ),
    ...either.map(
      (listener): Report<typeof messages> => ({
        ...common,
        messageId: 'either',
        args: eitherArgs,
        subject: listenerSubject(listener),
        confidence: 'assumed',
        evidence: [
          {
            name: text`limit of ${listenerText(listener)}`,
            measured: text`${value(limitOf(listener) ?? 'not known')}`,
            expected: null,
          },
        ],
      }),
    ),
  ];
}

function failing({ listener, confidence, clue }: Suspect, facts: Facts): Report<typeof messages> {
  const backlog = limitOf(listener) ?? 0;
  const builtIn = listener.server !== null && !listener.server.config.configurable;
  return {
    messageId: 'overflowing',
    args: { backlog, somaxconn: facts.somaxconn, builtIn },
    subject: listenerSubject(listener),
    cause: `${listener.who} asks for ${backlog}`,
    severity: clue === 'full' ? 'high' : 'medium',
    confidence,
    evidence: [evidenceOf(listener, facts.somaxconn)],
    remedies: lengthenQueue(listener, facts),
  };
}

export const boundByBacklog = defineRule({
  id: 'accept-queue/bound-by-backlog',
  title: 'The backlog that the server asks for limits its accept queue',
  why: 'The kernel grants what the server asks for, so raising somaxconn changes nothing; only the server can ask for more.',
  references: ['man 2 listen', 'Documentation/networking/ip-sysctl.rst (somaxconn)'],
  requires: ['listeners'],
  uses: ['rates', 'defaults', 'sysctl:net.core.somaxconn'],
  messages,
  check({ listeners, rates, ...facts }) {
    const place = { ...facts, somaxconn: facts['sysctl:net.core.somaxconn'] };
    const bound = listeners.filter(
      ({ boundBy, backlog }) => boundBy === 'backlog' || (boundBy === 'both' && !backlog.followsSomaxconn),
    );
    if (bound.length === 0) return nothingFound(listeners);
    const short = shortQueues(listeners, rates);
    // One that overflows for another reason is no case of "change nothing": accept-queue/overflowing speaks of it.
    const troubled = new Set(
      suspectsOf(listeners, rates)
        .filter(({ clue }) => clue !== 'guess')
        .map(({ listener }) => listener.id),
    );
    const suspects = bound.flatMap((one) => short.get(one.id) ?? []);
    const quiet = bound.filter(({ id }) => !troubled.has(id));
    const reports = [
      ...suspects.map((suspect) => failing(suspect, place)),
      ...informing(quiet, place.somaxconn),
    ];
    return reports.length === 0 ? nothingFound(listeners) : { kind: 'fail', reports };
  },
});
