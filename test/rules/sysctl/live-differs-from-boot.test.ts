import { liveDiffersFromBoot } from '../../../src/rules/sysctl/live-differs-from-boot.ts';
import type { OtherWriter } from '../../../src/snapshot/other-writer.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

const SOMAXCONN = 'net.core.somaxconn';
const RMEM = 'net.ipv4.tcp_rmem';
const FIN = 'net.ipv4.tcp_fin_timeout';
const SYN = 'net.ipv4.tcp_max_syn_backlog';
const a = '/etc/sysctl.d/10-a.conf';
const b = '/etc/sysctl.d/90-b.conf';

const rcLocal: OtherWriter = {
  by: 'rc-local',
  key: SOMAXCONN,
  value: '1024',
  relation: 'exactly',
  file: '/etc/rc.local',
  line: 2,
  when: 'after-loader',
  how: 'command',
  sure: true,
};

/** What is found where rcLocal sets it in the end. */
const rewrittenFrom = (live: string) =>
  ({
    messageId: 'rewritten',
    severity: 'info',
    subjects: [SOMAXCONN],
    confidence: 'inferred',
    args: {
      key: SOMAXCONN,
      live,
      to: '1024',
      manager: 'rc.local',
      when: 'after the sysctl files are applied',
      place: '/etc/rc.local:2',
    },
    remedies: [],
  }) as const;

