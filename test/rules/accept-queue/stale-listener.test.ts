import { staleListener } from '../../../src/rules/accept-queue/stale-listener.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

const SOMAXCONN = 'net.core.somaxconn';
const java = { process: 'java', port: 8080, requested: 1024, limit: 128 };

testRule(staleListener, {
  pass: [
    { name: 'no listener', host: hostOf({ sysctls: { [SOMAXCONN]: 4096 } }) },
    {
      name: 'clamped by somaxconn as it is now',
      host: hostOf({ sysctls: { [SOMAXCONN]: 128 }, listeners: [java] }),
    },
    {
      name: 'bound by its own backlog',
      host: hostOf({ sysctls: { [SOMAXCONN]: 4096 }, listeners: [{ ...java, requested: 128 }] }),
    },
  ],
  unknown: [
    {
      name: 'somaxconn was not read',
      host: hostOf({ listeners: [java] }),
      why: `${SOMAXCONN} was not collected`,
    },
    {
      name: 'nobody could read the limits',
      host: hostOf({ sysctls: { [SOMAXCONN]: 4096 }, listeners: [{ process: 'app' }] }),
      why: 'the limit of 1 listener is not known',
    },
  ],
  fail: [
    {
      name: 'somaxconn was raised since',
      host: hostOf({ sysctls: { [SOMAXCONN]: 4096 }, listeners: [java] }),
      findings: [
        {
          messageId: 'raised',
          severity: 'medium',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:8080'],
          args: { low: 128, high: 128, somaxconn: 4096 },
          remedies: ['relisten java'],
        },
      ],
    },
    {
      name: 'raised since, and the queue overflows',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 4096 },
        increases: { ListenOverflows: 350 },
        listeners: [{ ...java, length: 129 }],
      }),
      findings: [
        {
          messageId: 'raised',
          severity: 'high',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:8080'],
          args: { low: 128, high: 128, somaxconn: 4096 },
          remedies: ['relisten java'],
        },
      ],
    },
    {
      name: 'the limit is no usual somaxconn, so the configuration may have changed instead: reload first',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 4096 },
        listeners: [{ server: 'nginx', process: 'nginx', requested: 1500, limit: 700 }],
      }),
      findings: [
        {
          messageId: 'eitherRaised',
          severity: 'medium',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:80'],
          args: { low: 700, high: 700, somaxconn: 4096 },
          remedies: ['relisten nginx'],
        },
      ],
    },
    {
      name: 'by default it asks for more, but the limit is no usual somaxconn: perhaps its own backlog',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 4096 },
        listeners: [
          { server: 'nodejs', process: 'node', requested: 511, source: 'default', limit: 100, length: 101 },
        ],
      }),
      findings: [
        {
          messageId: 'perhaps',
          severity: 'medium',
          confidence: 'assumed',
          subjects: ['tcp:0.0.0.0:80'],
          args: { low: 100, high: 100, somaxconn: 4096 },
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'its configuration asks for more: then it was changed since, or somaxconn was',
      host: hostOf({ sysctls: { [SOMAXCONN]: 4096 }, listeners: [{ ...java, limit: 300 }] }),
      findings: [
        {
          messageId: 'eitherRaised',
          severity: 'medium',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:8080'],
          args: { low: 300, high: 300, somaxconn: 4096 },
          remedies: ['relisten java'],
        },
      ],
    },
    {
      name: 'by default it asks for more, and the limit is what somaxconn used to be',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 4096 },
        listeners: [{ server: 'nodejs', process: 'node', requested: 511, source: 'default', limit: 128 }],
      }),
      findings: [
        {
          messageId: 'raised',
          severity: 'medium',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:80'],
          args: { low: 128, high: 128, somaxconn: 4096 },
          remedies: ['relisten nodejs'],
        },
      ],
    },
    {
      name: 'it asks for more than somaxconn is even now: one restart suffices once that is raised too',
      host: hostOf({ sysctls: { [SOMAXCONN]: 4096 }, listeners: [{ ...java, requested: 20_000 }] }),
      findings: [
        {
          messageId: 'raised',
          severity: 'medium',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:8080'],
          args: { low: 128, high: 128, somaxconn: 4096 },
          remedies: ['require net.core.somaxconn at-least 20000', 'relisten java'],
        },
      ],
    },
    {
      name: 'it asks for more than a kernel of 16 bits can take',
      host: hostOf({
        kernel: '3.10.0',
        sysctls: { [SOMAXCONN]: 1024 },
        listeners: [{ ...java, requested: 100_000 }],
      }),
      findings: [
        {
          messageId: 'raised',
          severity: 'medium',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:8080'],
          args: { low: 128, high: 128, somaxconn: 1024 },
          remedies: ['require net.core.somaxconn at-least 65535', 'relisten java'],
        },
      ],
    },
    {
      name: "it takes whatever somaxconn allows: raising that further is nobody's wish",
      host: hostOf({
        sysctls: { [SOMAXCONN]: 4096 },
        listeners: [{ process: 'app', requested: 4_294_967_295, limit: 128 }],
      }),
      findings: [
        {
          messageId: 'raised',
          severity: 'medium',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:80'],
          args: { low: 128, high: 128, somaxconn: 4096 },
          remedies: ['relisten app'],
        },
      ],
    },
    {
      name: 'clamped, and somaxconn was lowered since: raised first, or the restart shrinks the queue',
      host: hostOf({ sysctls: { [SOMAXCONN]: 128 }, listeners: [{ ...java, requested: 4096, limit: 1024 }] }),
      findings: [
        {
          messageId: 'clampedAndLowered',
          severity: 'low',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:8080'],
          args: { low: 1024, high: 1024, somaxconn: 128 },
          remedies: ['require net.core.somaxconn at-least 4096', 'relisten java'],
        },
      ],
    },
    {
      name: 'the same in a container',
      host: hostOf({
        environment: 'container',
        sysctls: { [SOMAXCONN]: 128 },
        increases: { ListenOverflows: 12 },
        listeners: [{ ...java, requested: 4096, limit: 1024, length: 1025 }],
      }),
      findings: [
        {
          messageId: 'clampedAndLowered',
          severity: 'medium',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:8080'],
          args: { low: 1024, high: 1024, somaxconn: 128 },
          remedies: ['set-in-container net.core.somaxconn at-least 4096', 'relisten java'],
        },
      ],
    },
    {
      name: 'it has all that it asked for, and somaxconn was lowered since: listening again would only lose',
      host: hostOf({ sysctls: { [SOMAXCONN]: 128 }, listeners: [{ ...java, limit: 1024 }] }),
      findings: [
        {
          messageId: 'lowered',
          severity: 'info',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:8080'],
          args: { low: 1024, high: 1024, somaxconn: 128 },
          remedies: [],
        },
      ],
    },
  ],
});
