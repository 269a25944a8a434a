import { describe, expect, test } from '@jest/globals';
import { collectSnapshot } from '../../src/collect/collect.ts';
import { redactSnapshot } from '../../src/snapshot/redact.ts';
import { Snapshot } from '../../src/snapshot/snapshot.ts';
import { CATALOGUE } from '../../src/sysctl/catalogue.ts';
import { type MemoryHostOptions, type MemoryTree, memoryHost } from '../tools/memory-host.ts';
import { renderSsUnix } from '../tools/ss-renderer.ts';

const SS_TCP = 'ss -Htnem --cgroup state listening';
const SS_TCP_OLD = 'ss -Htnem state listening';
const SS_UNIX = 'ss -Hxnem state listening';
const MEMORY = '\n\t skmem:(r0,rb131072,t0,tb16384,f0,w0,o0,bl0,d0)\n';

function netstat(overflows: number): string {
  return `TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 0 ${overflows} ${overflows + 2}\nIpExt: InNoRoutes\nIpExt: 7\n`;
}

function processAt(
  pid: number,
  comm: string,
  commandLine: readonly string[],
  more: MemoryTree = {},
): MemoryTree {
  return {
    [`/proc/${pid}/comm`]: `${comm}\n`,
    [`/proc/${pid}/cmdline`]: `${commandLine.join('\0')}\0`,
    [`/proc/${pid}/exe`]: { link: `/usr/sbin/${comm}` },
    [`/proc/${pid}/status`]: `Name:\t${comm}\nUid:\t101\t101\t101\t101\n`,
    [`/proc/${pid}/cgroup`]: `0::/system.slice/${comm}.service\n`,
    [`/proc/${pid}/root`]: { link: '/' },
    ...more,
  };
}

const KEYED = { text: 'deadbeef-12345678-9abcdef0-0badcafe\n', mode: 0o600 };

const TREE: MemoryTree = {
  '/proc/sys/kernel/osrelease': '6.1.0-40-amd64\n',
  '/proc/sys/kernel/version': '#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2025-09-20)\n',
  '/proc/meminfo': 'MemTotal:       16384 kB\nMemFree: 1 kB\n',
  '/proc/self/auxv': {
    bytes: Uint8Array.from([
      16, 0, 0, 0, 0, 0, 0, 0, 9, 9, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0,
    ]),
  },
  '/proc/self/ns/net': { link: 'net:[4026531840]' },
  '/proc/self/ns/pid': { link: 'pid:[4026531836]' },
  '/proc/self/ns/cgroup': { link: 'cgroup:[4026531835]' },
  '/proc/sys/net/core/netdev_max_backlog': '1000\n',
  '/proc/sys/net/core/somaxconn': '4096\n',
  '/proc/sys/net/ipv4/tcp_rmem': '4096\t131072\t6291456\n',
  '/proc/sys/net/ipv4/tcp_fastopen_key': KEYED,
  '/proc/net/netstat': netstat(10),
  '/proc/1/comm': 'systemd\n',
  '/proc/2/comm': 'kthreadd\n',
  ...processAt(812, 'redis-server', ['/usr/bin/redis-server', '--requirepass', 'hunter2'], {
    '/proc/812/fd/0': { link: '/dev/null' },
    '/proc/812/fd/4': { link: 'socket:[31]' },
    '/proc/812/fd/1': { link: 'pipe:[9]' },
    '/proc/812/fd/2': { link: '/dev/null' },
  }),
  ...processAt(900, 'customd', ['customd', '--token=swordfish'], {
    '/proc/900/fd/0': { link: 'socket:[32]' },
    '/proc/900/fd/1': { link: 'socket:[31]' },
    '/proc/900/fd/2': { link: 'socket:[33]' },
  }),
  '/sys/devices/system/cpu/online': '0-3,8\n',
  '/etc/os-release': 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
  '/run/systemd/system': { kind: 'directory' },
  '/usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-252.so': '',
  '/etc/sysctl.d/60-x.conf':
    'net.core.somaxconn = 512\nnet.ipv4.tcp_fastopen_key = 1-2-3-4\nvm.swappiness=10\n-net.ipv4.conf.*.rp_filter\n',
  '/proc/sys/vm/swappiness': '60\n',
};