testRule(liveDiffersFromBoot, {
  pass: [
    { name: 'no file and the defaults', host: hostOf({ sysctls: { [SOMAXCONN]: 4096 }, files: {} }) },
    {
      name: 'a key of the whole host, seen from a child network namespace',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 4096, 'net.core.rmem_max': 4194304 },
        absent: ['net.core.netdev_max_backlog'],
        files: { [a]: 'net.core.rmem_max = 16777216\n' },
      }),
    },
    {
      name: 'the same value in another form',
      host: hostOf({
        sysctls: { [RMEM]: '4096\t131072\t6291456' },
        files: { [a]: `${RMEM} = 0x1000 131072 6291456\n` },
      }),
    },
    {
      name: 'a malformed line, which is another rule',
      host: hostOf({
        kernel: '6.1.0',
        sysctls: { [RMEM]: '4096 131072 6291456' },
        files: { [a]: `${RMEM} = 4096 65536\n` },
      }),
    },
    {
      name: 'changed, and named by a line that the kernel refuses',
      host: hostOf({
        kernel: '6.12.0',
        sysctls: { [SOMAXCONN]: 8192 },
        files: { [a]: `${SOMAXCONN} = many\n` },
      }),
    },
    {
      name: 'a vector that falls, which is another rule, and in no file',
      host: hostOf({ kernel: '6.1.0', sysctls: { [RMEM]: '6291456 131072 4096' }, files: {} }),
    },
    {
      name: 'raised by the system manager at every boot',
      host: hostOf({ sysctls: { 'net.unix.max_dgram_qlen': 512, 'fs.nr_open': 1073741816 }, files: {} }),
    },
    {
      name: 'a list of ports in the form that the kernel gives back',
      host: hostOf({
        sysctls: { 'net.ipv4.ip_local_reserved_ports': '8080-8081' },
        files: { [a]: 'net.ipv4.ip_local_reserved_ports = 8081,8080\n' },
      }),
    },
    {
      name: 'a line that a rule of advice/ has taken out',
      host: hostOf({
        sysctls: { 'net.ipv4.tcp_syncookies': 1 },
        files: { [a]: 'net.ipv4.tcp_syncookies = 0\n' },
      }),
    },
    {
      name: 'a line that another program rewrites, which is another rule, whatever stands there now',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 4096 },
        files: { '/etc/sysctl.d/60-backlogctl.conf': `${SOMAXCONN} = 8192\n` },
        otherWriters: [rcLocal],
      }),
    },
    {
      name: 'two others, and nothing says which comes last',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 4096 },
        files: { [a]: `${SOMAXCONN} = 8192\n` },
        otherWriters: [rcLocal, { ...rcLocal, by: 'unit', value: '512' }],
      }),
    },
    {
      name: 'two others that set what no file does',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 256 },
        files: {},
        otherWriters: [rcLocal, { ...rcLocal, by: 'unit', value: '512' }],
      }),
    },
    { name: 'a key that was not read', host: hostOf({ files: { [a]: `${SOMAXCONN} = 1024\n` } }) },
  ],
  notApplicable: [
    {
      name: 'a container',
      host: hostOf({
        environment: 'container',
        sysctls: { [SOMAXCONN]: 128 },
        files: { [a]: `${SOMAXCONN} = 4096\n` },
      }),
    },
  ],
  unknown: [
    {
      name: 'the files were not read',
      host: hostOf({ sysctls: { [SOMAXCONN]: 128 } }),
      why: 'the sysctl files were not collected',
    },
  ],
  fail: [
    {
      name: 'changed by hand: a person must say which is right',
      host: hostOf({
        kernel: '4.19.0',
        sysctls: { [SOMAXCONN]: 4096 },
        files: { [a]: `${SOMAXCONN} = 1024\n` },
      }),
      findings: [
        {
          messageId: 'differs',
          severity: 'low',
          confidence: 'inferred',
          subjects: [SOMAXCONN],
          args: { key: SOMAXCONN, live: '4096', boot: '1024', line: `${a}:1` },
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'a line of our own is no reason by itself to set the value again',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 4096 },
        files: { '/etc/sysctl.d/90-backlogctl.conf': `${SOMAXCONN} = 8192\n` },
      }),
      findings: [
        {
          messageId: 'ours',
          severity: 'medium',
          confidence: 'inferred',
          subjects: [SOMAXCONN],
          args: {
            key: SOMAXCONN,
            live: '4096',
            boot: '8192',
            line: '/etc/sysctl.d/90-backlogctl.conf:1',
          },
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'several settings of one file have one cause',
      host: hostOf({
        kernel: '4.19.0',
        sysctls: { [SOMAXCONN]: 4096, [FIN]: 20, [SYN]: 300 },
        files: { [a]: `${SOMAXCONN} = 1024\n${FIN} = 30\n`, [b]: `${SYN} = 200\n` },
      }),
      findings: [
        {
          messageId: 'differs',
          severity: 'low',
          confidence: 'inferred',
          subjects: [SYN],
          args: { key: SYN, live: '300', boot: '200', line: `${b}:1` },
          remedies: ['investigate'],
        },
        {
          messageId: 'manyDiffer',
          severity: 'low',
          confidence: 'inferred',
          subjects: [SOMAXCONN, FIN],
          args: { file: a },
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'an exception from a pattern is meant, wherever it stands',
      host: hostOf({
        sysctls: { 'net.ipv4.conf.eth0.rp_filter': 2 },
        files: {
          [a]: 'net.ipv4.conf.eth0.rp_filter = 0\n',
          [b]: 'net.ipv4.conf.*.rp_filter = 2\n',
        },
      }),
      findings: [
        {
          messageId: 'differs',
          severity: 'low',
          confidence: 'inferred',
          subjects: ['net.ipv4.conf.eth0.rp_filter'],
          args: { key: 'net.ipv4.conf.eth0.rp_filter', live: '2', boot: '0', line: `${a}:1` },
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'a later file beats the line that the live value agrees with',
      host: hostOf({
        kernel: '5.15.0',
        sysctls: { [SOMAXCONN]: 8192 },
        files: { [a]: `${SOMAXCONN} = 8192\n`, [b]: `\n${SOMAXCONN} = 512\n` },
      }),
      findings: [
        {
          messageId: 'beaten',
          severity: 'medium',
          confidence: 'inferred',
          subjects: [SOMAXCONN],
          args: { key: SOMAXCONN, live: '8192', boot: '512', line: `${b}:2`, beaten: `${a}:1` },
          remedies: [`delete-line ${b}:2 persistence`],
        },
      ],
    },
    {
      name: 'a copy left beside its original wins',
      host: hostOf({
        kernel: '5.15.0',
        sysctls: { [SOMAXCONN]: 4096 },
        files: {
          '/etc/sysctl.d/90-web.conf': `${SOMAXCONN} = 16384\n`,
          '/etc/sysctl.d/90-web.old.conf': `${SOMAXCONN} = 1024\n`,
          '/etc/sysctl.d/90-web.conf.bak': `${SOMAXCONN} = 128\n`,
        },
      }),
      findings: [
        {
          messageId: 'beaten',
          severity: 'medium',
          confidence: 'inferred',
          subjects: [SOMAXCONN],
          args: {
            key: SOMAXCONN,
            live: '4096',
            boot: '1024',
            line: '/etc/sysctl.d/90-web.old.conf:1',
            beaten: '/etc/sysctl.d/90-web.conf:1',
          },
          remedies: ['delete-line /etc/sysctl.d/90-web.old.conf:1 persistence'],
        },
      ],
    },
    {
      name: 'a line that was never applied',
      host: hostOf({
        kernel: '6.12.0',
        sysctls: { [SOMAXCONN]: 4096 },
        files: { [a]: `${SOMAXCONN} = 8192\n` },
      }),
      findings: [
        {
          messageId: 'notApplied',
          severity: 'medium',
          confidence: 'inferred',
          subjects: [SOMAXCONN],
          args: { key: SOMAXCONN, live: '4096', boot: '8192', line: `${a}:1` },
          remedies: [`require ${SOMAXCONN} at-least 8192`],
        },
      ],
    },
    {
      name: 'two lines that contradict each other, and neither was applied',
      host: hostOf({
        kernel: '6.12.0',
        sysctls: { [SOMAXCONN]: 4096 },
        files: { [a]: `${SOMAXCONN} = 8192\n`, [b]: `${SOMAXCONN} = 16384\n` },
      }),
      findings: [
        {
          messageId: 'differs',
          severity: 'low',
          confidence: 'inferred',
          subjects: [SOMAXCONN],
          args: { key: SOMAXCONN, live: '4096', boot: '16384', line: `${b}:1` },
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'a line that was never applied, and better is not',
      host: hostOf({
        kernel: '6.12.0',
        sysctls: { [SOMAXCONN]: 4096 },
        files: { [a]: `${SOMAXCONN} = 128\n` },
      }),
      findings: [
        {
          messageId: 'differs',
          severity: 'low',
          confidence: 'inferred',
          subjects: [SOMAXCONN],
          args: { key: SOMAXCONN, live: '4096', boot: '128', line: `${a}:1` },
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'a line that was never applied, to a key without effect',
      host: hostOf({ kernel: '6.12.0', sysctls: { [SYN]: 512 }, files: { [a]: `${SYN} = 65536\n` } }),
      findings: [
        {
          messageId: 'differs',
          severity: 'low',
          confidence: 'inferred',
          subjects: [SYN],
          args: { key: SYN, live: '512', boot: '65536', line: `${a}:1` },
          remedies: ['investigate'],
        },
      ],
    },
    {
      name: 'in a file that the loader of this host does not read',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 8192 },
        files: { '/etc/sysctl.conf': `${SOMAXCONN} = 8192\n` },
      }),
      findings: [
        {
          messageId: 'onlyLive',
          severity: 'info',
          confidence: 'inferred',
          subjects: [SOMAXCONN],
          args: { keys: 1 },
          remedies: [],
        },
      ],
    },
    {
      name: "a package's line that another program rewrites: what stands in the end",
      host: hostOf({
        sysctls: { [SOMAXCONN]: 4096 },
        files: { '/usr/lib/sysctl.d/50-a.conf': `${SOMAXCONN} = 8192\n` },
        otherWriters: [rcLocal],
      }),
      findings: [rewrittenFrom('4096')],
    },
    {
      name: 'in no file, and another program sets it: no reboot brings the own value of the kernel back',
      host: hostOf({ sysctls: { [SOMAXCONN]: 256 }, files: {}, otherWriters: [rcLocal] }),
      findings: [rewrittenFrom('256')],
    },
    {
      name: 'only live: information for all keys together',
      host: hostOf({ kernel: '6.12.0', sysctls: { [SOMAXCONN]: 8192, [FIN]: 30 }, files: {} }),
      findings: [
        {
          messageId: 'onlyLive',
          severity: 'info',
          confidence: 'inferred',
          subjects: [SOMAXCONN, FIN],
          args: { keys: 2 },
          remedies: [],
        },
      ],
    },
  ],
});
