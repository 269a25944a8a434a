import { cookiesOff } from '../../../src/rules/syn-queue/cookies-off.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

const KEY = 'net.ipv4.tcp_syncookies';
const SOMAXCONN = 'net.core.somaxconn';
const off = { [KEY]: 0, [SOMAXCONN]: 128, 'net.ipv4.tcp_max_syn_backlog': 512 };
const ufw = '/etc/ufw/sysctl.conf';
const nginx = { process: 'nginx', port: 80, requested: 511, limit: 128 };
const zero = { process: 'websocketpp', port: 9002, requested: 0, limit: 0 };

function cookies(
  severity: 'medium' | 'high',
  dropped: number,
  seconds: number,
  remedies: readonly string[],
  others = 0,
) {
  return {
    messageId: 'off',
    severity,
    confidence: 'measured',
    subjects: [KEY],
    args: { dropped, others, seconds },
    remedies: [`require ${KEY} exactly 1`, ...remedies],
  } as const;
}

function crowded(requests: string) {
  return {
    messageId: 'noRoom',
    severity: 'high',
    confidence: 'inferred',
    subjects: ['tcp:0.0.0.0:9002'],
    args: { requests },
    remedies: ['edit-config websocketpp 128', 'relisten websocketpp'],
  } as const;
}

function strangers(maxSynBacklog: number, requests: string) {
  return {
    messageId: 'fewStrangers',
    severity: 'high',
    confidence: 'measured',
    subjects: [KEY],
    args: { maxSynBacklog, requests },
    remedies: [`require ${KEY} exactly 1`],
  } as const;
}

testRule(cookiesOff, {
  pass: [
    { name: 'on', host: hostOf({ sysctls: { [KEY]: 1 } }) },
    {
      name: 'on and no room in the SYN queue: cookies answer',
      host: hostOf({ kernel: '4.4.0', sysctls: { ...off, [KEY]: 1 }, listeners: [zero] }),
    },
    { name: 'always on', host: hostOf({ sysctls: { [KEY]: 2 } }) },
  ],
  unknown: [{ name: 'not read', host: hostOf({}), why: `${KEY} was not collected` }],
  fail: [
    { name: 'off', host: hostOf({ sysctls: off }), findings: [cookies('medium', 0, 0, [])] },
    {
      name: 'off by a file that systemd-sysctl reads',
      host: hostOf({ sysctls: off, files: { '/etc/sysctl.d/50-x.conf': `${KEY} = 0\n` } }),
      findings: [cookies('medium', 0, 0, ['delete-line /etc/sysctl.d/50-x.conf:1 bad-setting'])],
    },
    {
      name: 'SYNs dropped by the last-quarter rule, which has no counter of its own',
      host: hostOf({ sysctls: off, increases: { ListenDrops: 30, ListenOverflows: 10, TCPReqQFullDrop: 0 } }),
      findings: [cookies('high', 0, 60, [], 20)],
    },
    {
      name: 'overflows of the accept queue alone do not make it worse',
      host: hostOf({ sysctls: off, increases: { ListenDrops: 30, ListenOverflows: 30, TCPReqQFullDrop: 0 } }),
      findings: [cookies('medium', 0, 60, [])],
    },
    {
      name: 'no room at all on a kernel before the fix, and ufw rewrites the key',
      host: hostOf({
        kernel: '4.4.0',
        sysctls: off,
        listeners: [zero, { process: 'nginx', port: 80, requested: 511, limit: 128 }],
        increases: { ListenDrops: 30, TCPReqQFullDrop: 30 },
        files: {
          [ufw]: '# ufw\nnet/ipv4/tcp_syncookies=0\n',
          '/etc/default/ufw': `IPT_SYSCTL=${ufw}\n`,
          '/etc/ufw/ufw.conf': 'ENABLED=yes\n',
        },
      }),
      findings: [cookies('high', 30, 60, [`change-other-manager ufw ${ufw}:2`]), crowded('0')],
    },
    {
      name: 'turned off by hand, and ufw would turn them on',
      host: hostOf({
        sysctls: off,
        files: {
          [ufw]: 'net/ipv4/tcp_syncookies=1\n',
          '/etc/default/ufw': `IPT_SYSCTL=${ufw}\n`,
          '/etc/ufw/ufw.conf': 'ENABLED=yes\n',
        },
      }),
      findings: [cookies('medium', 0, 0, [])],
    },
    {
      name: 'no room at all needs no counter as proof',
      host: hostOf({ kernel: '4.4.0', sysctls: off, listeners: [zero] }),
      findings: [crowded('0'), cookies('medium', 0, 0, [])],
    },
    ...['7', '8'].map((backlog) => ({
      name: `a backlog of ${backlog} on a kernel whose table has 16 places matters once SYNs are dropped`,
      host: hostOf({
        kernel: '4.3.6',
        sysctls: off,
        listeners: [{ ...zero, requested: Number(backlog), limit: Number(backlog) }],
        increases: { ListenDrops: 30, TCPReqQFullDrop: 30 },
      }),
      findings: [cookies('high', 30, 60, []), crowded('16')] as const,
    })),
    {
      name: 'a negative tcp_max_syn_backlog refuses every client that the kernel does not know',
      host: hostOf({ sysctls: { ...off, 'net.ipv4.tcp_max_syn_backlog': -2 }, listeners: [nginx] }),
      findings: [strangers(-2, '0')],
    },
    {
      name: 'a tiny tcp_max_syn_backlog refuses nearly every such client',
      host: hostOf({ sysctls: { ...off, 'net.ipv4.tcp_max_syn_backlog': 8 }, listeners: [nginx] }),
      findings: [strangers(8, '7')],
    },
    {
      name: 'room for one on a later kernel matters once SYNs are dropped',
      host: hostOf({
        sysctls: off,
        listeners: [zero],
        increases: { ListenDrops: 30, TCPReqQFullDrop: 30 },
      }),
      findings: [cookies('high', 30, 60, []), crowded('1')],
    },
  ],
});