const OUTPUTS = {
  [SS_TCP]: `0 128 0.0.0.0:6379 0.0.0.0:* uid:101 ino:31 sk:1 cgroup:/system.slice/redis-server.service <-> cgroup:/${MEMORY}`,
  [SS_UNIX]: renderSsUnix([
    { name: '@x\ntcp LISTEN 0 1 0.0.0.0:22 0.0.0.0:*', inode: 32, limit: 5 },
    { name: '/run/customd', inode: 33, limit: 4096 },
  ]),
};

function collect(options: MemoryHostOptions = {}, live = true, sampleSeconds: number | null = null) {
  const host = memoryHost({ tree: TREE, outputs: OUTPUTS, ...options });
  return collectSnapshot(host, { live, sampleSeconds });
}

describe('collectSnapshot', () => {
  test('builds what the schema describes', async () => {
    const snapshot = await collect();
    expect(Snapshot.parse(snapshot)).toEqual(snapshot);
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
    expect(snapshot).toMatchObject({
      takenAt: '2026-11-20T09:00:00Z',
      host: {
        kernel: { release: '6.1.0-40-amd64', version: { ok: true, value: '6.1.153', from: 'uname -v' } },
        memoryBytes: { value: 16384 * 1024 },
        pageBytes: { value: 4096 },
        cpus: { value: 5 },
        environment: 'host',
        operatingSystem: { value: { id: 'debian', versionId: '12', name: 'Debian GNU/Linux 12 (bookworm)' } },
      },
      loader: { kind: { value: 'systemd' }, version: { value: '252' } },
      namespaces: [{ id: '4026531840', name: 'host', environment: 'host' }],
    });
    expect(snapshot.unseen).toEqual([]);
  });

  test('gives each listener its processes, user, unit and server', async () => {
    const [namespace] = (await collect()).namespaces;
    expect(namespace?.listeners).toMatchObject([
      {
        protocol: 'tcp',
        address: '0.0.0.0',
        port: 6379,
        limit: 128,
        uid: 101,
        processes: [
          { name: 'redis-server', pid: 812 },
          { name: 'customd', pid: 900 },
        ],
        unit: 'redis-server.service',
        cgroup: '/system.slice/redis-server.service',
        server: 'redis',
      },
      { protocol: 'unix', path: '/run/customd', limit: 4096 },
      {
        protocol: 'unix',
        path: '@x\ntcp LISTEN 0 1 0.0.0.0:22 0.0.0.0:*',
        limit: 5,
        uid: 101,
        processes: [{ name: 'customd', pid: 900 }],
        unit: 'customd.service',
      },
    ]);
  });

  test('holds no secret: no argument of a program, nothing that only root may read', async () => {
    const snapshot = await collect();
    expect(snapshot.namespaces[0]?.sysctls['net.ipv4.tcp_fastopen_key']).toEqual({
      ok: false,
      why: 'not-collected',
      detail: 'only root may read it',
    });
    for (const document of [snapshot, redactSnapshot(snapshot)]) {
      const text = JSON.stringify(document);
      for (const secret of ['hunter2', 'swordfish', 'deadbeef']) expect(text).not.toContain(secret);
    }
  });

  describe('what no audit reads', () => {
    const RATE = '/proc/sys/net/ipv4/icmp_ratelimit';
    const HARDEN = '/proc/sys/net/core/bpf_jit_harden';
    const tree: MemoryTree = { ...TREE, [RATE]: '1000\n', [HARDEN]: { text: '2\n', mode: 0o600 } };
    const options = { live: true, sampleSeconds: null };

    test('is not even looked at', async () => {
      const host = memoryHost({ tree, outputs: OUTPUTS });
      const snapshot = await collectSnapshot(host, options);
      expect(host.readPaths).not.toContain(RATE);
      expect(host.readPaths).not.toContain(HARDEN);
      expect(Object.keys(snapshot.namespaces[0]?.sysctls ?? {})).not.toContain('net.ipv4.icmp_ratelimit');
    });

    test('is read where it is asked for, and where a sysctl file names it', async () => {
      const asked = await collectSnapshot(memoryHost({ tree, outputs: OUTPUTS }), {
        ...options,
        alsoKeys: ['net.ipv4.icmp_ratelimit'],
      });
      expect(asked.namespaces[0]?.sysctls['net.ipv4.icmp_ratelimit']).toEqual({ ok: true, value: '1000' });
      const files = { '/etc/sysctl.d/50-harden.conf': 'net.core.bpf_jit_harden = 2\n' };
      const named = await collectSnapshot(
        memoryHost({ tree: { ...tree, ...files }, outputs: OUTPUTS }),
        options,
      );
      expect(named.namespaces[0]?.sysctls['net.core.bpf_jit_harden']).toEqual({ ok: true, value: '2' });
    });

    test('is no gap in what others than root see, where it is for root alone', async () => {
      const denied = { ...tree, [HARDEN]: { text: '2\n', mode: 0o600, denied: true } };
      const seen = await collectSnapshot(memoryHost({ tree: denied, outputs: OUTPUTS }), {
        ...options,
        alsoKeys: ['net.core.bpf_jit_harden'],
      });
      expect(seen.namespaces[0]?.sysctls['net.core.bpf_jit_harden']).toMatchObject({ why: 'not-collected' });
      expect(JSON.stringify(seen.unseen)).not.toContain('bpf_jit_harden');
    });

    test('makes an audit read no more than it did', () => {
      const read = CATALOGUE.filter(({ readOnDemand }) => readOnDemand === undefined);
      expect(read).toHaveLength(81);
    });
  });

  test('does not even open what only root may read', async () => {
    const host = memoryHost({ tree: TREE, outputs: OUTPUTS });
    await collectSnapshot(host, { live: true, sampleSeconds: null });
    expect(host.readPaths).not.toContain('/proc/sys/net/ipv4/tcp_fastopen_key');
    expect(host.readPaths.filter((path) => /^\/proc\/[12]\//.test(path))).toEqual([
      '/proc/1/environ',
      '/proc/1/comm',
    ]);
  });

  test.each<readonly [string, MemoryTree, number, string]>([
    [
      'a key that every kernel has is hidden',
      { '/proc/sys/net/core/somaxconn': { kind: 'directory' } },
      0,
      'net.core.somaxconn',
    ],
    [
      'a value may not be read',
      { '/proc/sys/net/core/somaxconn': { text: '4096', mode: 0, denied: true } },
      1000,
      'net.core.somaxconn',
    ],
    [
      'the size of the memory may not be read',
      { '/proc/meminfo': { text: '', denied: true } },
      1000,
      'the size of the memory',
    ],
  ])('says so where %s', async (_, change, uid, what) => {
    const host = memoryHost({ tree: { ...TREE, ...change }, outputs: OUTPUTS, uid });
    const snapshot = await collectSnapshot(host, { live: true, sampleSeconds: null });
    expect(snapshot.unseen?.map((each) => each.what)).toContain(what);
  });

  test('says so where all of net.core is hidden', async () => {
    const { '/proc/sys/net/core/somaxconn': _hidden, ...tree } = TREE;
    const host = memoryHost({ tree, outputs: OUTPUTS });
    const snapshot = await collectSnapshot(host, { live: true, sampleSeconds: null });
    expect(snapshot.unseen).toContainEqual({
      what: 'live values of sysctls',
      why: '/proc/sys/net/core/somaxconn is not there: something hides it',
    });
  });

  test('says so where the configuration of a server may not be read', async () => {
    const tree = {
      ...TREE,
      ...processAt(900, 'nginx', ['nginx: master process /usr/sbin/nginx']),
      '/etc/nginx/nginx.conf': { text: 'http { server { listen 80 backlog=128; } }', denied: true },
    };
    const host = memoryHost({ tree, outputs: OUTPUTS, uid: 1000 });
    const snapshot = await collectSnapshot(host, { live: true, sampleSeconds: null });
    expect(snapshot.unseen?.map(({ what }) => what)).toContain('the backlog that nginx asks for');
  });

  test('reads the values of keys that a file names one by one', async () => {
    const { sysctls } = (await collect()).namespaces[0] ?? {};
    expect(sysctls).toMatchObject({
      'net.core.somaxconn': { ok: true, value: '4096' },
      'net.ipv4.tcp_rmem': { ok: true, value: '4096\t131072\t6291456' },
      'vm.swappiness': { ok: true, value: '60' },
      'net.ipv4.tcp_wmem': { ok: false, why: 'absent' },
    });
    expect(Object.keys(sysctls ?? {}).filter((key) => key.includes('*'))).toEqual([]);
  });

  test('takes two samples with a pause between', async () => {
    const snapshot = await collect({ onSleep: () => ({ '/proc/net/netstat': netstat(25) }) }, true, 10);
    expect(snapshot.namespaces[0]?.samples).toEqual([
      { at: 0, counters: { SyncookiesSent: 0, ListenOverflows: 10, ListenDrops: 12 } },
      { at: 10, counters: { SyncookiesSent: 0, ListenOverflows: 25, ListenDrops: 27 } },
    ]);
  });
});

