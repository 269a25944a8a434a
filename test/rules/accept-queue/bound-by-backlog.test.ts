import { boundByBacklog } from '../../../src/rules/accept-queue/bound-by-backlog.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

const SOMAXCONN = 'net.core.somaxconn';
const roomy = { [SOMAXCONN]: 4096 };
const nginx = { server: 'nginx', process: 'nginx', requested: 511, limit: 511 };
const quiet = { ListenOverflows: 0 };
const rising = { ListenOverflows: 240 };

testRule(boundByBacklog, {
  pass: [
    { name: 'no listener', host: hostOf({ sysctls: roomy }) },
    {
      name: 'somaxconn decides',
      host: hostOf({ sysctls: { [SOMAXCONN]: 128 }, listeners: [{ ...nginx, limit: 128 }] }),
    },
    {
      name: 'the backlog is not known',
      host: hostOf({ sysctls: roomy, listeners: [{ process: 'app', limit: 100 }] }),
    },
    {
      name: 'a long queue overflows: the program is too slow, and nothing is to be said of its backlog',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 65535 },
        listeners: [{ process: 'slow', port: 9000, requested: 8192, limit: 8192, length: 8193 }],
      }),
    },
  ],
  unknown: [
    {
      name: 'nobody could read the limits',
      host: hostOf({ sysctls: roomy, listeners: [{ process: 'app' }, { process: 'web', port: 81 }] }),
      why: 'the limits of 2 listeners are not known',
    },
  ],
  fail: [
    {
      name: "a runtime's default that somaxconn equals tells nothing of the request",
      host: hostOf({
        sysctls: { [SOMAXCONN]: 128 },
        listeners: [
          { server: 'python-socket', process: 'python3', port: 8000, limit: 128 },
          { ...nginx, requested: 128, limit: 128 },
        ],
      }),
      findings: [
        {
          messageId: 'bound',
          severity: 'info',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:80'],
          args: { low: 128, high: 128, somaxconn: 128 },
          remedies: [],
        },
        {
          messageId: 'either',
          severity: 'info',
          confidence: 'assumed',
          subjects: ['tcp:0.0.0.0:8000'],
          args: { low: 128, high: 128 },
          remedies: [],
        },
      ],
    },
    {
      name: 'nothing overflows: information for all of them together',
      host: hostOf({
        sysctls: roomy,
        increases: quiet,
        listeners: [
          nginx,
          { ...nginx, port: 443 },
          { process: 'java', port: 8080, requested: 100, limit: 100 },
        ],
      }),
      findings: [
        {
          messageId: 'bound',
          severity: 'info',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:80', 'tcp:0.0.0.0:443', 'tcp:0.0.0.0:8080'],
          args: { low: 100, high: 511, somaxconn: 4096 },
          remedies: [],
        },
      ],
    },
    {
      name: 'the only listener while overflows are counted, of a program that we do not know',
      host: hostOf({
        sysctls: roomy,
        increases: rising,
        listeners: [{ process: 'proxy', port: 4143, requested: 128, limit: 128 }],
      }),
      findings: [
        {
          messageId: 'overflowing',
          severity: 'medium',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:4143'],
          args: { backlog: 128, somaxconn: 4096, builtIn: false },
          remedies: ['edit-config proxy 512', 'relisten proxy'],
        },
      ],
    },
    {
      name: 'full now, backlog and somaxconn alike: both must rise',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 128 },
        listeners: [{ server: 'nginx', process: 'nginx', requested: 128, limit: 128, length: 129 }],
      }),
      findings: [
        {
          messageId: 'overflowing',
          severity: 'high',
          confidence: 'measured',
          subjects: ['tcp:0.0.0.0:80'],
          args: { backlog: 128, somaxconn: 128, builtIn: false },
          remedies: ['edit-config nginx 512', `require ${SOMAXCONN} at-least 4096`, 'relisten nginx'],
        },
      ],
    },
    {
      name: 'one listener of two is full: the other stays information',
      host: hostOf({
        sysctls: roomy,
        listeners: [
          nginx,
          { server: 'redis', process: 'redis-server', port: 6379, requested: 300, limit: 300, length: 301 },
        ],
      }),
      findings: [
        {
          messageId: 'overflowing',
          severity: 'high',
          confidence: 'measured',
          subjects: ['tcp:0.0.0.0:6379'],
          args: { backlog: 300, somaxconn: 4096, builtIn: false },
          remedies: ['edit-config redis 1200', 'relisten redis'],
        },
        {
          messageId: 'bound',
          severity: 'info',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:80'],
          args: { low: 511, high: 511, somaxconn: 4096 },
          remedies: [],
        },
      ],
    },
    {
      name: 'a backlog built into the program',
      host: hostOf({
        sysctls: roomy,
        increases: rising,
        listeners: [{ server: 'mosquitto', process: 'mosquitto', port: 1883, requested: 100, limit: 100 }],
      }),
      findings: [
        {
          messageId: 'overflowing',
          severity: 'medium',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:1883'],
          args: { backlog: 100, somaxconn: 4096, builtIn: true },
          remedies: ['edit-config mosquitto 511'],
        },
      ],
    },
    {
      name: 'a long queue that is full, and one worker of several, are no case of change nothing; the idle worker is',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 65535 },
        listeners: [
          { process: 'slow', port: 9000, requested: 8192, limit: 8192, length: 8193 },
          { ...nginx, length: 512 },
          { ...nginx },
        ],
      }),
      findings: [
        {
          messageId: 'bound',
          severity: 'info',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:80#2'],
          args: { low: 511, high: 511, somaxconn: 65535 },
          remedies: [],
        },
      ],
    },
    {
      name: 'overflows, but which of two servers is a guess',
      host: hostOf({
        sysctls: roomy,
        increases: rising,
        listeners: [nginx, { process: 'java', port: 8080, requested: 100, limit: 100 }],
      }),
      findings: [
        {
          messageId: 'bound',
          severity: 'info',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:80', 'tcp:0.0.0.0:8080'],
          args: { low: 100, high: 511, somaxconn: 4096 },
          remedies: [],
        },
      ],
    },
  ],
});
