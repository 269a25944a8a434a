import type { ListenerAssessment } from '../../assess/assessment.ts';
import { type Text, text, value } from '../../core/text.ts';
import { defineRule, type Report, type Subject } from '../rule.ts';
import { LONG_QUEUE, lengthOf, limitOf } from '../support/pressure.ts';
import { allOf, listenerSubject, listenerText, programText, verb } from '../support/subjects.ts';

/** The number of the recipe: the most that kernels with a limit of 16 bits took. */
const RECIPE = 65_535;

const messages = {
  huge: ({ limit }: { readonly limit: number }, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'has', 'have')} room for ${value(limit + 1)} waiting connections: should it fill, the last of them waits until the program has accepted all before it`,
  waiting: (
    { length, limit }: { readonly length: number; readonly limit: number },
    subjects: readonly Subject[],
  ) =>
    text`${value(length)} clients wait in the accept queue of ${allOf(subjects)}, whose limit is ${value(limit)}: many will have left before the program accepts them`,
};

type Reports = readonly Report<typeof messages>[];

function evidenceOf(listener: ListenerAssessment, limit: number, expected: Text) {
  const measured = text`${value(lengthOf(listener))} of ${value(limit + 1)}`;
  return [{ name: text`accept queue of ${listenerText(listener)}`, measured, expected }];
}

function reportOn(listener: ListenerAssessment): Reports {
  const limit = limitOf(listener);
  // accept-queue/overflowing speaks of a full one.
  if (limit === null || limit < RECIPE || listener.full) return [];
  const length = lengthOf(listener);
  const subject = listenerSubject(listener);
  const enough = text`no more than the program accepts while a client is patient`;
  if (length <= LONG_QUEUE) {
    // With SO_REUSEPORT or a large somaxconn it is nobody's wish, and fills for nobody.
    if (listener.backlog.followsSomaxconn) return [];
    const evidence = evidenceOf(listener, limit, enough);
    return [
      {
        messageId: 'huge',
        args: { limit },
        subject,
        cause: String(limit),
        severity: 'info',
        confidence: 'inferred',
        evidence,
        remedies: [],
      },
    ];
  }
  const instruction = text`see why ${programText(listener)} accepts so slowly; then have it ask for a backlog of what it accepts in the seconds that a client waits`;
  return [
    {
      messageId: 'waiting',
      args: { length, limit },
      subject,
      cause: listener.id,
      severity: 'low',
      confidence: 'measured',
      evidence: evidenceOf(listener, limit, enough),
      remedies: [{ kind: 'investigate', instruction }],
    },
  ];
}

export const listenerBacklogHuge = defineRule({
  id: 'advice/listener-backlog-huge',
  title: 'A listener has a backlog of 65535 or more',
  why: 'A queue that takes longer to work off than clients wait makes the program serve those that have left.',
  references: ['man 2 listen', 'sk_acceptq_is_full() in include/net/sock.h'],
  requires: ['listeners'],
  uses: [],
  messages,
  check({ listeners }) {
    const reports = listeners.flatMap(reportOn);
    return reports.length === 0 ? { kind: 'pass' } : { kind: 'fail', reports };
  },
});
