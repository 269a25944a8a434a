import { command, key, text, value } from '../../core/text.ts';
import { defineRule } from '../rule.ts';

const COUNTER = 'ListenOverflows';

type Args = { readonly count: number; readonly watched: boolean };

const messages = {
  overflowed: ({ count, watched }: Args) =>
    watched
      ? text`accept queues overflowed ${value(count)} times since boot, but not while we watched`
      : text`accept queues overflowed ${value(count)} times since boot; whether they still do, ${command('backlogctl audit --sample 10s')} tells`,
};

export const overflowedSinceBoot = defineRule({
  id: 'accept-queue/overflowed-since-boot',
  title: 'Accept queues have overflowed since boot',
  why: 'One number since boot cannot tell a burst of last month from trouble now; two samples can.',
  references: ['Documentation/networking/snmp_counter.rst (TcpExtListenOverflows)'],
  requires: ['counters'],
  uses: ['rates'],
  messages,
  check({ counters, rates, netns }) {
    const count = counters.counter(COUNTER);
    const increase = rates?.delta(COUNTER)?.increase ?? null;
    if (count === null) return { kind: 'unknown', why: `${COUNTER} was not collected` };
    if (count === 0 || (increase !== null && increase > 0)) return { kind: 'pass' };
    return {
      kind: 'fail',
      reports: [
        {
          messageId: 'overflowed',
          args: { count, watched: increase !== null },
          subject: { id: `counter:${COUNTER}`, label: text`${key(COUNTER)}` },
          cause: netns,
          severity: 'info',
          confidence: 'measured',
          evidence: [
            {
              name: text`${key(COUNTER)} since boot`,
              measured: text`${value(count)}`,
              expected: text`${value(0)}`,
            },
          ],
          remedies: [],
        },
      ],
    };
  },
});