type Failure = readonly [string, MemoryHostOptions, readonly { what: string; why: string }[]];

const FALLBACK_TREE: MemoryTree = {
  ...TREE,
  '/proc/net/tcp':
    'sl\n   0: 00000000:18EB 00000000:0000 0A 00000000:00000002 00:00000000 00000000   101        0 31 1 0 100 0 0 10 0\n',
  '/proc/net/unix': `Num\n0000000000000000: 00000002 00000000 00010000 0001 01 32 @x\n0000000000000000: 00000002 00000000 00010000 0001 01 77 /forged\n`,
};

const WITHOUT_SS = [
  { what: 'limits of TCP listeners', why: 'ss (iproute2) is not there' },
  { what: 'limits of unix listeners', why: 'ss (iproute2) is not there' },
  { what: '1 unix listener', why: 'no process is seen to hold it, and names can be forged' },
];

const FAILURES: readonly Failure[] = [
  ['ss is missing', { tree: FALLBACK_TREE, outputs: {} }, WITHOUT_SS],
  [
    'ss hangs',
    {
      tree: FALLBACK_TREE,
      outputs: {
        [SS_TCP]: { kind: 'failed', why: 'timed-out' },
        [SS_UNIX]: { kind: 'failed', why: 'timed-out' },
      },
    },
    WITHOUT_SS.map((entry) => ({
      ...entry,
      why: entry.why.replace('ss (iproute2) is not there', 'ss did not end in time'),
    })),
  ],
  [
    'ss prints nonsense',
    { tree: FALLBACK_TREE, outputs: { [SS_TCP]: 'what?\n', [SS_UNIX]: 'what?\n' } },
    [
      { what: 'limits of TCP listeners', why: 'ss printed something else than sockets' },
      { what: 'limits of unix listeners', why: 'ss printed rows that cannot be told apart' },
      ...WITHOUT_SS.slice(2),
    ],
  ],
];

