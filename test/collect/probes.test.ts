import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cgroupOfProcess, unitOfCgroup } from '../../src/collect/cgroup.ts';
import { parseTcpExt } from '../../src/collect/counters.ts';
import { collectSurroundings } from '../../src/collect/environment.ts';
import { collectGlobs, withoutBraces } from '../../src/collect/globs.ts';
import { collectHostFacts } from '../../src/collect/host-facts.ts';
import { collectKernel } from '../../src/collect/kernel.ts';
import { collectLoader } from '../../src/collect/loader.ts';
import { keysNamedIn } from '../../src/collect/named-keys.ts';
import { findSocketOwners } from '../../src/collect/socket-owners.ts';
import { collectSysctlFiles } from '../../src/collect/sysctl-files.ts';
import { unseenLog } from '../../src/collect/unseen.ts';
import { type MemoryTree, memoryHost } from '../tools/memory-host.ts';

const ROOT = { uid: 0, pid: 1 };

function readerOf(tree: MemoryTree) {
  return memoryHost({ tree }).reader;
}

describe('units and cgroups', () => {
  test.each([
    ['/system.slice/nginx.service', 'nginx.service'],
    ['/system.slice/system-postgresql.slice/postgresql@15-main.service', 'postgresql@15-main.service'],
    ['/system.slice/ssh.socket', 'ssh.socket'],
    ['/system.slice/containerd.service/own-subgroup', 'containerd.service'],
    ['/system.slice/docker-0123abcd.scope', 'docker-0123abcd.scope'],
    ['/user.slice/user-1000.slice/session-3.scope', 'session-3.scope'],
    ['/user.slice/user-1000.slice/user@1000.service/app.slice/web.service', 'web.service'],
    ['/user.slice/user-1000.slice/user@1000.service/init.scope', 'user@1000.service'],
    ['/system.slice/_cpu.service', 'cpu.service'],
    ['/system.slice/dev-mapper\\x2dswap.swap', 'dev-mapper\\x2dswap.swap'],
    ['/init.scope', null],
    ['/docker/0123abcd', null],
    ['/', null],
    ['/system.slice', null],
    ['/system.slice/a b.service', null],
  ])('%s belongs to %s', (path, unit) => {
    expect(unitOfCgroup(path)).toBe(unit);
  });

  test.each([
    ['0::/system.slice/a.service\n', '/system.slice/a.service'],
    ['4:memory:/x\n1:name=systemd:/system.slice/a.service\n0::/\n', '/system.slice/a.service'],
    ['4:memory:/x\n0::/\n', null],
    ['', null],
  ])('of %j it is %s', (text, cgroup) => {
    expect(cgroupOfProcess(text)).toBe(cgroup);
  });
});

describe('the kernel', () => {
  const kernel = (tree: MemoryTree) => collectKernel(readerOf(tree), unseenLog(ROOT));

  test.each([
    [
      'Debian says it in uname -v',
      '6.1.0-40-amd64',
      '#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2025-09-20)',
      '',
      { ok: true, value: '6.1.153', from: 'uname -v' },
    ],
    [
      'Ubuntu in version_signature',
      '5.15.0-91-generic',
      '#101-Ubuntu SMP',
      'Ubuntu 5.15.0-91.101-generic 5.15.131\n',
      { ok: true, value: '5.15.131', from: '/proc/version_signature' },
    ],
    [
      'a plain kernel in its release',
      '6.12.9',
      '#1 SMP',
      '',
      { ok: true, value: '6.12.9', from: 'uname -r' },
    ],
    [
      'others leave it open',
      '6.1.0-13-cloud',
      '#1 SMP',
      '',
      { ok: false, why: 'absent', detail: '6.1.0 to 6.1.x' },
    ],
  ])('%s', (_what, release, build, signature, version) => {
    const tree = {
      '/proc/sys/kernel/osrelease': `${release}\n`,
      '/proc/sys/kernel/version': `${build}\n`,
      ...(signature === '' ? {} : { '/proc/version_signature': signature }),
    };
    expect(kernel(tree)).toEqual({ release, version, build: { ok: true, value: build, from: 'uname -v' } });
  });

  test('/proc/version serves where /proc/sys is hidden', () => {
    const banner =
      'Linux version 6.1.0-40-amd64 (a@b) (gcc (Debian) 12, ld) #1 SMP PREEMPT Debian 6.1.153-1 (2025-09-20)\n';
    expect(kernel({ '/proc/version': banner })).toMatchObject({
      release: '6.1.0-40-amd64',
      version: { value: '6.1.153' },
    });
  });
});

