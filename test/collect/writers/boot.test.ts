import { describe, expect, test } from '@jest/globals';
import { type MemoryTree, memoryHost } from '../../tools/memory-host.ts';
import { factsOf, masked, writersIn } from './writers.ts';

describe('the kernel command line', () => {
  const cmdline = '/proc/cmdline';

  test('sysctl.* with either separator and with quotes, up to what is for init', () => {
    const text =
      'BOOT_IMAGE=/x root=/dev/sda "sysctl.net.ipv4.tcp_rmem=4096 87380 6291456" sysctl/vm/swappiness=10 sysctl.kernel.x="a b" sysctl.novalue quiet -- sysctl.a.b=1\n';
    expect(writersIn({ [cmdline]: text })).toEqual([
      'set net.ipv4.tcp_rmem to 4096 87380 6291456 by /proc/cmdline',
      'set vm.swappiness to 10 by /proc/cmdline',
      'set kernel.x to a b by /proc/cmdline',
    ]);
  });

  test('what a boot loader is told counts where no kernel runs, and is not certain', () => {
    const grub: MemoryTree = {
      '/etc/default/grub':
        '# sysctl.a.b=1\nGRUB_CMDLINE_LINUX="sysctl.vm.swappiness=1 sysctl.kernel.y=\\"a b\\""\n',
      '/etc/kernel/cmdline': 'sysctl.vm.dirty_ratio=5\n',
    };
    expect(writersIn(grub)).toEqual([
      'set vm.dirty_ratio to 5 by /etc/kernel/cmdline:1 (?)',
      'set vm.swappiness to 1 by /etc/default/grub:2 (?)',
      'set kernel.y to a b by /etc/default/grub:2 (?)',
    ]);
    expect(writersIn({ ...grub, [cmdline]: 'quiet\n' })).toEqual([]);
  });

  test("a container is not told of the host's", () => {
    expect(factsOf({ [cmdline]: 'sysctl.vm.swappiness=1\n' }, 'container').otherWriters).toEqual([]);
  });

  test('a secret is named and not told', () => {
    const key = 'net.ipv4.tcp_fastopen_key';
    expect(writersIn({ [cmdline]: `sysctl.${key}=1-2-3-4\n` })).toEqual([`set ${key} to ? by /proc/cmdline`]);
  });
});

describe('an initramfs of dracut', () => {
  const image = '/boot/initramfs-6.12.0.img';
  const host = (changes: MemoryTree): MemoryTree => ({
    '/proc/sys/kernel/osrelease': '6.12.0\n',
    '/usr/lib/dracut/modules.d/01systemd-sysctl/module-setup.sh': '',
    [image]: { text: '', modifiedMs: 2000 },
    '/etc/sysctl.d/10-a.conf': { text: '', modifiedMs: 1000 },
    ...changes,
  });

  test.each<readonly [string, MemoryTree, boolean]>([
    ['newer than every file', {}, false],
    ['older than a file', { '/etc/sysctl.d/10-a.conf': { text: '', modifiedMs: 3000 } }, true],
    [
      'older than a directory, from which a file was taken',
      { '/etc/sysctl.d': { kind: 'directory', modifiedMs: 3000 } },
      true,
    ],
    [
      'older than a file that no loader reads',
      { '/etc/sysctl.d/notes': { text: '', modifiedMs: 3000 } },
      false,
    ],
    [
      'of another kernel',
      { '/proc/sys/kernel/osrelease': '6.13.0\n', '/etc/sysctl.conf': { text: '', modifiedMs: 3000 } },
      false,
    ],
  ])('%s', (_name, changes, stale) => {
    expect(writersIn(host(changes))).toEqual(stale ? [`set * to ? by ${image} (?)`] : []);
  });

  test('without the module there is no copy', () => {
    const { '/usr/lib/dracut/modules.d/01systemd-sysctl/module-setup.sh': _module, ...others } = host({
      '/etc/sysctl.conf': { text: '', modifiedMs: 3000 },
    });
    expect(writersIn(others)).toEqual([]);
  });
});

