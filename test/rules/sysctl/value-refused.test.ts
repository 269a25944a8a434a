import { valueRefused } from '../../../src/rules/sysctl/value-refused.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

const KEEPALIVE = 'net.ipv4.tcp_keepalive_time';
const SOMAXCONN = 'net.core.somaxconn';
const file = '/etc/sysctl.d/60-x.conf';

function refused(messageId: 'no-number' | 'too-large', key: string, value: string, most: number) {
  return {
    messageId,
    severity: 'medium',
    confidence: 'inferred',
    subjects: [`${file}:1`],
    args: { key, value, line: `${file}:1`, most },
    remedies: [`delete-line ${file}:1 bad-setting`],
  } as const;
}

function hostWith(key: string, value: string, kernel = '6.18.0') {
  return hostOf({ kernel, sysctls: { [SOMAXCONN]: 4096 }, files: { [file]: `${key} = ${value}\n` } });
}

testRule(valueRefused, {
  pass: [
    { name: 'a number that the kernel takes', host: hostWith(SOMAXCONN, '65536') },
    { name: 'what stands behind the number and a blank', host: hostWith(SOMAXCONN, '65536 # big') },
    { name: 'a vector, which another rule looks at', host: hostWith('net.ipv4.tcp_rmem', '9999999999') },
    { name: 'a key that nobody knows', host: hostWith('vm.nonsense', 'x') },
    {
      name: 'seconds that some kernels count in their ticks, where nobody knows these',
      host: hostWith(KEEPALIVE, '9000000'),
    },
    {
      name: 'seconds that the kernel counts in its ticks',
      host: hostOf({ ticksPerSecond: 100, files: { [file]: `${KEEPALIVE} = 9000000\n` } }),
    },
    {
      name: 'above a bound that is ours',
      host: hostWith('net.ipv4.ip_forward', '2'),
    },
    {
      name: 'above what the kernel takes no more, on one that still takes it',
      host: hostWith('net.ipv4.tcp_tw_reuse', '5', '4.9.0'),
    },
    {
      name: 'a line that a later one beats',
      host: hostOf({
        sysctls: {},
        files: { [file]: `${SOMAXCONN} = x\n`, '/etc/sysctl.d/70-y.conf': `${SOMAXCONN} = 4096\n` },
      }),
    },
  ],
  notApplicable: [
    {
      name: 'in a container',
      host: hostOf({ environment: 'container', sysctls: {}, files: { [file]: `${SOMAXCONN} = x\n` } }),
    },
  ],
  fail: [
    {
      name: 'above INT_MAX',
      host: hostWith(SOMAXCONN, '3000000000'),
      findings: [refused('too-large', SOMAXCONN, '3000000000', 2147483647)],
    },
    {
      name: 'above what 16 bits hold, where the kernel has no more',
      host: hostWith(SOMAXCONN, '262144', '3.16.0'),
      findings: [refused('too-large', SOMAXCONN, '262144', 65535)],
    },
    {
      name: 'above a byte',
      host: hostWith('net.ipv4.tcp_syncookies', '300'),
      findings: [refused('too-large', 'net.ipv4.tcp_syncookies', '300', 255)],
    },
    {
      name: 'above what the kernel takes no more',
      host: hostWith('net.ipv4.tcp_tw_reuse', '5', '6.1.0'),
      findings: [refused('too-large', 'net.ipv4.tcp_tw_reuse', '5', 2)],
    },
    {
      name: 'more seconds than the kernel counts in its ticks',
      host: hostOf({ ticksPerSecond: 250, files: { [file]: `${KEEPALIVE} = 9000000\n` } }),
      findings: [refused('too-large', KEEPALIVE, '9000000', 8_589_934)],
    },
    {
      name: 'more seconds than any kernel counts in its ticks',
      host: hostWith(KEEPALIVE, '30000000'),
      findings: [refused('too-large', KEEPALIVE, '30000000', 21_474_836)],
    },
    {
      name: 'of a key that no audit reads',
      host: hostWith('net.ipv4.tcp_plb_rehash_rounds', '32', '6.12.0'),
      findings: [refused('too-large', 'net.ipv4.tcp_plb_rehash_rounds', '32', 31)],
    },
    {
      name: 'no number: 65536;',
      host: hostWith(SOMAXCONN, '65536;'),
      findings: [refused('no-number', SOMAXCONN, '65536;', 2147483647)],
    },
    {
      name: 'no number: 65k',
      host: hostWith(SOMAXCONN, '65k'),
      findings: [refused('no-number', SOMAXCONN, '65k', 2147483647)],
    },
    {
      name: 'no number: yes',
      host: hostWith(SOMAXCONN, 'yes'),
      findings: [refused('no-number', SOMAXCONN, 'yes', 2147483647)],
    },
    {
      name: 'no number: "4096"',
      host: hostWith(SOMAXCONN, '"4096"'),
      findings: [refused('no-number', SOMAXCONN, '"4096"', 2147483647)],
    },
  ],
});