describe('host facts', () => {
  test('what is not there is unknown', () => {
    expect(collectHostFacts(readerOf({}), unseenLog(ROOT))).toEqual({
      memoryBytes: { ok: false, why: 'absent' },
      pageBytes: { ok: false, why: 'absent' },
      ticksPerSecond: { ok: false, why: 'absent' },
      cpus: { ok: false, why: 'absent' },
      operatingSystem: { ok: false, why: 'absent' },
    });
  });

  test.each([
    ['0\n', 1],
    ['0-3\n', 4],
    ['0-1,4,6-7\n', 5],
    ['none\n', null],
    ['3-1\n', null],
  ])('CPUs %j', (online, count) => {
    const { cpus } = collectHostFacts(
      readerOf({ '/sys/devices/system/cpu/online': online }),
      unseenLog(ROOT),
    );
    expect(cpus.ok ? cpus.value : null).toBe(count);
  });

  test('a page of 64 KiB on a big-endian machine, an auxiliary vector without one', () => {
    const big = new Uint8Array(32);
    new DataView(big.buffer).setBigUint64(0, 6n);
    new DataView(big.buffer).setBigUint64(8, 65536n);
    expect(
      collectHostFacts(readerOf({ '/proc/self/auxv': { bytes: big } }), unseenLog(ROOT)).pageBytes,
    ).toMatchObject({
      value: 65536,
    });
    expect(collectHostFacts(readerOf({ '/proc/self/auxv': 'x' }), unseenLog(ROOT)).pageBytes).toMatchObject({
      why: 'malformed',
    });
  });
});

const FIRST = {
  '/proc/self/ns/net': { link: 'net:[4026531840]' },
  '/proc/self/ns/pid': { link: 'pid:[4026531836]' },
  '/proc/self/ns/cgroup': { link: 'cgroup:[4026531835]' },
  '/proc/sys/net/core/netdev_max_backlog': '1000\n',
} as const;
const { '/proc/sys/net/core/netdev_max_backlog': _onlyInFirst, ...OWN_NETNS } = {
  ...FIRST,
  '/proc/self/ns/net': { link: 'net:[4026532249]' },
};
const OVERLAY = { '/proc/self/mountinfo': '36 35 0:32 / / rw,relatime - overlay overlay rw\n' };
const ONLY_PIDS = { '/proc/self/ns/pid': { link: 'pid:[4026532300]' } };
const OWN_PIDS = {
  '/proc/self/ns/pid': { link: 'pid:[4026532300]' },
  '/proc/self/ns/cgroup': { link: 'cgroup:[4026532301]' },
};

describe('whose sysctl files those are', () => {
  const NETNS_OF_FIRST = { '/proc/1/ns/net': { link: 'net:[4026531840]' } };
  const FILES = { '/etc/sysctl.d/60-x.conf': '' };
  const SAME_FILES = { '/proc/1/root': { link: '/' } };
  const OTHER_FILES = {
    '/proc/1/root': { link: '/outside' },
    '/outside/etc/sysctl.d': { kind: 'directory', device: 2 },
  } as const;

  test.each<readonly [string, MemoryTree, boolean]>([
    ['the host', { ...FIRST, ...NETNS_OF_FIRST, ...SAME_FILES, ...FILES }, true],
    ['nsenter --net, ip netns exec', { ...OWN_NETNS, ...NETNS_OF_FIRST, ...SAME_FILES, ...FILES }, false],
    [
      'the same without sysctl.d',
      { ...OWN_NETNS, ...NETNS_OF_FIRST, ...SAME_FILES, '/etc/hosts': '' },
      false,
    ],
    [
      'a namespace with an /etc of its own',
      { ...OWN_NETNS, ...NETNS_OF_FIRST, ...OTHER_FILES, ...FILES },
      true,
    ],
    ['somebody who may not look at process 1', { ...OWN_NETNS, ...FILES }, true],
  ])('%s', (_, tree, initial) => {
    expect(collectSurroundings(readerOf(tree)).namespace.initial).toBe(initial);
  });
});