describe('credentials', () => {
  const SYSTEM = '/run/credentials/@system/sysctl.extra';
  const dropIn = '/etc/systemd/system/systemd-sysctl.service.d/x.conf';

  test.each<readonly [string, MemoryTree, readonly string[]]>([
    ['that the loader reads as a file', { [SYSTEM]: '# x\nvm.swappiness = 1\n' }, []],
    [
      'encrypted, beside one that is not',
      { '/etc/credstore.encrypted/sysctl.extra': 'x=1', '/usr/local/lib/credstore/sysctl.extra': '' },
      [],
    ],
    [
      'encrypted',
      { '/etc/credstore.encrypted/sysctl.extra': 'x=1' },
      ['set * to ? by /etc/credstore.encrypted/sysctl.extra (?)'],
    ],
    ['another name', { '/etc/credstore/sysctl.other': 'vm.swappiness = 1\n' }, []],
    [
      'in a drop-in, which is a file of the resolution unless it cannot be read',
      {
        [dropIn]:
          '[Service]\nSetCredential=sysctl.extra:vm.swappiness=1\nSetCredential=other:a.b=1\nLoadCredential=sysctl.extra:/root/x\nSetCredentialEncrypted=sysctl.extra:xyz\nLoadCredential=sysctl.extra:/root/y\n',
        '/root/y': '',
      },
      [`set * to ? by ${dropIn}:4 (?)`, `set * to ? by ${dropIn}:5 (?)`],
    ],
  ])('%s', (_name, tree, expected) => {
    expect(writersIn(tree)).toEqual(expected);
  });
});

describe('udev', () => {
  const SHIPPED = '/usr/lib/udev/rules.d/99-systemd.rules';
  const RULE =
    'ACTION=="add", SUBSYSTEM=="net", KERNEL!="lo", RUN+="/usr/lib/systemd/systemd-sysctl --prefix=/net/ipv4/conf/$name --prefix=/net/ipv6/neigh/$name"\n';
  const OWN = '/etc/udev/rules.d/70-net.rules';

  test("systemd's rule applies the sysctl files to a new interface, unless it is replaced", () => {
    expect(writersIn({ [SHIPPED]: `# x\n${RULE}` })).toEqual([
      `set net.ipv4.conf.*.* to ? by ${SHIPPED}:2`,
      `set net.ipv6.neigh.*.* to ? by ${SHIPPED}:2`,
    ]);
    expect(
      writersIn({ [SHIPPED]: RULE, '/etc/udev/rules.d/99-systemd.rules': { link: '/dev/null' } }),
    ).toEqual([]);
  });

  test('rules of the host', () => {
    const text =
      'SUBSYSTEM=="net", RUN+="/sbin/sysctl -w net.ipv4.conf.$name.rp_filter=2"\nSUBSYSTEM=="module", KERNEL=="bridge", RUN+="/usr/sbin/sysctl -p /etc/bridge.conf"\nATTR{x}=="sysctl"\n';
    expect(
      writersIn({ [OWN]: text, '/etc/bridge.conf': 'net.bridge.bridge-nf-call-iptables = 0\n' }),
    ).toEqual([
      `set net.ipv4.conf.*.rp_filter to 2 by ${OWN}:1 (?)`,
      'set net.bridge.bridge-nf-call-iptables to 0 by /etc/bridge.conf:1 (?)',
    ]);
  });
});