describe('what cannot be seen', () => {
  test.each(FAILURES)('%s: /proc/net serves, without limits', async (_what, options, unseen) => {
    const snapshot = await collect(options);
    expect(snapshot.namespaces[0]?.listeners).toMatchObject([
      {
        protocol: 'tcp',
        address: '0.0.0.0',
        port: 6379,
        length: 2,
        uid: 101,
        processes: [{ name: 'redis-server' }, {}],
      },
      { protocol: 'unix', path: '@x', processes: [{ name: 'customd', pid: 900 }] },
    ]);
    for (const listener of snapshot.namespaces[0]?.listeners ?? [])
      expect(listener).not.toHaveProperty('limit');
    expect(snapshot.unseen).toEqual(unseen);
    expect(Snapshot.parse(snapshot)).toEqual(snapshot);
  });

  const HEAD = 'Num       RefCount Protocol Flags    Type St Inode Path\n';
  const CONNECTED = '0000000000000000: 00000003 00000000 00000000 0001 03 40\n';
  test.each([
    ['none that listens', `${HEAD}${CONNECTED}`, false],
    ['no socket at all', HEAD, false],
    ['one that listens', `${HEAD}0000000000000000: 00000002 00000000 00010000 0001 01 32 @x\n`, true],
    ['one whose name feigns to', `${HEAD}${CONNECTED.trimEnd()} @\n00010000\n`, true],
    ['more than a container has', HEAD + CONNECTED.repeat(100), true],
    ['what is no list', '', true],
  ])('ss is asked for unix sockets only where one may listen: with %s', async (_what, text, asked) => {
    const host = memoryHost({ tree: { ...TREE, '/proc/net/unix': text }, outputs: OUTPUTS });
    const snapshot = await collectSnapshot(host, { live: true, sampleSeconds: null });
    expect(host.ran.map((argv) => argv.join(' ')).includes(SS_UNIX)).toBe(asked);
    const paths = snapshot.namespaces[0]?.listeners?.filter(({ protocol }) => protocol === 'unix');
    expect(paths).toHaveLength(asked ? 2 : 0);
    expect(snapshot.unseen).toEqual([]);
  });

  test('an older ss without --cgroup: the unit comes from the process', async () => {
    const usage = { kind: 'exited', status: 255, stdout: '' } as const;
    const old = `0 128 0.0.0.0:6379 0.0.0.0:* uid:101 ino:31 sk:1${MEMORY}`;
    const snapshot = await collect({ outputs: { ...OUTPUTS, [SS_TCP]: usage, [SS_TCP_OLD]: old } });
    expect(snapshot.namespaces[0]?.listeners?.[0]).toMatchObject({
      limit: 128,
      unit: 'redis-server.service',
    });
    expect(snapshot.unseen).toEqual([]);
  });

  test('as an ordinary user the owners of other users stay unseen', async () => {
    const denied = { link: '', denied: true };
    const tree = {
      ...TREE,
      '/proc/812/fd': { kind: 'directory', denied: true },
      '/proc/900/fd/0': denied,
    } as const;
    const { unseen } = await collect({ tree, uid: 65534 });
    expect(unseen).toEqual([{ what: 'owners of 3 listeners', why: 'not permitted (run as root)' }]);
  });

  const NOBODY = 'no process that is visible here holds it; it may belong to a container or to the kernel';
  test.each<readonly [string, object, number, string]>([
    ['root', {}, 0, NOBODY],
    ['an ordinary user who sees them all', {}, 65534, NOBODY],
    [
      'root, and one is shut',
      { '/proc/7/fd': { kind: 'directory', denied: true }, '/proc/7/fd/0': { link: '', denied: true } },
      0,
      `${NOBODY}, or to a process that root may not look into either`,
    ],
  ])('a socket that no process holds, to %s', async (_who, more, uid, why) => {
    const { '/proc/900/fd/2': _socket, ...tree } = TREE;
    expect(_socket).toBeDefined();
    const { unseen, namespaces } = await collect({ tree: { ...tree, ...more }, uid });
    expect(namespaces[0]?.listeners?.[1]).toMatchObject({ path: '/run/customd', limit: 4096 });
    expect(namespaces[0]?.listeners?.[1]).not.toHaveProperty('processes');
    expect(unseen).toEqual([{ what: 'owners of 1 listener', why }]);
  });

  test.each([
    [
      'one sysctl',
      { '/proc/sys/net/core/somaxconn': { denied: true } },
      { what: 'net.core.somaxconn', why: 'not permitted' },
    ],
    [
      'two sysctls',
      { '/proc/sys/net/core/somaxconn': { denied: true }, '/proc/sys/vm/swappiness': { denied: true } },
      { what: '2 sysctls, such as net.core.somaxconn', why: 'not permitted' },
    ],
    [
      'the counters',
      { '/proc/net/netstat': 'TcpExt: A B\nTcpExt: 1\n' },
      { what: 'TCP counters', why: 'not readable' },
    ],
    [
      'the kernel',
      { '/proc/sys/kernel/osrelease': { denied: true } },
      { what: 'kernel release', why: 'not permitted' },
    ],
    [
      'a sysctl file',
      { '/etc/sysctl.d/70-y.conf': { denied: true } },
      { what: '/etc/sysctl.d/70-y.conf', why: 'not permitted' },
    ],
    [
      'a FIFO, for which the loader waits',
      { '/etc/sysctl.d/70-y.conf': { kind: 'fifo' } },
      {
        what: '/etc/sysctl.d/70-y.conf',
        why: 'it is a FIFO: the loader waits at boot until somebody writes to it',
      },
    ],
    [
      'a sysctl file that is too large',
      { '/etc/sysctl.d/70-y.conf': 'x'.repeat(8 * 1024 * 1024 + 1) },
      { what: '/etc/sysctl.d/70-y.conf', why: 'not readable: larger than 8388608 bytes' },
    ],
  ] as const)('%s', async (_what, more, entry) => {
    const snapshot = await collect({ tree: { ...TREE, ...more } });
    expect(snapshot.unseen).toEqual([entry]);
    expect(Snapshot.parse(snapshot)).toEqual(snapshot);
  });

  test('an image has files but no live values, and runs no ss', async () => {
    const host = memoryHost({
      tree: { '/etc/sysctl.d/60-x.conf': 'a.b = 1\n', '/usr/lib/systemd/systemd-sysctl': '' },
      outputs: OUTPUTS,
    });
    const snapshot = await collectSnapshot(host, { live: false, sampleSeconds: 10 });
    expect(Snapshot.parse(snapshot)).toEqual(snapshot);
    expect(host.ran).toEqual([]);
    expect(snapshot.namespaces).toEqual([
      { id: 'unknown', name: 'host', environment: 'host', initial: true, sysctls: {} },
    ]);
    expect(snapshot.sysctlFiles).toHaveLength(1);
    expect(snapshot.loader?.kind).toEqual({ ok: true, value: 'systemd' });
    expect(snapshot.host.kernel.release).toBe('unknown');
  });

  test('of an image without a loader, its absence', async () => {
    const host = memoryHost({ tree: { '/etc/sysctl.d/60-x.conf': 'a.b = 1\n' } });
    const { loader } = await collectSnapshot(host, { live: false, sampleSeconds: null });
    expect(loader?.kind).toMatchObject({ ok: false, why: 'absent' });
  });

  test('of a captured tree with /proc the sockets are read from it', async () => {
    const host = memoryHost({ tree: FALLBACK_TREE, outputs: OUTPUTS });
    const snapshot = await collectSnapshot(host, { live: false, sampleSeconds: 10 });
    expect(host.ran).toEqual([]);
    expect(snapshot.namespaces[0]?.listeners).toHaveLength(2);
    expect(snapshot.namespaces[0]?.samples).toHaveLength(1);
  });
});