describe('where we are', () => {
  test.each<readonly [string, MemoryTree, string, string, string]>([
    ['a host', FIRST, 'host', 'host', 'host'],
    ['a machine made from a container image', { ...FIRST, '/.dockerenv': '' }, 'host', 'host', 'host'],
    ['the same with PIDs of its own', { ...FIRST, ...ONLY_PIDS, '/.dockerenv': '' }, 'host', 'host', 'host'],
    [
      'docker with the cgroups of the host',
      { ...OWN_NETNS, ...ONLY_PIDS, ...OVERLAY, '/.dockerenv': '' },
      'container',
      'container',
      'container',
    ],
    [
      'a process of the container manager itself',
      { ...FIRST, '/proc/self/cgroup': '0::/system.slice/docker.service\n' },
      'host',
      'host',
      'host',
    ],
    ['a host on an overlay', { ...FIRST, ...ONLY_PIDS, ...OVERLAY }, 'host', 'host', 'host'],
    ['a network namespace of its own on a host', OWN_NETNS, 'host', 'net:[4026532249]', 'host'],
    [
      'systemd-nspawn',
      { ...OWN_NETNS, '/run/systemd/container': 'systemd-nspawn' },
      'container',
      'container',
      'container',
    ],
    [
      'a container by its first process',
      { ...OWN_NETNS, '/proc/1/environ': 'A=1\0container=lxc\0' },
      'container',
      'container',
      'container',
    ],
    ['docker', { ...OWN_NETNS, ...OWN_PIDS, '/.dockerenv': '' }, 'container', 'container', 'container'],
    [
      'docker in the network of the host',
      { ...FIRST, ...OWN_PIDS, '/.dockerenv': '' },
      'container',
      'host',
      'host',
    ],
    [
      'podman',
      { ...OWN_NETNS, ...OWN_PIDS, '/run/.containerenv': '' },
      'container',
      'container',
      'container',
    ],
    [
      'a pod of containerd',
      {
        ...OWN_NETNS,
        ...OWN_PIDS,
        ...OVERLAY,
      },
      'container',
      'container',
      'container',
    ],
    [
      'a pod with the cgroups of the host',
      { ...OWN_NETNS, '/proc/self/cgroup': '0::/kubepods.slice/kubepods-pod1.slice/x.scope\n' },
      'container',
      'container',
      'container',
    ],
    [
      'a PID namespace on a host',
      { ...FIRST, ...OWN_PIDS, '/proc/self/mountinfo': '36 35 8:1 / / rw - ext4 /dev/sda1 rw\n' },
      'host',
      'host',
      'host',
    ],
    ['an image without /proc', { '/.dockerenv': '' }, 'container', 'host', 'container'],
  ])('%s', (_what, tree, host, name, environment) => {
    expect(collectSurroundings(readerOf(tree))).toMatchObject({ host, namespace: { name, environment } });
  });
});

describe('counters', () => {
  test.each(['', 'TcpExt: A\n', 'TcpExt: A B\nTcpExt: 1\n', 'TcpExt: A\nTcpExt: x\n'])(
    '%j is malformed',
    (text) => {
      expect(parseTcpExt(text)).toMatchObject({ ok: false, why: 'malformed' });
    },
  );
});