describe('modules', () => {
  test('modules-load.d, where a name in /etc hides that of a package, and the kernel command line', () => {
    const { modulesLoad } = factsOf({
      '/proc/cmdline': 'modules-load=br_netfilter,ip_vs\n',
      '/etc/modules-load.d/a.conf': '# x\nnf-conntrack\n; y\n',
      '/usr/lib/modules-load.d/a.conf': 'sctp\n',
      '/usr/lib/modules-load.d/b.conf': 'sunrpc options=1\n../evil\n',
      '/etc/modules': 'loop\n',
      '/run/modules-load.d/run.conf': 'gone\n',
    });
    expect(modulesLoad.map(({ module, file, line }) => `${module} ${file}:${line}`)).toEqual([
      'br_netfilter /proc/cmdline:1',
      'ip_vs /proc/cmdline:1',
      'nf_conntrack /etc/modules-load.d/a.conf:2',
      'sunrpc /usr/lib/modules-load.d/b.conf:1',
      'loop /etc/modules:1',
    ]);
  });

  test('none is loaded before the loader where the unit that does it is masked', () => {
    const tree = { '/proc/cmdline': 'modules-load=ip_vs\n', '/etc/modules-load.d/a.conf': 'sctp\n' };
    expect(factsOf(tree).modulesLoad).toHaveLength(2);
    expect(factsOf({ ...tree, ...masked('systemd-modules-load.service') }).modulesLoad).toEqual([]);
  });

  test('of those that are loaded, the ones that keys hang on', () => {
    const tree = { '/proc/modules': 'snd 1 0 - Live 0x0\nnf_conntrack 200704 1 nf_nat, Live 0x0\n' };
    expect(factsOf(tree).loadedModules).toEqual(['nf_conntrack']);
    expect(factsOf({ '/proc/modules': '' }).loadedModules).toEqual([]);
    expect(factsOf({}).loadedModules).toBeUndefined();
  });
});

describe('what nobody should have put there', () => {
  const hostile: MemoryTree[string][] = [
    { kind: 'fifo' },
    { kind: 'directory' },
    { link: 'loop' },
    { denied: true },
    { bytes: Uint8Array.from({ length: 2000 }, (_, index) => index % 256) },
    { text: `${'sysctl -w a.b=1 '.repeat(20_000)}\n` },
    { text: 'x'.repeat(300 * 1024) },
    { text: '[sysctl]\n'.repeat(10_000) },
    { text: '"'.repeat(4000) },
    { text: '- path: /etc/sysctl.d/x\n'.repeat(2_000) },
  ];
  const PLACES = [
    '/proc/cmdline',
    '/proc/modules',
    '/etc/rc.local',
    '/etc/cron.d/x',
    '/etc/profile',
    '/etc/docker/daemon.json',
    '/etc/tuned/active_profile',
    '/etc/tuned/p/tuned.conf',
    '/etc/systemd/network/x.network',
    '/etc/systemd/system/x.service',
    '/etc/udev/rules.d/x.rules',
    '/etc/cloud/cloud.cfg.d/x.cfg',
    '/etc/modules-load.d/x.conf',
    '/run/credentials/@system/sysctl.extra',
    '/var/lib/kubelet/config.yaml',
    '/etc/NetworkManager/system-connections/x.nmconnection',
  ];

  test.each(hostile.map((node, index) => [index, node] as const))('%i', (_index, node) => {
    const tree = {
      '/run/tuned/x': '',
      '/run/systemd/netif/state': '',
      '/run/NetworkManager/x': '',
      '/run/docker.sock': '',
      ...Object.fromEntries(PLACES.map((path) => [path, node])),
    };
    const { otherWriters } = factsOf(tree);
    expect(otherWriters.length).toBeLessThanOrEqual(2000);
    expect(otherWriters.every(({ value = '' }) => value.length <= 4096)).toBe(true);
  });

  test('more settings than are kept are said so', async () => {
    const { collectWriters } = await import('../../../src/collect/writers/collect-writers.ts');
    const said: string[] = [];
    const text = Array.from({ length: 2500 }, (_, index) => `sysctl -w a.b${index}=1`).join('\n');
    const { reader } = memoryHost({ tree: { '/etc/rc.local': { text, mode: 0o755 } } });
    const { otherWriters } = collectWriters(reader, 'host', { add: (what) => said.push(what), entries: [] });
    expect([otherWriters.length, said]).toEqual([2000, ['what other programs set']]);
  });
});