describe('keys that a pattern stands for', () => {
  const [ETH0, ETH1] = ['net.ipv4.conf.eth0.rp_filter', 'net.ipv4.conf.eth1.rp_filter'];
  const files = { '/etc/sysctl.d/60-x.conf': 'net.ipv4.conf.*.rp_filter = 1\n' };
  const device = (name: string) => ({ [`/proc/sys/net/ipv4/conf/${name}/rp_filter`]: '2\n' });

  test('are read as those that are named', async () => {
    const { namespaces } = await collectSnapshot(memoryHost({ tree: { ...files, ...device('eth0') } }), {
      live: true,
      sampleSeconds: null,
    });
    expect(namespaces[0]?.sysctls[ETH0]).toEqual({ ok: true, value: '2' });
  });

  test('are those of the running kernel where a tree has no /proc, and their values are not its own', async () => {
    const running = memoryHost({ tree: device('eth1') }).reader;
    const { globs, namespaces } = await collectSnapshot(
      { ...memoryHost({ tree: files }), running },
      { live: false, sampleSeconds: null },
    );
    expect(globs).toEqual({ 'net/ipv4/conf/*/rp_filter': [['net/ipv4/conf/eth1/rp_filter', '0644']] });
    expect(namespaces[0]?.sysctls).not.toHaveProperty([ETH1]);
  });

  test('are read up to a bound', async () => {
    const many = Array.from({ length: 500 }, (_, index) => device(`eth${index}`));
    const tree = Object.assign({}, files, ...many) as MemoryTree;
    const { namespaces } = await collectSnapshot(memoryHost({ tree }), { live: true, sampleSeconds: null });
    const read = Object.keys(namespaces[0]?.sysctls ?? {}).filter((key) => key.endsWith('.rp_filter'));
    expect(read.length).toBeGreaterThan(100);
    expect(read.length).toBeLessThan(300);
  });
});

test('how many ticks the clock of the kernel has a second is told by a time that it shows both ways', async () => {
  const neigh = '/proc/sys/net/ipv6/neigh/default';
  const tree = { [`${neigh}/retrans_time`]: '250\n', [`${neigh}/retrans_time_ms`]: '1000\n' };
  const options = { live: true, sampleSeconds: null };
  const { host } = await collectSnapshot(memoryHost({ tree }), options);
  expect(host.ticksPerSecond).toMatchObject({ ok: true, value: 250 });
  const without = await collectSnapshot(memoryHost({ tree: {} }), options);
  expect(without.host.ticksPerSecond).toMatchObject({ ok: false, why: 'absent' });
});