describe('loader', () => {
  const systemd = {
    '/usr/lib/systemd/libsystemd-shared-257.13-1.fc42.so': '',
    '/usr/lib/systemd/systemd-sysctl': '',
  };
  const dpkg =
    'Package: a\nVersion: 9\n\nPackage: procps\nStatus: install ok installed\nVersion: 2:4.0.2-3\n\nPackage: z\nVersion: 8\n';
  test.each<readonly [string, MemoryTree, 'host' | 'container', object]>([
    [
      'systemd runs',
      { ...systemd, '/run/systemd/system/x': '' },
      'host',
      { kind: { value: 'systemd' }, version: { value: '257.13' } },
    ],
    [
      'systemd in a container',
      { ...systemd, '/run/systemd/system/x': '' },
      'container',
      { kind: { value: 'systemd' } },
    ],
    [
      'a container without an init',
      { ...systemd, '/usr/sbin/sysctl': '' },
      'container',
      { kind: { value: 'none' } },
    ],
    [
      'systemd whose systemd-sysctl.service is masked',
      { ...systemd, '/etc/systemd/system/systemd-sysctl.service': { link: '/dev/null' } },
      'host',
      {
        kind: { value: 'systemd' },
        version: { value: '257.13' },
        maskedBy: '/etc/systemd/system/systemd-sysctl.service',
      },
    ],
    [
      'systemd whose systemd-sysctl.service is masked by an empty file',
      { ...systemd, '/run/systemd/system/systemd-sysctl.service': '' },
      'host',
      { kind: { value: 'systemd' }, maskedBy: '/run/systemd/system/systemd-sysctl.service' },
    ],
    ['an image with systemd', systemd, 'host', { kind: { value: 'systemd' }, version: { value: '257.13' } }],
    [
      'no library to tell the version',
      { '/lib/systemd/systemd-sysctl': '' },
      'host',
      { kind: { value: 'systemd' }, version: { ok: false } },
    ],
    [
      'systemd of Debian, where /lib is /usr/lib',
      {
        '/lib': { link: 'usr/lib' },
        '/usr/lib/systemd/systemd-sysctl': '',
        '/usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-252.so': '',
      },
      'host',
      {
        version: { value: '252', from: '/usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-252.so' },
      },
    ],
    [
      'Debian without systemd',
      { '/usr/sbin/sysctl': '', '/var/lib/dpkg/status': dpkg },
      'host',
      { kind: { value: 'procps' }, version: { value: '4.0.2' } },
    ],
    [
      'procps by its library',
      { '/sbin/sysctl': '', '/usr/lib64/libprocps.so.8': '' },
      'host',
      { kind: { value: 'procps' }, version: { value: '3.3' } },
    ],
    [
      'Alpine',
      { '/sbin/sysctl': { link: '/bin/busybox' }, '/bin/busybox': '' },
      'host',
      { kind: { value: 'busybox' } },
    ],
    [
      'OpenRC',
      { '/sbin/openrc-run': '', '/sbin/sysctl': '', '/usr/lib/libproc2.so.0': '' },
      'host',
      { kind: { value: 'openrc' }, version: { value: '4' } },
    ],
    ['nothing', {}, 'host', { kind: { ok: false, why: 'absent' } }],
  ])('%s', (_what, tree, environment, expected) => {
    expect(collectLoader(readerOf(tree), environment)).toMatchObject(expected);
  });

  test('a unit of its own in /etc counts before a mask in /run', () => {
    const own = { '/etc/systemd/system/systemd-sysctl.service': '[Service]\n' };
    const mask = { '/run/systemd/system/systemd-sysctl.service': { link: '/dev/null' } };
    const loader = (tree: MemoryTree) => collectLoader(readerOf({ ...systemd, ...tree }), 'host');
    expect(loader(mask)).toHaveProperty('maskedBy');
    expect(loader({ ...own, ...mask })).not.toHaveProperty('maskedBy');
  });
});

