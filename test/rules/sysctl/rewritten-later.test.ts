import { expect, test } from '@jest/globals';
import { assess } from '../../../src/assess/assess.ts';
import { plainText } from '../../../src/core/text.ts';
import { runRules } from '../../../src/rules/engine.ts';
import { rewrittenLater } from '../../../src/rules/sysctl/rewritten-later.ts';
import type { OtherWriter } from '../../../src/snapshot/other-writer.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

const FIN = 'net.ipv4.tcp_fin_timeout';
const SOMAXCONN = 'net.core.somaxconn';
const SWAP = 'vm.swappiness';
const a = '/etc/sysctl.d/10-a.conf';
const UFW = '/etc/ufw/sysctl.conf';
const PROFILE = '/usr/lib/tuned/throughput-performance/tuned.conf';
const after = 'after the sysctl files are applied';

const writer = (key: string, value: string, more: Partial<OtherWriter> = {}): OtherWriter => ({
  by: 'tuned',
  key,
  value,
  relation: 'exactly',
  file: PROFILE,
  line: 20,
  when: 'after-loader',
  how: 'setting',
  sure: true,
  ...more,
});

const RERUN: OtherWriter = {
  by: 'tuned',
  key: '*',
  relation: 'exactly',
  file: '/etc/tuned/tuned-main.conf',
  line: 29,
  when: 'after-loader',
  how: 'rerun',
  sure: true,
};
const docker: OtherWriter = {
  by: 'docker',
  key: 'net.ipv4.ip_forward',
  value: '1',
  relation: 'exactly',
  file: '/etc/systemd/system/multi-user.target.wants/docker.service',
  when: 'after-loader',
  how: 'default',
  sure: true,
};

