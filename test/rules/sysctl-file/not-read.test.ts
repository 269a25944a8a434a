import { fileNotRead } from '../../../src/rules/sysctl-file/not-read.ts';
import { Snapshot } from '../../../src/snapshot/snapshot.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { SOMAXCONN } from '../advice/rows.ts';
import { hostOf } from '../host.ts';

const KEEPALIVE = 'net.ipv4.tcp_keepalive_time = 600\n';

function host(files: Readonly<Record<string, string>>, kind?: 'systemd' | 'procps') {
  return hostOf({ sysctls: SOMAXCONN, files, ...(kind === undefined ? {} : { loader: kind }) });
}

function found(messageId: string, file: string, settings = 1, loader = 'systemd-sysctl') {
  return {
    messageId,
    severity: 'low',
    confidence: 'inferred',
    subjects: [file],
    args: { file, loader, settings },
    remedies: ['investigate'],
  } as const;
}

const LINKED = Snapshot.parse({
  ...host({ '/etc/sysctl.conf': KEEPALIVE }),
  sysctlFiles: [
    { path: '/etc/sysctl.conf', kind: 'file', text: KEEPALIVE },
    { path: '/etc/sysctl.d/99-sysctl.conf', kind: 'link', target: '../sysctl.conf', text: KEEPALIVE },
  ],
});
const BUSYBOX = Snapshot.parse({
  ...host({ '/etc/sysctl.d/60-web.conf': KEEPALIVE }),
  loader: { kind: { ok: true, value: 'busybox' } },
});

testRule(fileNotRead, {
  pass: [
    { name: 'read', host: host({ '/etc/sysctl.d/60-web.conf': KEEPALIVE }) },
    {
      name: 'put aside, and read by no loader on purpose',
      host: host({
        '/etc/sysctl.d/60-web.conf.bak': KEEPALIVE,
        '/etc/sysctl.d/60-web.conf~': KEEPALIVE,
        '/etc/sysctl.d/60-web.conf.dpkg-old': KEEPALIVE,
        '/etc/sysctl.d/60.disabled': KEEPALIVE,
      }),
    },
    {
      name: 'no settings',
      host: host({
        '/etc/sysctl.d/README': 'A file has lines such as: key = value.\n',
        '/etc/sysctl.d/notes': 'why = because\n',
        '/etc/sysctl.conf': '# net.ipv4.ip_forward=1\n',
      }),
    },
    {
      name: 'masked, which somebody meant',
      host: host({ '/etc/sysctl.d/50-a.conf': '', '/usr/lib/sysctl.d/50-a.conf': KEEPALIVE }),
    },
    { name: 'the main file through its link', host: LINKED },
    {
      name: 'the main file by procps',
      host: host({ '/etc/sysctl.conf': KEEPALIVE, '/etc/sysctl.d/.60-web.conf': KEEPALIVE }, 'procps'),
    },
    {
      name: 'a setting that the boot makes anyway',
      host: host({ '/etc/sysctl.conf': KEEPALIVE, '/etc/sysctl.d/60-web.conf': KEEPALIVE }),
    },
    {
      name: 'a setting that nobody should bring back',
      host: host({ '/etc/sysctl.conf': 'net.ipv4.tcp_sack = 0\n' }),
    },
    { name: "ufw's own", host: host({ '/etc/ufw/sysctl.conf': KEEPALIVE }) },
  ],
  notApplicable: [
    {
      name: 'a container',
      host: hostOf({ environment: 'container', files: { '/etc/sysctl.conf': KEEPALIVE } }),
    },
  ],
  fail: [
    {
      name: 'no .conf',
      host: host({ '/etc/sysctl.d/60-web': `${KEEPALIVE}net.core.somaxconn = 8192\n` }),
      findings: [found('suffix', '/etc/sysctl.d/60-web', 2)],
    },
    {
      name: 'hidden',
      host: host({ '/etc/sysctl.d/.60-web.conf': KEEPALIVE }),
      findings: [found('hidden', '/etc/sysctl.d/.60-web.conf')],
    },
    {
      name: 'the main file by systemd',
      host: host({ '/etc/sysctl.conf': KEEPALIVE }),
      findings: [found('main', '/etc/sysctl.conf')],
    },
    {
      name: 'a directory that busybox does not know',
      host: BUSYBOX,
      findings: [found('directory', '/etc/sysctl.d/60-web.conf', 1, 'busybox sysctl')],
    },
  ],
});