describe('sysctl files', () => {
  const TREE: MemoryTree = {
    '/etc/sysctl.conf': 'a.b = 1\n',
    '/etc/default/ufw': 'IPT_SYSCTL=/etc/ufw/sysctl.conf\n',
    '/etc/ufw/sysctl.conf': 'net/ipv4/x=1\n',
    '/etc/sysctl.d/10-bytes.conf': { bytes: Uint8Array.of(0x61, 0xff) },
    '/etc/sysctl.d/11-bom.conf': { bytes: Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), mode: 0o600 },
    '/etc/sysctl.d/20-dir.conf/x': '',
    '/etc/sysctl.d/30-fifo.conf': { kind: 'fifo' },
    '/etc/sysctl.d/40-loop.conf': { link: '40-loop.conf' },
    '/etc/sysctl.d/41-dangling.conf': { link: '/nowhere' },
    '/etc/sysctl.d/42-mask.conf': { link: '/dev/null' },
    '/etc/sysctl.d/43-link.conf': { link: '../sysctl.conf' },
    '/etc/sysctl.d/44-to-fifo.conf': { link: '30-fifo.conf' },
    '/etc/sysctl.d/50-denied.conf': { denied: true },
    '/etc/sysctl.d/README': 'words\n',
    '/etc/sysctl.d/large.bak': 'x'.repeat(65 * 1024),
    '/run/sysctl.d/.hidden.conf': '',
    '/dev/null': { kind: 'device' },
  };

  test('hold the credentials that drop-ins of the loader give it, the last of each kind', () => {
    const directory = '/etc/systemd/system/systemd-sysctl.service.d';
    const tree: MemoryTree = {
      [`${directory}/a.conf`]: '[Service]\nSetCredential=sysctl.extra:a.b=1\n',
      [`${directory}/b.conf`]:
        '[Service]\n\nSetCredential=sysctl.extra:-a.b\\nnet.ipv4.tcp_fastopen_key = 1234\nLoadCredential=sysctl.extra:/root/x\n',
      [`${directory}/c.txt`]: '[Service]\nSetCredential=sysctl.extra:a.b=2\n',
      '/root/x': 'c.d = 1\n',
    };
    expect(collectSysctlFiles(readerOf(tree), unseenLog(ROOT))).toEqual([
      { path: '/root/x', kind: 'file', mode: '0644', text: 'c.d = 1\n', credential: 'loaded' },
      {
        path: `${directory}/b.conf`,
        kind: 'file',
        text: '\n\n-a.b\nnet.ipv4.tcp_fastopen_key = 0000',
        credential: 'set',
      },
    ]);
  });

  test('come with their kind, mode, target and bytes', () => {
    const log = unseenLog(ROOT);
    expect(collectSysctlFiles(readerOf(TREE), log)).toEqual([
      { path: '/etc/sysctl.d/10-bytes.conf', kind: 'file', mode: '0644', base64: 'Yf8=' },
      { path: '/etc/sysctl.d/11-bom.conf', kind: 'file', mode: '0600', text: '\ufeffa' },
      { path: '/etc/sysctl.d/20-dir.conf', kind: 'directory', mode: '0755' },
      { path: '/etc/sysctl.d/30-fifo.conf', kind: 'fifo', mode: '0644' },
      { path: '/etc/sysctl.d/40-loop.conf', kind: 'loop', target: '40-loop.conf' },
      { path: '/etc/sysctl.d/41-dangling.conf', kind: 'dangling', target: '/nowhere' },
      { path: '/etc/sysctl.d/42-mask.conf', kind: 'link', target: '/dev/null', text: '' },
      {
        path: '/etc/sysctl.d/43-link.conf',
        kind: 'link',
        mode: '0644',
        target: '../sysctl.conf',
        text: 'a.b = 1\n',
      },
      { path: '/etc/sysctl.d/44-to-fifo.conf', kind: 'fifo', mode: '0644', target: '30-fifo.conf' },
      { path: '/etc/sysctl.d/50-denied.conf', kind: 'unreadable', mode: '0644' },
      { path: '/etc/sysctl.d/README', kind: 'file', mode: '0644', text: 'words\n' },
      { path: '/etc/sysctl.d/large.bak', kind: 'file', mode: '0644' },
      { path: '/run/sysctl.d/.hidden.conf', kind: 'file', mode: '0644', text: '' },
      { path: '/etc/sysctl.conf', kind: 'file', mode: '0644', text: 'a.b = 1\n' },
      { path: '/etc/ufw/sysctl.conf', kind: 'file', mode: '0644', text: 'net/ipv4/x=1\n' },
      { path: '/etc/default/ufw', kind: 'file', mode: '0644', text: 'IPT_SYSCTL=/etc/ufw/sysctl.conf\n' },
    ]);
    const why = 'it is a FIFO: the loader waits at boot until somebody writes to it';
    expect(log.entries).toEqual([
      { what: '/etc/sysctl.d/30-fifo.conf', why },
      { what: '/etc/sysctl.d/44-to-fifo.conf', why },
      { what: '/etc/sysctl.d/50-denied.conf', why: 'not permitted' },
    ]);
  });

  test.each<readonly [string, string, readonly string[]]>([
    ['another file that ufw loads', 'IPT_SYSCTL="/etc/ufw/mine.conf"\n', ['/etc/ufw/mine.conf']],
    ['one that is read anyway', 'IPT_SYSCTL=/etc/sysctl.conf\n', []],
    ['one that is no such file', 'IPT_SYSCTL=/etc/shadow\n', []],
    ['one that is not there', 'IPT_SYSCTL=/etc/ufw/gone.conf\n', []],
  ])('%s', (_name, text, expected) => {
    const tree = {
      '/etc/default/ufw': text,
      '/etc/ufw/mine.conf': 'a.b=1\n',
      '/etc/shadow': 'x',
      '/etc/sysctl.conf': '',
    };
    const paths = collectSysctlFiles(memoryHost({ tree }).reader, unseenLog({ uid: 0, pid: 1 })).map(
      ({ path }) => path,
    );
    expect(paths).toEqual(['/etc/sysctl.conf', '/etc/default/ufw', ...expected]);
  });

  test.each<readonly [string, MemoryTree, readonly string[]]>([
    [
      'once where /lib is /usr/lib',
      { '/lib': { link: 'usr/lib' }, '/usr/lib/sysctl.d/a.conf': '' },
      ['/usr/lib/sysctl.d/a.conf'],
    ],
    [
      'twice where they are two directories',
      { '/lib/sysctl.d/a.conf': '', '/usr/lib/sysctl.d/a.conf': '' },
      ['/usr/lib/sysctl.d/a.conf', '/lib/sysctl.d/a.conf'],
    ],
    [
      'where the directory is a link',
      { '/etc/sysctl.d': { link: '/opt/conf' }, '/opt/conf/a.conf': '' },
      ['/etc/sysctl.d/a.conf'],
    ],
  ])('%s', (_what, tree, paths) => {
    expect(collectSysctlFiles(readerOf(tree), unseenLog(ROOT)).map(({ path }) => path)).toEqual(paths);
  });

  test('a directory that may not be listed is said', () => {
    const log = unseenLog({ uid: 7, pid: 1 });
    expect(
      collectSysctlFiles(readerOf({ '/etc/sysctl.d': { kind: 'directory', denied: true } }), log),
    ).toEqual([]);
    expect(log.entries).toEqual([{ what: '/etc/sysctl.d', why: 'not permitted (run as root)' }]);
  });
});

