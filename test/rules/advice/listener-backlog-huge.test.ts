import { listenerBacklogHuge } from '../../../src/rules/advice/listener-backlog-huge.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

const sysctls = { 'net.core.somaxconn': 65_535 };
const HUGE = { process: 'app', requested: 65_535, limit: 65_535 } as const;

testRule(listenerBacklogHuge, {
  pass: [
    {
      name: 'long',
      host: hostOf({
        sysctls,
        listeners: [{ process: 'app', requested: 16_384, limit: 16_384, length: 9000 }],
      }),
    },
    {
      name: 'a server that takes what somaxconn gives',
      host: hostOf({ sysctls, listeners: [{ server: 'caddy', process: 'caddy', limit: 65_535 }] }),
    },
    {
      name: 'full, which accept-queue/overflowing says',
      host: hostOf({ sysctls, listeners: [{ ...HUGE, length: 65_536 }] }),
    },
  ],
  fail: [
    {
      name: 'two that are empty',
      host: hostOf({ sysctls, listeners: [HUGE, { ...HUGE, port: 81 }] }),
      findings: [
        {
          messageId: 'huge',
          severity: 'info',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:80', 'tcp:0.0.0.0:81'],
          args: { limit: 65_535 },
          remedies: [],
        },
      ],
    },
    {
      name: 'one in which thousands wait',
      host: hostOf({ sysctls, listeners: [{ ...HUGE, length: 12_000 }] }),
      findings: [
        {
          messageId: 'waiting',
          severity: 'low',
          confidence: 'measured',
          subjects: ['tcp:0.0.0.0:80'],
          args: { length: 12_000, limit: 65_535 },
          remedies: ['investigate'],
        },
      ],
    },
  ],
});
