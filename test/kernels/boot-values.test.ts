import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { inGuest } from '../tools/guest.ts';
import { describeWith, GUEST_PROGRAMS } from '../tools/requirements.ts';

/** Everything that people get wrong, on two interfaces that are there before the loader runs. */
const FILES: Readonly<Record<string, string>> = {
  '/etc/modules-load.d/two.conf': 'dummy\n',
  '/etc/modprobe.d/two.conf': 'options dummy numdummies=2\n',
  '/etc/sysctl.d/10-first.conf': [
    'net.core.somaxconn = 1024',
    'net.ipv4.tcp_rmem = 4096 87380 6291456',
    'net.ipv4.tcp_max_syn_backlog = 77',
    'net.ipv4.conf.dummy0.forwarding = 1',
    'net.ipv4.conf.dummy1.rp_filter = 0',
  ].join('\n'),
  '/etc/sysctl.d/50-globs.conf': [
    'net.ipv4.conf.*.rp_filter = 2',
    '-net.ipv4.conf.dummy0.rp_filter',
    'net.ipv4.conf.{dummy0,lo}.log_mart* = 1',
    'net/ipv6/conf/all/disable_ipv6 = 1',
    'net.ipv6.conf.dummy1.disable_ipv6 = 0',
    'net.ipv4.conf.default.send_redirects = 0',
  ].join('\n'),
  '/etc/sysctl.d/60-spelling.conf': [
    'net.ipv4.tcp_fin_timeout = 061',
    'net/ipv4/tcp_keepalive_time = 0x258',
    'net.ipv4.tcp_rmem = 8192',
    'net.ipv4.ip_local_port_range = 30000 20000',
    'net.ipv4.tcp_syncookies = "1"',
    '-net.ipv4.tcp_tw_recycle = 1',
    'net.core.somaxconn=2048 # not a comment',
    'net.ipv4.ip_forward = 1',
    'net.ipv4.ip_local_reserved_ports = 9010,8080,9000-9009',
  ].join('\n'),
  '/usr/lib/sysctl.d/70-masked.conf': 'net.ipv4.tcp_retries1 = 7\n',
  '/usr/lib/sysctl.d/75-hidden-below.conf': 'net.ipv4.tcp_reordering = 9\n',
  '/etc/sysctl.d/75-hidden-below.conf': '# nothing\n',
  '/etc/sysctl.d/80-crlf.conf':
    'net.ipv4.tcp_retries2 = 9\r\nnet.ipv4.tcp_orphan_retries = 3\rnet.ipv4.tcp_sack = 1\r\n',
  '/etc/sysctl.d/.hidden.conf': 'net.ipv4.tcp_retries2 = 6\n',
  '/etc/sysctl.d/95-no-suffix': 'net.ipv4.tcp_retries2 = 5\n',
  '/etc/sysctl.d/99-zz.conf':
    '-net.ipv4.tcp_max_syn_backlog\nnet.ipv4.tcp_keepalive_intvl = 61\nvm.dirty_bytes = 33554432\n',
};

function writing(files: Readonly<Record<string, string>>): string {
  const scripts = Object.entries(files).map(([file, content]) => {
    const encoded = Buffer.from(content).toString('base64');
    return `mkdir -p "$(dirname ${file})"; echo ${encoded} | base64 -d >${file}\n`;
  });
  return `${scripts.join('')}ln -s /dev/null /etc/sysctl.d/70-masked.conf\n`;
}

const PREDICTED = '/var/lib/predicted.json';

const BEFORE = `${writing(FILES)}
modprobe dummy
node bin/backlogctl.js sysctl resolve --json --root / >${PREDICTED}
sync`;

/** Each key that was predicted, with its value now. */
const AFTER = `cat >/run/look.mjs <<'END'
import { readFileSync } from 'node:fs';
const { values } = JSON.parse(readFileSync('${PREDICTED}', 'utf8'));
const swap = (key) => key.replace(/[./]/g, (each) => (each === '.' ? '/' : '.'));
const now = (key) => {
  try {
    return readFileSync('/proc/sys/' + swap(key), 'utf8').replace(/\\n$/, '');
  } catch {
    return null;
  }
};
// The loopback has its address before the loader runs, so that conf.default does not reach it.
values['net.ipv4.conf.lo.send_redirects'] = { kind: 'unset', value: '1' };
console.log(JSON.stringify(Object.entries(values).map(([key, { kind, value }]) => ({ key, kind, value, now: now(key) }))));
END
node /run/look.mjs`;

const Looked = z.array(
  z.object({
    key: z.string(),
    kind: z.enum(['set', 'unset', 'unknown']),
    value: z.string().nullable(),
    now: z.string().nullable(),
  }),
);

describeWith(GUEST_PROGRAMS, 'a boot with tricky sysctl files', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'backlogctl-boot-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  let looked: z.infer<typeof Looked>;

  beforeAll(async () => {
    const disk = path.join(directory, 'tricky.qcow2');
    await inGuest('6.12', BEFORE, new Map(), { disk });
    const printed = await inGuest('6.12', AFTER, new Map(), { disk });
    looked = Looked.parse(JSON.parse(printed.trim().split('\n').at(-1) ?? ''));
  }, 500_000);

  test('gives each key the value that was predicted', () => {
    const told = looked.filter(({ kind, value }) => kind !== 'unknown' && value !== null);
    expect(told.map(({ key, now }) => [key, now])).toEqual(told.map(({ key, value }) => [key, value]));
    expect(told.length).toBeGreaterThan(25);
  });

  test.each([
    ['net.core.somaxconn', '2048'],
    ['net.ipv4.tcp_rmem', expect.stringMatching(/^8192\t/)],
    ['net.ipv4.tcp_fin_timeout', '49'],
    ['net.ipv4.tcp_keepalive_time', '600'],
    ['net.ipv4.conf.dummy0.rp_filter', '2'],
    ['net.ipv4.conf.dummy1.rp_filter', '0'],
    ['net.ipv4.conf.dummy0.forwarding', '1'],
    ['net.ipv6.conf.lo.disable_ipv6', '1'],
    ['net.ipv6.conf.dummy1.disable_ipv6', '0'],
    ['net.ipv4.tcp_retries2', '9'],
    ['net.ipv4.ip_local_reserved_ports', '8080,9000-9010'],
    ['vm.dirty_ratio', '0'],
  ])('%s is %s', (key, expected) => {
    expect(looked.find((each) => each.key === key)).toMatchObject({
      kind: 'set',
      now: expected,
      value: expected,
    });
  });

  test('what is refused, dropped or masked is what the kernel makes it', () => {
    const kinds = ['net.ipv4.tcp_syncookies', 'net.ipv4.tcp_max_syn_backlog', 'net.ipv4.tcp_retries1'].map(
      (key) => looked.find((each) => each.key === key)?.kind,
    );
    expect(kinds).toEqual(['unset', 'unset', 'unset']);
  });
});
