import { abortOnOverflow } from '../../../src/rules/accept-queue/abort-on-overflow.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

const KEY = 'net.ipv4.tcp_abort_on_overflow';

testRule(abortOnOverflow, {
  pass: [
    { name: 'the default', host: hostOf({ sysctls: { [KEY]: 0 } }) },
    {
      name: 'off, whatever a file wants at boot',
      host: hostOf({ sysctls: { [KEY]: 0 }, files: { '/etc/sysctl.d/a.conf': `${KEY} = 1\n` } }),
    },
  ],
  unknown: [{ name: 'the key was not read', host: hostOf({}), why: `${KEY} was not collected` }],
  fail: [
    {
      name: 'set by hand, files not read',
      host: hostOf({ sysctls: { [KEY]: 1 } }),
      findings: [
        {
          messageId: 'on',
          severity: 'medium',
          confidence: 'measured',
          subjects: [KEY],
          args: { live: 1 },
          remedies: [`require ${KEY} exactly 0`],
        },
      ],
    },
    {
      name: 'set by a file',
      host: hostOf({
        sysctls: { [KEY]: 1 },
        files: {
          '/etc/sysctl.d/60-net.conf': `# resets\n${KEY} = 1\n`,
          '/etc/sysctl.d/10-a.conf': `${KEY} = 0\n`,
        },
      }),
      findings: [
        {
          messageId: 'on',
          severity: 'medium',
          confidence: 'measured',
          subjects: [KEY],
          args: { live: 1 },
          remedies: [`require ${KEY} exactly 0`, 'delete-line /etc/sysctl.d/60-net.conf:2 bad-setting'],
        },
      ],
    },
    {
      name: 'set by two files, of which the second would take over',
      host: hostOf({
        sysctls: { [KEY]: 1 },
        files: { '/etc/sysctl.d/10-a.conf': `${KEY} = 1\n`, '/etc/sysctl.d/20-b.conf': `${KEY} = 1\n` },
      }),
      findings: [
        {
          messageId: 'on',
          severity: 'medium',
          confidence: 'measured',
          subjects: [KEY],
          args: { live: 1 },
          remedies: [
            `require ${KEY} exactly 0`,
            'delete-line /etc/sysctl.d/10-a.conf:1 bad-setting',
            'delete-line /etc/sysctl.d/20-b.conf:1 bad-setting',
          ],
        },
      ],
    },
    {
      name: 'a line that the loader does not read has no part in it where another wins',
      host: hostOf({
        sysctls: { [KEY]: 1 },
        files: { '/etc/sysctl.d/10-a.conf': `${KEY} = 0\n`, '/etc/sysctl.conf': `${KEY} = 1\n` },
      }),
      findings: [
        {
          messageId: 'on',
          severity: 'medium',
          confidence: 'measured',
          subjects: [KEY],
          args: { live: 1 },
          remedies: [`require ${KEY} exactly 0`],
        },
      ],
    },
    {
      name: 'in a container, which the files of the host do not reach',
      host: hostOf({
        environment: 'container',
        sysctls: { [KEY]: 1 },
        files: { '/etc/sysctl.d/60-net.conf': `${KEY} = 1\n` },
      }),
      findings: [
        {
          messageId: 'on',
          severity: 'medium',
          confidence: 'measured',
          subjects: [KEY],
          args: { live: 1 },
          remedies: [`set-in-container ${KEY} exactly 0`],
        },
      ],
    },
  ],
});