describe('owners of sockets', () => {
  const descriptor = (pid: number, number: number, inode: number): MemoryTree => ({
    [`/proc/${pid}/fd/${number}`]: { link: `socket:[${inode}]` },
  });
  const many = (pid: number, count: number): MemoryTree =>
    Object.assign(
      {},
      ...Array.from({ length: count }, (_, index) => descriptor(pid, index, 100_000 + index)),
    );

  test('are found among the first descriptors, behind holes, and behind thousands of connections', () => {
    const tree = {
      ...descriptor(10, 0, 1),
      ...descriptor(9, 0, 1),
      ...many(20, 3000),
      ...descriptor(20, 3000, 2),
      ...descriptor(30, 40, 3),
    };
    const owners = findSocketOwners(readerOf(tree), new Set([1, 2, 3, 4]));
    expect(owners).toMatchObject({ ok: true, value: { deniedProcesses: 0, gaveUp: false } });
    expect(owners.ok ? [...owners.value.pids] : []).toEqual([
      [1, [9, 10]],
      [2, [20]],
      [3, [30]],
    ]);
  });

  test('the second walk is left out where the first found everything', () => {
    const { reader } = memoryHost({
      tree: {
        ...many(20, 200),
        ...descriptor(21, 3, 1),
        ...descriptor(21, 0, 8),
        ...descriptor(21, 1, 8),
        ...descriptor(21, 2, 8),
      },
    });
    const listed: string[] = [];
    const watched = {
      ...reader,
      list: (path: string) => {
        listed.push(path);
        return reader.list(path);
      },
    };
    findSocketOwners(watched, new Set([1]));
    expect(listed).toEqual(['/proc']);
  });

  test('systemd is found beside a service that got its socket from it', () => {
    const tree = { '/proc/1/comm': 'systemd\n', ...descriptor(1, 300, 1), ...descriptor(400, 0, 1) };
    const owners = findSocketOwners(readerOf(tree), new Set([1]));
    expect(owners.ok ? owners.value.pids.get(1) : []).toEqual([1, 400]);
  });

  /** Since Linux 6.2 the size of /proc/PID/fd is the number of open descriptors. */
  function counted(pid: number | 'self', descriptors: number): MemoryTree {
    return { [`/proc/${pid}/fd`]: { kind: 'directory', text: 'x'.repeat(descriptors) } };
  }

  const layout = fc.array(fc.record({ descriptor: fc.nat(70), inode: fc.nat(6) }), { maxLength: 8 });
  test('whether the kernel counts descriptors or not, every socket of a process is found', () => {
    fc.assert(
      fc.property(layout, layout, (first, second) => {
        const processes = [
          [20, first],
          [21, second],
        ] as const;
        const tree = Object.assign(
          {},
          ...processes.flatMap(([pid, held]) =>
            held.map(({ descriptor: number, inode }) => descriptor(pid, number, inode)),
          ),
        );
        const counts = Object.assign(
          counted('self', 3),
          ...processes.map(([pid, held]) => counted(pid, new Set(held.map((each) => each.descriptor)).size)),
        );
        const wanted = new Set([1, 2, 3]);
        const plain = findSocketOwners(
          readerOf({ ...tree, '/proc/20/fd/x': '', '/proc/21/fd/x': '' }),
          wanted,
        );
        const withCounts = findSocketOwners(readerOf({ ...tree, ...counts }), wanted);
        expect(withCounts).toEqual(plain);
      }),
    );
  });

  test('nothing is asked behind the last descriptor, nor of a kernel thread', () => {
    const { reader } = memoryHost({
      tree: {
        ...counted('self', 3),
        ...counted(20, 2),
        ...descriptor(20, 0, 8),
        ...descriptor(20, 2, 1),
        ...counted(21, 0),
      },
    });
    const followed: string[] = [];
    const watched = {
      ...reader,
      readLink: (path: string) => {
        followed.push(path);
        return reader.readLink(path);
      },
    };
    const owners = findSocketOwners(watched, new Set([1, 2]));
    expect(followed).toEqual(['/proc/20/fd/0', '/proc/20/fd/1', '/proc/20/fd/2']);
    expect(owners).toMatchObject({ ok: true, value: { pids: new Map([[1, [20]]]), deniedProcesses: 0 } });
  });

  test('no /proc, no owners', () => {
    expect(findSocketOwners(readerOf({}), new Set([1]))).toEqual({ ok: false, why: 'absent' });
  });
});

