import { maxSynBacklogWithoutEffect } from '../../../src/rules/syn-queue/max-syn-backlog-without-effect.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

const KEY = 'net.ipv4.tcp_max_syn_backlog';
const COOKIES = 'net.ipv4.tcp_syncookies';
const nginx = { server: 'nginx', process: 'nginx', requested: 511, limit: 511 };

function expected(live: number, line: string | null) {
  return {
    messageId: 'withoutEffect',
    severity: 'info',
    confidence: 'inferred',
    subjects: [KEY],
    args: { live, line },
    remedies: [],
  } as const;
}

testRule(maxSynBacklogWithoutEffect, {
  pass: [
    {
      name: 'low, and nobody set it',
      host: hostOf({ sysctls: { [KEY]: 128, [COOKIES]: 1 }, listeners: [nginx] }),
    },
    {
      name: 'above this kernel own value, but not above every listener',
      host: hostOf({
        memoryMib: 1024,
        sysctls: { [KEY]: 4096, [COOKIES]: 1 },
        listeners: [{ ...nginx, requested: 8192, limit: 8192 }],
      }),
    },
    {
      name: 'a file of the host does not reach a container',
      host: hostOf({
        environment: 'container',
        sysctls: { [KEY]: 128, [COOKIES]: 1 },
        files: { '/etc/sysctl.d/a.conf': `${KEY} = 8192\n` },
      }),
    },
  ],
  notApplicable: [
    {
      name: 'a kernel that has it bound the queue',
      host: hostOf({ kernel: '4.3.0', sysctls: { [KEY]: 8192, [COOKIES]: 1 } }),
    },
    { name: 'without SYN cookies', host: hostOf({ sysctls: { [KEY]: 8192, [COOKIES]: 0 } }) },
  ],
  unknown: [
    {
      name: 'cookies not read',
      host: hostOf({ sysctls: { [KEY]: 8192 } }),
      why: `${COOKIES} was not collected`,
    },
  ],
  fail: [
    {
      name: 'set by a file, even to a low value',
      host: hostOf({
        sysctls: { [KEY]: 128, [COOKIES]: 1 },
        files: { '/etc/sysctl.d/a.conf': `\n${KEY} = 128\n` },
      }),
      findings: [expected(128, '/etc/sysctl.d/a.conf:2')],
    },
    {
      name: 'raised by hand above every listener',
      host: hostOf({ sysctls: { [KEY]: 65536, [COOKIES]: 1 }, listeners: [nginx] }),
      findings: [expected(65536, null)],
    },
  ],
});
