import { vectorMalformed } from '../../../src/rules/sysctl/vector-malformed.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

const RMEM = 'net.ipv4.tcp_rmem';
const TCP_MEM = 'net.ipv4.tcp_mem';
const PORTS = 'net.ipv4.ip_local_port_range';
const OWN = '4096 131072 6291456';
const file = '/etc/sysctl.d/tuner.conf';

function line(key: string, value: string, problem: string) {
  return {
    messageId: 'line',
    severity: 'medium',
    confidence: 'inferred',
    subjects: [`${file}:1`],
    args: { key, value, problem, line: `${file}:1` },
    remedies: [`delete-line ${file}:1 bad-setting`],
  } as const;
}

testRule(vectorMalformed, {
  pass: [
    {
      name: 'in order, with tabs',
      host: hostOf({
        kernel: '6.1.0',
        sysctls: { [RMEM]: '4096\t131072\t6291456', [PORTS]: '32768\t60999' },
        files: {},
      }),
    },
    {
      name: 'equal members',
      host: hostOf({ sysctls: { [RMEM]: '87380 87380 87380', [PORTS]: '40000 40000' } }),
    },
    {
      name: 'words behind the last number, at which the kernel does not look',
      host: hostOf({ sysctls: { [RMEM]: OWN }, files: { [file]: `${RMEM} = ${OWN} # ours\n` } }),
    },
    {
      name: 'a line that a later one beats',
      host: hostOf({
        sysctls: { [RMEM]: OWN },
        files: { [file]: `${RMEM} = 9 8 7\n`, '/etc/sysctl.d/zz.conf': `${RMEM} = ${OWN}\n` },
      }),
    },
    {
      name: 'a file of the host seen from a container',
      host: hostOf({
        environment: 'container',
        sysctls: { [RMEM]: OWN },
        files: { [file]: `${RMEM} = 9 8 7\n` },
      }),
    },
    {
      name: 'tcp_mem above 2147483647, whose numbers are longs',
      host: hostOf({ sysctls: { [TCP_MEM]: '188319 251092 3000000000' } }),
    },
  ],
  fail: [
    {
      name: 'refused at boot after the first two numbers',
      host: hostOf({
        kernel: '6.1.0',
        sysctls: { [RMEM]: '4096 87380 1734723440' },
        files: { [file]: `${RMEM} = 4096 87380 2168404300\n` },
      }),
      findings: [
        {
          messageId: 'half',
          severity: 'high',
          confidence: 'inferred',
          subjects: [RMEM],
          args: { key: RMEM, value: '4096 87380 1734723440', line: `${file}:1` },
          remedies: [`require ${RMEM} exactly ${OWN}`, `delete-line ${file}:1 bad-setting`],
        },
        line(RMEM, '4096 87380 2168404300', 'too-large'),
      ],
    },
    {
      name: 'refused, but what was taken is what the kernel sets anyway',
      host: hostOf({
        kernel: '6.1.0',
        sysctls: { [RMEM]: OWN },
        files: { [file]: `${RMEM} = 4096 131072 4294967296\n` },
      }),
      findings: [line(RMEM, '4096 131072 4294967296', 'too-large')],
    },
    {
      name: 'live out of order, no file',
      host: hostOf({ kernel: '6.1.0', sysctls: { [RMEM]: '10 5 1' }, files: {} }),
      findings: [
        {
          messageId: 'live',
          severity: 'high',
          confidence: 'measured',
          subjects: [RMEM],
          args: { key: RMEM, value: '10 5 1', problem: 'order' },
          remedies: [`require ${RMEM} exactly ${OWN}`],
        },
      ],
    },
    {
      name: 'two numbers of three in a file',
      host: hostOf({
        kernel: '6.1.0',
        sysctls: { [RMEM]: OWN },
        files: { [file]: `${RMEM} = 4096 65536\n` },
      }),
      findings: [line(RMEM, '4096 65536', 'length')],
    },
    {
      name: 'no number in a file',
      host: hostOf({ sysctls: { [PORTS]: '32768 60999' }, files: { [file]: `${PORTS} = 32768-60999\n` } }),
      findings: [line(PORTS, '32768-60999', 'no-number')],
    },
    {
      name: 'words behind too few numbers',
      host: hostOf({ sysctls: { [RMEM]: OWN }, files: { [file]: `${RMEM} = 4096 # ours\n` } }),
      findings: [line(RMEM, '4096 # ours', 'no-number')],
    },
    {
      name: 'a live value whose own default is not known for certain: no number is made up',
      host: hostOf({ sysctls: { [TCP_MEM]: '500000 400000 300000' } }),
      findings: [
        {
          messageId: 'live',
          severity: 'high',
          confidence: 'measured',
          subjects: [TCP_MEM],
          args: { key: TCP_MEM, value: '500000 400000 300000', problem: 'order' },
          remedies: ['investigate'],
        },
      ],
    },
  ],
});
