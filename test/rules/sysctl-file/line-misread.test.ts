import { lineMisread } from '../../../src/rules/sysctl-file/line-misread.ts';
import { Snapshot } from '../../../src/snapshot/snapshot.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { FILE, tuned } from '../advice/rows.ts';
import { hostOf } from '../host.ts';

const KEEPALIVE = 'net.ipv4.tcp_keepalive_time';

function by(kind: 'systemd' | 'procps' | 'busybox' | 'none', version: string, text: string): Snapshot {
  const path = kind === 'busybox' ? '/etc/sysctl.conf' : FILE;
  return Snapshot.parse({
    ...hostOf({ sysctls: { 'net.core.somaxconn': 4096 }, files: { [path]: text } }),
    loader: { kind: { ok: true, value: kind }, version: { ok: true, value: version } },
  });
}

function low(messageId: string, lines: readonly number[], loader: string, fails = false, file = FILE) {
  return {
    messageId,
    severity: 'low',
    confidence: 'inferred',
    subjects: lines.map((line) => `${file}:${line}`),
    args: { loader, fails },
    remedies: lines.map((line) => `delete-line ${file}:${line} bad-setting`),
  } as const;
}

function info(messageId: string, lines: readonly number[], loader: string, file = FILE) {
  return { ...low(messageId, lines, loader, false, file), severity: 'info', remedies: [] } as const;
}

const MIXED = `${KEEPALIVE} = 600\n# right\n-net.ipv4.conf.all.rp_filter\nkernel.core_pattern=|/bin/x %p\n`;

testRule(lineMisread, {
  pass: [
    { name: 'as it should be', host: by('systemd', '257.13', MIXED) },
    {
      name: 'a semicolon where it still is a comment',
      host: by('systemd', '257.13', '; note\n;net.core.somaxconn = 1\n'),
    },
    {
      name: 'a list of ports that is cleared',
      host: by('systemd', '257.13', 'net.ipv4.ip_local_reserved_ports =\n'),
    },
    {
      name: 'quotes that the kernel refuses, which sysctl/value-refused says',
      host: by('systemd', '257.13', `${KEEPALIVE} = "600"\n`),
    },
    {
      name: 'text in quotes of which nobody knows whether it is meant',
      host: by('systemd', '257.13', 'kernel.core_pattern = "core"\n'),
    },
    { name: 'a file that is not read', host: by('systemd', '257.13', '') },
    {
      name: 'our own drop-in',
      host: hostOf({ files: { '/etc/sysctl.d/90-backlogctl.conf': 'no assignment\n' } }),
    },
  ],
  notApplicable: [
    { name: 'a container', host: hostOf({ environment: 'container', files: { [FILE]: 'x y\n' } }) },
    { name: 'no loader', host: by('none', '1', 'x y\n') },
  ],
  fail: [
    {
      name: 'no equals sign: systemd fails',
      host: by('systemd', '252.39', `net.core.somaxconn 4096\n${KEEPALIVE}: 600\n`),
      findings: [low('no-assignment', [1, 2], 'systemd-sysctl 252.39', true)],
    },
    {
      name: 'no equals sign: procps passes over it',
      host: by('procps', '4.0.4', 'net.core.somaxconn 4096\n'),
      findings: [low('no-assignment', [1], 'procps sysctl 4.0.4')],
    },
    {
      name: 'words of a shell before the key',
      host: by(
        'systemd',
        '257.13',
        `export ${KEEPALIVE} = 600\nsysctl -w net/ipv4/tcp_sack=1\nno key here = 1\n`,
      ),
      findings: [low('words-before-key', [1, 2], 'systemd-sysctl 257.13')],
    },
    {
      name: 'semicolons that are no comment any more',
      host: by('systemd', '262.1', '; note\n;net.core.somaxconn = 1\n'),
      findings: [
        low('semicolon', [1], 'systemd-sysctl 262.1', true),
        info('semicolon', [2], 'systemd-sysctl 262.1'),
      ],
    },
    {
      name: 'a byte order mark before a setting',
      host: by('systemd', '257.13', `\ufeff${KEEPALIVE} = 600\n`),
      findings: [low('byte-order-mark', [1], 'systemd-sysctl 257.13')],
    },
    {
      name: 'a byte order mark before a comment: systemd fails',
      host: by('systemd', '257.13', `\ufeff# note\n${KEEPALIVE} = 600\n`),
      findings: [low('byte-order-mark', [1], 'systemd-sysctl 257.13', true)],
    },
    {
      name: 'a byte order mark before a comment: procps does not care',
      host: by('procps', '4.0.4', `\ufeff# note\n${KEEPALIVE} = 600\n`),
      findings: [info('byte-order-mark', [1], 'procps sysctl 4.0.4')],
    },
    {
      name: 'quotes around a name and around a number that no other rule judges',
      host: by(
        'systemd',
        '257.13',
        'net.ipv4.tcp_congestion_control = "bbr"\nkernel.pid_max = \'4194304\'\n',
      ),
      findings: [low('quotes', [1, 2], 'systemd-sysctl 257.13')],
    },
    {
      name: 'comments behind values',
      host: by(
        'systemd',
        '257.13',
        `${KEEPALIVE} = 600 # ten minutes\nnet.ipv4.tcp_congestion_control = bbr # fast\n`,
      ),
      findings: [
        low('comment-in-value', [2], 'systemd-sysctl 257.13'),
        info('comment', [1], 'systemd-sysctl 257.13'),
      ],
    },
    {
      name: 'no value, which busybox passes over',
      host: by('busybox', '1.37.0', `${KEEPALIVE} =\n`),
      findings: [low('no-value', [1], 'busybox sysctl 1.37.0', false, '/etc/sysctl.conf')],
    },
    {
      name: 'no value, which systemd writes',
      host: by('systemd', '257.13', 'net.ipv4.conf.all.promote_secondaries =\n'),
      findings: [info('empty-value', [1], 'systemd-sysctl 257.13')],
    },
    {
      name: 'carriage returns alone, to procps',
      host: by('procps', '4.0.4', `kernel.pid_max = 4194304\r${KEEPALIVE} = 600\n`),
      findings: [low('carriage-return', [1], 'procps sysctl 4.0.4')],
    },
    {
      name: 'line ends of Windows',
      host: hostOf(tuned(`${KEEPALIVE} = 600\r\nkernel.pid_max = 4194304\r`)),
      findings: [
        {
          messageId: 'windows-lines',
          severity: 'info',
          confidence: 'inferred',
          subjects: [FILE],
          args: { file: FILE, loader: 'systemd-sysctl' },
          remedies: [],
        },
      ],
    },
  ],
});