describe('patterns in sysctl files', () => {
  const text =
    'net.ipv4.conf.*.rp_filter = 2\n-net/ipv4/conf/eth0.1/rp_*\n# kernel.* = 1\nnet.core.somaxconn=1\n[=\nx?y=\nwords*\nwords\n-net.ipv4.x\n';
  const named = keysNamedIn([{ path: '/etc/sysctl.d/a.conf', kind: 'file', text }]);

  test('are told from keys', () => {
    expect([...named.keys]).toEqual(['net.core.somaxconn', 'net.ipv4.x']);
    expect([...named.patterns]).toEqual([
      'net/ipv4/conf/*/rp_filter',
      'net/ipv4/conf/eth0.1/rp_*',
      '[',
      'x?y',
    ]);
  });

  test('come with what they stand for, by mode, and without values', () => {
    const reader = readerOf({
      '/etc/passwd': '',
      '/proc/sys/net/ipv4/conf/all/rp_filter': '0\n',
      '/proc/sys/net/ipv4/conf/eth0.1/rp_filter': { text: '1\n', mode: 0o600 },
      '/proc/sys/net/ipv4/conf/lo/forwarding': '0\n',
    });
    const patterns = new Set([
      'net/ipv4/conf/*/rp_filter',
      'net/ipv4/conf/{lo,all}/*',
      'net/none/*',
      '{../..,net/none}/etc/*',
    ]);
    expect(collectGlobs(reader, patterns)).toEqual({
      'net/ipv4/conf/*/rp_filter': [
        ['net/ipv4/conf/all/rp_filter', '0644'],
        ['net/ipv4/conf/eth0.1/rp_filter', '0600'],
      ],
      'net/ipv4/conf/{lo,all}/*': [
        ['net/ipv4/conf/lo/forwarding', '0644'],
        ['net/ipv4/conf/all/rp_filter', '0644'],
      ],
      'net/none/*': [],
      '{../..,net/none}/etc/*': [],
    });
  });

  test.each([
    ['a', ['a']],
    ['{a,b}/{c,d}', ['a/c', 'a/d', 'b/c', 'b/d']],
    ['{a,{b,c}}', ['a', 'b', 'a', 'c']],
    ['{a}/{', ['{a}/{']],
  ])('%s has the alternatives %j', (pattern, alternatives) => {
    expect(withoutBraces(pattern)).toEqual(alternatives);
  });

  test('braces upon braces end', () => {
    expect(withoutBraces('{a,b}'.repeat(50)).length).toBeLessThanOrEqual(64);
  });
});

test('a line of a megabyte costs no more than its length, and names nothing that is longer than a path', () => {
  const lines = [
    `${' '.repeat(1_000_000)}# end`,
    `{${','.repeat(500_000)}*`,
    `net.core.${'x'.repeat(5000)} = 1`,
    'net.core.somaxconn = 1',
  ];
  const named = keysNamedIn([{ path: '/etc/sysctl.d/a.conf', kind: 'file', text: lines.join('\n') }]);
  expect([...named.keys]).toEqual(['net.core.somaxconn']);
  expect([...named.patterns]).toEqual([]);
});
