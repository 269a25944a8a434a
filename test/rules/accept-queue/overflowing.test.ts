import { overflowing } from '../../../src/rules/accept-queue/overflowing.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

const SOMAXCONN = 'net.core.somaxconn';
const roomy = { [SOMAXCONN]: 4096 };
const rising = { ListenOverflows: 240 };
const nginx = { server: 'nginx', process: 'nginx', requested: 511, limit: 511 };
const java = { process: 'java', port: 8080, requested: 100, limit: 100 };
const rate = { increase: 240, seconds: 60 };

testRule(overflowing, {
  pass: [
    {
      name: 'two samples without a difference',
      host: hostOf({ increases: { ListenOverflows: 0 }, listeners: [nginx] }),
    },
    {
      name: 'SYNs dropped by full SYN queues, and by the last-quarter rule: another rule speaks of them',
      host: hostOf({
        sysctls: { 'net.ipv4.tcp_syncookies': 0 },
        increases: { ListenOverflows: 0, ListenDrops: 800, TCPReqQFullDrop: 300 },
        listeners: [nginx],
      }),
    },
    {
      name: 'all drops are those of full SYN queues',
      host: hostOf({ increases: { ListenOverflows: 0, ListenDrops: 30, TCPReqQFullDrop: 30 } }),
    },
    {
      name: 'full to the limit, but not above it',
      host: hostOf({ increases: { ListenOverflows: 0 }, listeners: [{ ...nginx, length: 511 }] }),
    },
  ],
  unknown: [
    {
      name: 'nobody could read the limits',
      host: hostOf({ increases: { ListenOverflows: 0 }, listeners: [{ process: 'app' }, nginx] }),
      why: 'the limit of 1 listener is not known',
    },
  ],
  notApplicable: [
    { name: 'one sample and no full queue', host: hostOf({ listeners: [nginx], sinceBoot: rising }) },
  ],
  fail: [
    {
      name: 'drops that no full queue explains are no case for a longer one',
      host: hostOf({
        sysctls: { 'net.ipv4.tcp_syncookies': 1 },
        increases: { ListenOverflows: 0, ListenDrops: 800, TCPReqQFullDrop: 50 },
        listeners: [nginx],
      }),
      findings: [
        {
          messageId: 'otherDrops',
          severity: 'low',
          confidence: 'measured',
          subjects: ['counter:ListenDrops'],
          args: { increase: 750, seconds: 60, watched: true },
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'drops of which nobody counted the overflows',
      host: hostOf({ increases: { ListenDrops: 800 }, listeners: [nginx] }),
      findings: [
        {
          messageId: 'otherDrops',
          severity: 'low',
          confidence: 'measured',
          subjects: ['counter:ListenDrops'],
          args: { increase: 800, seconds: 60, watched: false },
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'full now and bound by its own backlog',
      host: hostOf({ sysctls: roomy, increases: rising, listeners: [{ ...java, length: 101 }, nginx] }),
      findings: [
        {
          messageId: 'overflowing',
          severity: 'high',
          confidence: 'measured',
          subjects: ['tcp:0.0.0.0:8080'],
          args: rate,
          remedies: ['edit-config java 511', 'relisten java'],
        },
      ],
    },
    {
      name: 'stale: listening again is all it takes',
      host: hostOf({
        sysctls: roomy,
        increases: rising,
        listeners: [{ ...java, requested: 1024, limit: 128, length: 129 }],
      }),
      findings: [
        {
          messageId: 'overflowing',
          severity: 'high',
          confidence: 'measured',
          subjects: ['tcp:0.0.0.0:8080'],
          args: rate,
          remedies: ['relisten java'],
        },
      ],
    },
    {
      name: 'clamped: somaxconn up to the request, or to what the kernel starts with, and no other sysctl',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 128 },
        increases: rising,
        listeners: [{ ...nginx, limit: 128, length: 129 }],
      }),
      findings: [
        {
          messageId: 'overflowing',
          severity: 'high',
          confidence: 'measured',
          subjects: ['tcp:0.0.0.0:80'],
          args: rate,
          remedies: [`require ${SOMAXCONN} at-least 4096`, 'relisten nginx'],
        },
      ],
    },
    {
      name: 'none is full, but one has drops of its own',
      host: hostOf({
        sysctls: roomy,
        increases: rising,
        listeners: [
          { ...java, drops: 12 },
          { ...nginx, drops: 0 },
        ],
      }),
      findings: [
        {
          messageId: 'overflowing',
          severity: 'high',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:8080'],
          args: rate,
          remedies: ['edit-config java 511', 'relisten java'],
        },
      ],
    },
    {
      name: 'two have drops of their own: either may be idle now',
      host: hostOf({
        sysctls: roomy,
        increases: rising,
        listeners: [
          { ...java, drops: 12 },
          { ...nginx, drops: 1 },
          { process: 'sshd', port: 22, requested: 128, limit: 128, drops: 0 },
        ],
      }),
      findings: [
        {
          messageId: 'somewhere',
          severity: 'medium',
          confidence: 'assumed',
          subjects: ['tcp:0.0.0.0:80', 'tcp:0.0.0.0:8080'],
          args: rate,
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'one server on one port, on two addresses',
      host: hostOf({ sysctls: roomy, increases: rising, listeners: [nginx, { ...nginx, address: '::' }] }),
      findings: [
        {
          messageId: 'overflowing',
          severity: 'high',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:80', 'tcp:[::]:80'],
          args: rate,
          remedies: ['edit-config nginx 2044', 'relisten nginx', 'relisten nginx'],
        },
      ],
    },
    {
      name: 'two servers and no pointer: look before changing any',
      host: hostOf({ sysctls: roomy, increases: rising, listeners: [java, nginx] }),
      findings: [
        {
          messageId: 'somewhere',
          severity: 'medium',
          confidence: 'assumed',
          subjects: ['tcp:0.0.0.0:80', 'tcp:0.0.0.0:8080'],
          args: rate,
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'two servers, and one asks for more than it has',
      host: hostOf({
        sysctls: roomy,
        increases: rising,
        listeners: [
          { ...java, requested: 1024, limit: 128 },
          nginx,
          { process: 'systemd', port: 22, requested: 2147483647, limit: 4096 },
        ],
      }),
      findings: [
        {
          messageId: 'somewhere',
          severity: 'medium',
          confidence: 'assumed',
          subjects: ['tcp:0.0.0.0:8080'],
          args: rate,
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'as long as somaxconn allows, and overflowing: longer would not help',
      host: hostOf({
        sysctls: roomy,
        increases: rising,
        listeners: [{ process: 'systemd', port: 22, requested: 2147483647, limit: 4096 }],
      }),
      findings: [
        {
          messageId: 'overload',
          severity: 'high',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:22'],
          args: { limit: 4096 },
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'a unix listener is full although no counter says so',
      host: hostOf({
        sysctls: roomy,
        increases: { ListenOverflows: 0 },
        listeners: [{ path: '/run/app.sock', process: 'app', requested: 128, limit: 128, length: 129 }],
      }),
      findings: [
        {
          messageId: 'fullUnix',
          severity: 'high',
          confidence: 'measured',
          subjects: ['unix:/run/app.sock'],
          args: {},
          remedies: ['edit-config app 512', 'relisten app'],
        },
      ],
    },
    {
      name: 'one of four SO_REUSEPORT sockets is full',
      host: hostOf({
        sysctls: roomy,
        increases: rising,
        listeners: [{ ...nginx, length: 512 }, nginx, nginx, nginx],
      }),
      findings: [
        {
          messageId: 'imbalance',
          severity: 'high',
          confidence: 'measured',
          subjects: ['tcp:0.0.0.0:80'],
          args: {},
          remedies: ['edit-config nginx'],
        },
      ],
    },
    {
      name: 'one SO_REUSEPORT socket is full and the others nearly: that is load',
      host: hostOf({
        sysctls: roomy,
        increases: rising,
        listeners: [
          { ...nginx, length: 512 },
          { ...nginx, length: 400 },
        ],
      }),
      findings: [
        {
          messageId: 'overflowing',
          severity: 'high',
          confidence: 'measured',
          subjects: ['tcp:0.0.0.0:80'],
          args: rate,
          remedies: ['edit-config nginx 2044', 'relisten nginx'],
        },
      ],
    },
    {
      name: 'all SO_REUSEPORT sockets are full: that is no imbalance',
      host: hostOf({
        sysctls: roomy,
        increases: rising,
        listeners: [
          { ...nginx, length: 512 },
          { ...nginx, length: 512 },
        ],
      }),
      findings: [
        {
          messageId: 'overflowing',
          severity: 'high',
          confidence: 'measured',
          subjects: ['tcp:0.0.0.0:80', 'tcp:0.0.0.0:80#2'],
          args: rate,
          remedies: ['edit-config nginx 2044', 'relisten nginx', 'relisten nginx'],
        },
      ],
    },
    {
      name: 'a long queue is full: the server does not accept',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 65535 },
        increases: rising,
        listeners: [{ ...java, requested: 65535, limit: 65535, length: 65536 }],
      }),
      findings: [
        {
          messageId: 'overload',
          severity: 'high',
          confidence: 'measured',
          subjects: ['tcp:0.0.0.0:8080'],
          args: { limit: 65535 },
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'full, and somaxconn was lowered under a server that follows it: raised first, or it would shrink',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 128 },
        listeners: [{ server: 'caddy', process: 'caddy', limit: 1024, length: 1025 }],
      }),
      findings: [
        {
          messageId: 'full',
          severity: 'high',
          confidence: 'measured',
          subjects: ['tcp:0.0.0.0:80'],
          args: {},
          remedies: ['require net.core.somaxconn at-least 4096', 'relisten caddy'],
        },
      ],
    },
    {
      name: 'full, and it had all that it asks for before somaxconn was lowered: both must rise',
      host: hostOf({ sysctls: { [SOMAXCONN]: 128 }, listeners: [{ ...nginx, length: 512 }] }),
      findings: [
        {
          messageId: 'full',
          severity: 'high',
          confidence: 'measured',
          subjects: ['tcp:0.0.0.0:80'],
          args: {},
          remedies: ['edit-config nginx 2044', 'require net.core.somaxconn at-least 4096', 'relisten nginx'],
        },
      ],
    },
    {
      name: 'full, and nobody knows what the program asks for',
      host: hostOf({ sysctls: roomy, listeners: [{ process: 'app', limit: 100, length: 101 }] }),
      findings: [
        {
          messageId: 'full',
          severity: 'high',
          confidence: 'measured',
          subjects: ['tcp:0.0.0.0:80'],
          args: {},
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'the only listener, and nobody could read its limit',
      host: hostOf({ sysctls: roomy, increases: rising, listeners: [{ process: 'app', requested: 511 }] }),
      findings: [
        {
          messageId: 'overflowing',
          severity: 'high',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:80'],
          args: rate,
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'full, and the configuration has changed since',
      host: hostOf({ sysctls: roomy, listeners: [{ ...nginx, requested: 64, length: 512 }] }),
      findings: [
        {
          messageId: 'full',
          severity: 'high',
          confidence: 'measured',
          subjects: ['tcp:0.0.0.0:80'],
          args: {},
          remedies: ['investigate'],
        },
      ],
    },
  ],
});
