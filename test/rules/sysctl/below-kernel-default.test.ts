import { belowKernelDefault } from '../../../src/rules/sysctl/below-kernel-default.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

const SOMAXCONN = 'net.core.somaxconn';
const RMEM = 'net.ipv4.tcp_rmem';
const SACK = 'net.ipv4.tcp_sack';
const BUCKETS = 'net.ipv4.tcp_max_tw_buckets';
const nginx = { server: 'nginx', process: 'nginx', requested: 511, limit: 128 };
const somaxconnHarm =
  'it cuts the backlog of every listener that asks for more, and bursts are dropped sooner';

testRule(belowKernelDefault, {
  pass: [
    { name: 'at the default', host: hostOf({ sysctls: { [SOMAXCONN]: 4096, [SACK]: 1 } }) },
    {
      name: 'a key of the whole host, seen from a child network namespace',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 4096, 'net.core.rmem_max': 212992 },
        absent: ['net.core.netdev_max_backlog'],
      }),
    },
    {
      name: '128 on a kernel that has it so',
      host: hostOf({ kernel: '4.19.0', sysctls: { [SOMAXCONN]: 128 }, listeners: [nginx] }),
    },
    { name: 'raised', host: hostOf({ kernel: '6.1.0', sysctls: { [RMEM]: '4096 131072 33554432' } }) },
    {
      name: 'where a low value is a choice',
      host: hostOf({ sysctls: { 'net.ipv4.tcp_fin_timeout': 10, 'net.ipv4.tcp_max_syn_backlog': 1 } }),
    },
    {
      name: 'a variable of the host, seen from a container',
      host: hostOf({ environment: 'container', sysctls: { 'net.core.rmem_max': 1000 } }),
    },
    {
      name: 'numbers that fall are another rule',
      host: hostOf({ kernel: '6.1.0', sysctls: { [RMEM]: '6291456 131072 4096' } }),
    },
    {
      name: 'what a refused line left behind is another rule',
      host: hostOf({
        kernel: '6.1.0',
        sysctls: { [RMEM]: '4096 87380 1734723440' },
        files: { '/etc/sysctl.d/t.conf': `${RMEM} = 4096 87380 2168404300\n` },
      }),
    },
  ],
  fail: [
    {
      name: 'somaxconn that cuts a listener, by an old line',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 128 },
        listeners: [nginx],
        files: { '/etc/sysctl.d/60-old.conf': `${SOMAXCONN} = 128\n` },
      }),
      findings: [
        {
          messageId: 'below',
          severity: 'low',
          confidence: 'inferred',
          subjects: [SOMAXCONN],
          args: { key: SOMAXCONN, live: '128', own: '4096', harm: somaxconnHarm },
          remedies: [
            `require ${SOMAXCONN} at-least 4096`,
            'delete-line /etc/sysctl.d/60-old.conf:1 bad-setting',
          ],
        },
      ],
    },
    {
      name: 'somaxconn that another rule asks to be higher for a listener: the line is left to mend',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 128 },
        listeners: [{ ...nginx, requested: 4096 }],
        files: { '/etc/sysctl.d/60-old.conf': `${SOMAXCONN} = 128\n` },
      }),
      findings: [
        {
          messageId: 'below',
          severity: 'low',
          confidence: 'inferred',
          subjects: [SOMAXCONN],
          args: { key: SOMAXCONN, live: '128', own: '4096', harm: somaxconnHarm },
          remedies: ['delete-line /etc/sysctl.d/60-old.conf:1 bad-setting'],
        },
      ],
    },
    {
      name: 'somaxconn that another rule asks to be higher, and no line: one cause, one thing to do',
      host: hostOf({ sysctls: { [SOMAXCONN]: 128 }, listeners: [{ ...nginx, requested: 4096 }] }),
      findings: [
        {
          messageId: 'covered',
          severity: 'info',
          confidence: 'inferred',
          subjects: [SOMAXCONN],
          args: { key: SOMAXCONN, live: '128', own: '4096', rule: 'accept-queue/bound-by-somaxconn' },
          remedies: [],
        },
      ],
    },
    {
      name: 'somaxconn that is raised for a stale listener anyway',
      host: hostOf({ sysctls: { [SOMAXCONN]: 1024 }, listeners: [{ ...nginx, requested: 5000 }] }),
      findings: [
        {
          messageId: 'covered',
          severity: 'info',
          confidence: 'inferred',
          subjects: [SOMAXCONN],
          args: { key: SOMAXCONN, live: '1024', own: '4096', rule: 'accept-queue/stale-listener' },
          remedies: [],
        },
      ],
    },
    {
      name: 'somaxconn that will cut a stale listener once it listens again',
      host: hostOf({ sysctls: { [SOMAXCONN]: 1024 }, listeners: [{ ...nginx, requested: 2048 }] }),
      findings: [
        {
          messageId: 'below',
          severity: 'low',
          confidence: 'inferred',
          subjects: [SOMAXCONN],
          args: { key: SOMAXCONN, live: '1024', own: '4096', harm: somaxconnHarm },
          remedies: [`require ${SOMAXCONN} at-least 4096`],
        },
      ],
    },
    {
      name: 'somaxconn that a server follows, which says no number of its own',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 128 },
        listeners: [{ server: 'caddy', process: 'caddy', limit: 128 }],
      }),
      findings: [
        {
          messageId: 'below',
          severity: 'low',
          confidence: 'inferred',
          subjects: [SOMAXCONN],
          args: { key: SOMAXCONN, live: '128', own: '4096', harm: somaxconnHarm },
          remedies: [`require ${SOMAXCONN} at-least 4096`],
        },
      ],
    },
    {
      name: 'somaxconn that is just the limit of a program of which nothing is known',
      host: hostOf({ sysctls: { [SOMAXCONN]: 128 }, listeners: [{ process: 'app', limit: 128 }] }),
      findings: [
        {
          messageId: 'below',
          severity: 'low',
          confidence: 'inferred',
          subjects: [SOMAXCONN],
          args: { key: SOMAXCONN, live: '128', own: '4096', harm: somaxconnHarm },
          remedies: [`require ${SOMAXCONN} at-least 4096`],
        },
      ],
    },
    {
      name: 'somaxconn that a server asks for exactly',
      host: hostOf({ sysctls: { [SOMAXCONN]: 128 }, listeners: [{ ...nginx, requested: 128 }] }),
      findings: [
        {
          messageId: 'below',
          severity: 'low',
          confidence: 'inferred',
          subjects: [SOMAXCONN],
          args: { key: SOMAXCONN, live: '128', own: '4096', harm: somaxconnHarm },
          remedies: [`require ${SOMAXCONN} at-least 4096`],
        },
      ],
    },
    {
      name: 'somaxconn that cuts nobody',
      host: hostOf({ sysctls: { [SOMAXCONN]: 1024 }, listeners: [{ ...nginx, limit: 511 }] }),
      findings: [
        {
          messageId: 'harmless',
          severity: 'info',
          confidence: 'inferred',
          subjects: [SOMAXCONN],
          args: { key: SOMAXCONN, live: '1024', own: '4096' },
          remedies: [],
        },
      ],
    },
    {
      name: 'a switch is turned to exactly the default',
      host: hostOf({
        sysctls: { [SACK]: 0 },
        files: { '/etc/sysctl.conf': `${SACK} = 0\n` },
        loader: 'procps',
      }),
      findings: [
        {
          messageId: 'below',
          severity: 'low',
          confidence: 'inferred',
          subjects: [SACK],
          args: {
            key: SACK,
            live: '0',
            own: '1',
            harm: 'recovery from loss takes a round trip for each lost segment',
          },
          remedies: [`require ${SACK} exactly 1`, 'delete-line /etc/sysctl.conf:1 bad-setting'],
        },
      ],
    },
    {
      name: 'a line in a file that the loader does not read, which somebody loaded by hand',
      host: hostOf({ sysctls: { [SACK]: 0 }, files: { '/etc/sysctl.conf': `${SACK} = 0\n` } }),
      findings: [
        {
          messageId: 'below',
          severity: 'low',
          confidence: 'inferred',
          subjects: [SACK],
          args: {
            key: SACK,
            live: '0',
            own: '1',
            harm: 'recovery from loss takes a round trip for each lost segment',
          },
          remedies: [`require ${SACK} exactly 1`, 'delete-line /etc/sysctl.conf:1 bad-setting'],
        },
      ],
    },
    {
      name: 'one number of a vector, in a container',
      host: hostOf({ kernel: '6.1.0', environment: 'container', sysctls: { [RMEM]: '4096 87380 16777216' } }),
      findings: [
        {
          messageId: 'below',
          severity: 'low',
          confidence: 'inferred',
          subjects: [RMEM],
          args: {
            key: RMEM,
            live: '4096 87380 16777216',
            own: '4096, 131072, 6291456',
            harm: 'the receive window stays smaller than the path could carry, or starts smaller',
          },
          remedies: [`set-in-container ${RMEM} at-least 4096 131072 6291456`],
        },
      ],
    },
    {
      name: 'a default that is known as a range: certainly below, and its lower end is asked for',
      host: hostOf({ kernel: '4.19.0', memoryMib: 16384, sysctls: { [BUCKETS]: 5000 } }),
      findings: [
        {
          messageId: 'below',
          severity: 'low',
          confidence: 'inferred',
          subjects: [BUCKETS],
          args: {
            key: BUCKETS,
            live: '5000',
            own: '65536 to 131072',
            harm: 'connections leave TIME_WAIT early, and a late segment can reach a new connection on the same ports',
          },
          remedies: [`require ${BUCKETS} at-least 65536`],
        },
      ],
    },
  ],
});
