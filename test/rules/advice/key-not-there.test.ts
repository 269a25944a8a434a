import { keyNotThere } from '../../../src/rules/advice/key-not-there.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';
import { FILE, SOMAXCONN, tuned } from './rows.ts';

const RECYCLE = 'net.ipv4.tcp_tw_recycle';
const OLD = 'net.ipv4.netfilter.ip_conntrack_max';

function gone(key: string, because: string, lines: readonly number[] = [1]) {
  return {
    messageId: 'gone',
    severity: 'low',
    confidence: 'inferred',
    subjects: lines.map((line) => `${FILE}:${line}`),
    args: { key, because },
    remedies: lines.map((line) => `delete-line ${FILE}:${line} bad-setting`),
  } as const;
}

testRule(keyNotThere, {
  pass: [
    {
      name: 'an old kernel has them',
      host: hostOf(
        tuned(`${RECYCLE} = 1\n${OLD} = 65536\nnet.ipv4.tcp_thin_dupack = 1`, { kernel: '4.4.0' }),
      ),
    },
    {
      name: 'a kernel of the cloud that has it',
      host: hostOf(tuned('net.ipv4.tcp_tw_timeout = 5', { sysctls: { 'net.ipv4.tcp_tw_timeout': 5 } })),
    },
    { name: 'whoever wrote the dash knows it', host: hostOf(tuned(`-${RECYCLE} = 0`)) },
    {
      name: 'a file that is not read',
      host: hostOf({ sysctls: SOMAXCONN, files: { '/etc/sysctl.conf': `${RECYCLE} = 0\n` } }),
    },
    { name: 'excluded and a pattern', host: hostOf(tuned(`-${RECYCLE}\nnet.ipv4.*.rp_filter = 2`)) },
  ],
  notApplicable: [
    {
      name: 'a container',
      host: hostOf({ environment: 'container', files: { [FILE]: `${RECYCLE} = 1\n` } }),
    },
  ],
  unknown: [{ name: 'no files', host: hostOf({}), why: 'the sysctl files were not collected' }],
  fail: [
    {
      name: 'taken away, in two lines',
      host: hostOf(tuned(`${RECYCLE} = 0\n${RECYCLE} = 1`)),
      findings: [gone(RECYCLE, 'Linux 4.12 took it away, as it dropped clients behind NAT', [1, 2])],
    },
    {
      name: 'taken away long ago',
      host: hostOf(tuned('net.ipv4.tcp_max_ssthresh = 100', { kernel: '3.18.0' })),
      findings: [gone('net.ipv4.tcp_max_ssthresh', 'Linux 3.13 took it away')],
    },
    {
      name: 'of another kernel',
      host: hostOf(tuned('net/ipv4/tcp_tw_timeout = 5')),
      findings: [
        gone('net.ipv4.tcp_tw_timeout', 'only the kernels of one cloud do, and TIME_WAIT lasts 60 s here'),
      ],
    },
    {
      name: 'renamed',
      host: hostOf(tuned(`${OLD} = 65536`)),
      findings: [gone(OLD, 'it is called net.netfilter.nf_conntrack_max now')],
    },
  ],
});
