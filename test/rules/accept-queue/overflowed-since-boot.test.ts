import { overflowedSinceBoot } from '../../../src/rules/accept-queue/overflowed-since-boot.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf, namespaceOf } from '../host.ts';

const { samples: _samples, ...unsampled } = namespaceOf({});

function expected(count: number, watched: boolean) {
  return {
    messageId: 'overflowed',
    severity: 'info',
    confidence: 'measured',
    subjects: ['counter:ListenOverflows'],
    args: { count, watched },
    remedies: [],
  } as const;
}

testRule(overflowedSinceBoot, {
  pass: [
    { name: 'never', host: hostOf({ sinceBoot: { ListenOverflows: 0 } }) },
    {
      name: 'overflowing now, which is another rule',
      host: hostOf({ sinceBoot: { ListenOverflows: 7 }, increases: { ListenOverflows: 1 } }),
    },
  ],
  unknown: [
    {
      name: 'another counter only',
      host: hostOf({ sinceBoot: { ListenDrops: 1 } }),
      why: 'ListenOverflows was not collected',
    },
    {
      name: 'no sample',
      host: { ...hostOf({}), namespaces: [unsampled] },
      why: 'the counters were not collected',
    },
  ],
  fail: [
    {
      name: 'one sample',
      host: hostOf({ sinceBoot: { ListenOverflows: 1207 } }),
      findings: [expected(1207, false)],
    },
    {
      name: 'two samples without a difference',
      host: hostOf({ sinceBoot: { ListenOverflows: 3 }, increases: { ListenOverflows: 0 } }),
      findings: [expected(3, true)],
    },
  ],
});