testRule(rewrittenLater, {
  pass: [
    {
      name: 'a line that is better beaten',
      host: hostOf({
        sysctls: { 'net.ipv4.tcp_sack': 1 },
        files: { [a]: 'net.ipv4.tcp_sack = 0\n' },
        otherWriters: [writer('net.ipv4.tcp_sack', '1')],
      }),
    },
    { name: 'nobody else', host: hostOf({ sysctls: { [FIN]: 60 }, files: { [a]: `${FIN} = 60\n` } }) },
    {
      name: 'the other sets the same',
      host: hostOf({
        sysctls: { [FIN]: 60 },
        files: {
          [a]: `${FIN} = 60\n`,
          [UFW]: 'net/ipv4/tcp_fin_timeout=60\n',
          '/etc/ufw/ufw.conf': 'ENABLED=yes\n',
        },
      }),
    },
    {
      name: 'ufw is not enabled',
      host: hostOf({
        sysctls: { [FIN]: 60 },
        files: {
          [a]: `${FIN} = 60\n`,
          [UFW]: 'net/ipv4/tcp_fin_timeout=20\n',
          '/etc/ufw/ufw.conf': 'ENABLED=no\n',
        },
      }),
    },
    {
      name: 'ufw loads another file, which was not collected',
      host: hostOf({
        files: {
          [a]: `${FIN} = 60\n`,
          [UFW]: 'net/ipv4/tcp_fin_timeout=20\n',
          '/etc/default/ufw': 'IPT_SYSCTL=/etc/sysctl.conf\n',
          '/etc/ufw/ufw.conf': 'ENABLED=yes\n',
        },
      }),
    },
    {
      name: 'TuneD applies the sysctl files behind its profile',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 1024 },
        files: { [a]: `${SOMAXCONN} = 1024\n` },
        otherWriters: [writer(SOMAXCONN, '2048'), RERUN],
      }),
    },
    {
      name: 'a profile that only raises, and the line is above it',
      host: hostOf({
        files: { [a]: `${SOMAXCONN} = 4096\n` },
        otherWriters: [writer(SOMAXCONN, '2048', { relation: 'at-least' })],
      }),
    },
    {
      name: 'one that may set it, and one whose value is not known',
      host: hostOf({
        files: { [a]: `${SOMAXCONN} = 4096\n${FIN} = 30\n` },
        otherWriters: [
          writer(SOMAXCONN, '2048', { sure: false }),
          {
            by: 'networkmanager',
            key: FIN,
            relation: 'exactly',
            file: '/x',
            when: 'after-loader',
            how: 'default',
            sure: true,
          },
        ],
      }),
    },
    {
      name: 'the kernel command line, which every line beats',
      host: hostOf({
        files: { [a]: `${FIN} = 30\n` },
        otherWriters: [writer(FIN, '20', { by: 'kernel-command-line', when: 'before-loader', how: 'line' })],
      }),
    },
    {
      name: "a line of a package's own file",
      host: hostOf({
        files: { '/usr/lib/sysctl.d/10-x.conf': `${SWAP} = 60\n` },
        otherWriters: [writer(SWAP, '10')],
      }),
    },
    {
      name: 'a pattern of interfaces, which `all` is none of',
      host: hostOf({
        files: { [a]: 'net.ipv4.conf.all.promote_secondaries = 0\n' },
        otherWriters: [writer('net.ipv4.conf.*.promote_secondaries', '1', { by: 'systemd-networkd' })],
      }),
    },
  ],
  notApplicable: [
    {
      name: 'a container',
      host: hostOf({
        environment: 'container',
        files: { [a]: `${FIN} = 60\n` },
        otherWriters: [writer(FIN, '1')],
      }),
    },
  ],
  unknown: [
    { name: 'the files were not read', host: hostOf({}), why: 'the sysctl files were not collected' },
  ],
  fail: [
    {
      name: 'ufw writes another value after the sysctl files',
      host: hostOf({
        sysctls: { [FIN]: 20 },
        files: {
          [a]: `${FIN} = 60\n`,
          [UFW]: '# ufw\nnet/ipv4/tcp_fin_timeout=20\n',
          '/etc/default/ufw': `IPT_SYSCTL=${UFW}\n`,
          '/etc/ufw/ufw.conf': 'ENABLED=yes\nLOGLEVEL=low\n',
        },
      }),
      findings: [
        {
          messageId: 'rewritten',
          severity: 'medium',
          confidence: 'inferred',
          subjects: [FIN],
          args: {
            key: FIN,
            line: `${a}:1`,
            value: '60',
            manager: 'ufw',
            to: '20',
            when: after,
            place: `${UFW}:2`,
          },
          remedies: [`change-other-manager ufw ${UFW}:2`, `delete-line ${UFW}:2 persistence`],
        },
      ],
    },
    {
      name: 'TuneD applies /etc/sysctl.conf last, which systemd passes over',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 512 },
        files: {
          '/etc/sysctl.d/99-x.conf': `${SOMAXCONN} = 4096\n`,
          '/etc/sysctl.conf': `${SOMAXCONN} = 512\n`,
        },
        otherWriters: [RERUN],
      }),
      findings: [
        {
          messageId: 'rewritten',
          severity: 'medium',
          confidence: 'inferred',
          subjects: [SOMAXCONN],
          args: {
            key: SOMAXCONN,
            line: '/etc/sysctl.d/99-x.conf:1',
            value: '4096',
            manager: 'TuneD',
            to: '512',
            when: 'when it applies this file behind its profile',
            place: '/etc/sysctl.conf:1',
          },
          remedies: ['change-other-manager tuned /etc/sysctl.conf:1'],
        },
      ],
    },
    {
      name: 'a profile without the files behind it; a key outside net',
      host: hostOf({
        sysctls: { [SWAP]: 10 },
        files: { [a]: `${SWAP} = 60\n` },
        otherWriters: [writer(SWAP, '10')],
      }),
      findings: [
        {
          messageId: 'rewritten',
          severity: 'low',
          confidence: 'inferred',
          subjects: [SWAP],
          args: {
            key: SWAP,
            line: `${a}:1`,
            value: '60',
            manager: 'TuneD',
            to: '10',
            when: after,
            place: `${PROFILE}:20`,
          },
          remedies: [`change-other-manager tuned ${PROFILE}:20`],
        },
      ],
    },
    {
      name: 'the same variable by its other name, and what stands there now says otherwise',
      host: hostOf({
        sysctls: { 'net.ipv4.conf.all.forwarding': 0 },
        files: { [a]: 'net.ipv4.conf.all.forwarding = 0\n' },
        otherWriters: [docker],
      }),
      findings: [
        {
          messageId: 'expected',
          severity: 'medium',
          confidence: 'assumed',
          subjects: ['net.ipv4.conf.all.forwarding'],
          args: {
            key: 'net.ipv4.conf.all.forwarding',
            line: `${a}:1`,
            value: '0',
            manager: 'Docker',
            to: '1',
            when: `by default ${after}`,
            place: docker.file,
            live: '0',
          },
          remedies: ['change-other-manager docker'],
        },
      ],
    },
    {
      name: 'an interface that a pattern matches, whose name holds a dot',
      host: hostOf({
        files: { [a]: 'net.ipv4.conf.eth0/1.promote_secondaries = 0\n' },
        otherWriters: [
          writer('net.ipv4.conf.eth*.promote_secondaries', '1', {
            by: 'systemd-networkd',
            how: 'default',
            file: '/etc/systemd/network/lan.network',
          }),
        ],
      }),
      findings: [
        {
          messageId: 'rewritten',
          severity: 'medium',
          confidence: 'inferred',
          subjects: ['net.ipv4.conf.eth0/1.promote_secondaries'],
          args: {
            key: 'net.ipv4.conf.eth0/1.promote_secondaries',
            line: `${a}:1`,
            value: '0',
            manager: 'systemd-networkd',
            to: '1',
            when: `by default ${after}`,
            place: '/etc/systemd/network/lan.network:20',
          },
          remedies: ['change-other-manager systemd-networkd /etc/systemd/network/lan.network:20'],
        },
      ],
    },
  ],
});

test('a value that stands, and not for long, is not held against itself', () => {
  const host = hostOf({
    sysctls: { [FIN]: 60 },
    files: {
      [a]: `${FIN} = 60\n`,
      [UFW]: 'net/ipv4/tcp_fin_timeout=20\n',
      '/etc/ufw/ufw.conf': 'ENABLED=yes\n',
    },
  });
  const { findings } = runRules(assess(host), { rules: [rewrittenLater], waivers: [], today: '' });
  expect(findings[0]?.evidence.map(({ expected }) => plainText(expected ?? []))).toEqual([
    '20 after the next boot',
  ]);
});
