import { describe, expect, test } from '@jest/globals';
import type { MemoryTree } from '../../tools/memory-host.ts';
import { enabled, factsOf, masked, SHIPPED, WANTS, writersIn } from './writers.ts';

test('a host with none of them is told nothing, and nothing is read but what might be there', () => {
  expect(factsOf({})).toEqual({ otherWriters: [], modulesLoad: [] });
});

describe('TuneD', () => {
  // Sections and options of the profiles that 2.20 ships.
  const THROUGHPUT =
    '[main]\nsummary=x\n[sysctl]\nvm.dirty_ratio = 40\nvm.swappiness=10\nnet.core.somaxconn=>2048\n[sysctl.thunderx]\ntype=sysctl\nuname_regex=aarch64\nkernel.numa_balancing=0\n';
  const GUEST = '[main]\ninclude=throughput-performance\n[sysctl]\nvm.dirty_ratio = 30\nvm.swappiness = 30\n';
  const throughput = '/usr/lib/tuned/throughput-performance/tuned.conf';
  const guest = '/usr/lib/tuned/virtual-guest/tuned.conf';
  const tuned: MemoryTree = {
    ...enabled('tuned.service'),
    [throughput]: THROUGHPUT,
    [guest]: GUEST,
    '/etc/tuned/active_profile': 'virtual-guest\n',
    '/etc/tuned/tuned-main.conf': 'daemon = 1\n# on\nreapply_sysctl = 1\n',
  };
  const MERGED = [
    `set vm.dirty_ratio to 30 by ${guest}:4`,
    `set vm.swappiness to 30 by ${guest}:5`,
    `raise net.core.somaxconn to 2048 by ${throughput}:6`,
    `set kernel.numa_balancing to 0 by ${throughput}:10 (?)`,
  ];
  const RERUN = 'set * to ? by /etc/tuned/tuned-main.conf:3';

  test('the active profile over what it includes', () => {
    expect(writersIn(tuned)).toEqual([...MERGED, RERUN]);
  });

  test.each<readonly [string, MemoryTree, readonly string[]]>([
    ['reapply_sysctl is off', { '/etc/tuned/tuned-main.conf': 'reapply_sysctl = 0\n' }, MERGED],
    [
      'where nothing is said it is on',
      { '/etc/tuned/tuned-main.conf': '' },
      [...MERGED, 'set * to ? by /etc/tuned/tuned-main.conf'],
    ],
    ['no profile', { '/etc/tuned/active_profile': '' }, []],
    ['a profile that is not there', { '/etc/tuned/active_profile': 'gone\n' }, []],
    ['a name that leads out of the directories', { '/etc/tuned/active_profile': '../../etc/x\n' }, []],
    [
      'a profile of the same name in /etc',
      { '/etc/tuned/virtual-guest/tuned.conf': '[sysctl]\nvm.swappiness = 1 # low\n' },
      ['set vm.swappiness to 1 by /etc/tuned/virtual-guest/tuned.conf:2', RERUN],
    ],
    [
      'replace, drop, and what is switched off',
      {
        [guest]:
          '[main]\ninclude=throughput-performance\n[sysctl]\nreplace=1\nvm.swappiness=5\nvm.x=1\ndrop=vm.x\n[sysctl.thunderx]\nenabled=0\n',
      },
      [`set vm.swappiness to 5 by ${guest}:5`, RERUN],
    ],
    [
      'variables, patterns of names and keys that it spoils',
      {
        [guest]: `[sysctl]\nkernel.x=$\{mine}\nnet/ipv4/tcp_sack="1"\nnet.ipv4.conf.eth0/1.rp_filter=2\n`,
      },
      [
        `set kernel.x to ? by ${guest}:2`,
        `set net.ipv4.tcp_sack to 1 by ${guest}:3`,
        `set net.ipv4.conf.eth0.1.rp_filter to 2 by ${guest}:4`,
        RERUN,
      ],
    ],
    [
      'what it includes hangs on whether it is a guest',
      { [guest]: `[main]\ninclude=$\{f:virt_check:throughput-performance:gone}\n` },
      [
        `set vm.dirty_ratio to 40 by ${throughput}:4 (?)`,
        `set vm.swappiness to 10 by ${throughput}:5 (?)`,
        `raise net.core.somaxconn to 2048 by ${throughput}:6 (?)`,
        `set kernel.numa_balancing to 0 by ${throughput}:10 (?)`,
        RERUN,
      ],
    ],
    [
      'profiles that include each other',
      { [throughput]: '[main]\ninclude=virtual-guest\n' },
      [`set vm.dirty_ratio to 30 by ${guest}:4`, `set vm.swappiness to 30 by ${guest}:5`, RERUN],
    ],
    ['no settings of its own, so no files behind them', { [guest]: '[main]\nsummary=x\n' }, []],
  ])('%s', (_name, changed, expected) => {
    expect(writersIn({ ...tuned, ...changed })).toEqual(expected);
  });

  const own = '/etc/tuned/own/tuned.conf';
  const plugin = '/usr/lib/python3.12/site-packages/tuned/plugins/plugin_vm.py';
  const vm = (...lines: readonly string[]): MemoryTree => ({
    ...tuned,
    [own]: ['[vm]', ...lines, ''].join('\n'),
    [plugin]: '"dirty_bytes" : None,\n',
    '/etc/tuned/active_profile': 'own\n',
  });

  test.each<readonly [string, readonly string[], readonly string[]]>([
    ['a share of the memory', ['dirty_bytes=40%'], [`set vm.dirty_ratio to 40 by ${own}:2`]],
    ['bytes', ['dirty_background_bytes=65536'], [`set vm.dirty_background_bytes to 65536 by ${own}:2`]],
    ['a ratio by its own name', ['dirty_ratio=9 # old'], [`set vm.dirty_ratio to 9 by ${own}:2`]],
    ['what it refuses', ['dirty_bytes=0', 'dirty_background_bytes=>1', 'dirty_ratio=5%'], []],
    ['a ratio of nothing', ['dirty_background_ratio=0'], [`set vm.dirty_background_ratio to 0 by ${own}:2`]],
    ['a variable', [`dirty_bytes=$\{x}`], [`set vm.dirty_bytes to ? by ${own}:2`]],
    ['what is no sysctl', ['transparent_hugepages=never'], []],
    [
      'behind the sysctl files, which are applied behind the other plug-in',
      ['dirty_ratio=9', '[a]', 'type=sysctl', 'vm.x=1', '[b]', 'type=vm', 'dirty_ratio=8'],
      [
        `set vm.dirty_ratio to 9 by ${own}:2`,
        `set vm.x to 1 by ${own}:5`,
        RERUN,
        `set vm.dirty_ratio to 8 by ${own}:8`,
      ],
    ],
  ])('the vm plug-in: %s', (_what, lines, expected) => {
    expect(writersIn(vm(...lines))).toEqual(expected);
  });

  test('the vm plug-in before it knew dirty_bytes, and where it was not found', () => {
    expect(writersIn({ ...vm('dirty_bytes=40%'), [plugin]: '"transparent_hugepages" : None\n' })).toEqual([]);
    const { [plugin]: _plugin, ...rest } = vm('dirty_bytes=40%');
    expect(writersIn(rest)).toEqual([`set vm.dirty_ratio to 40 by ${own}:2 (?)`]);
  });

  test('what is installed and not started sets nothing, and its directory in /run is always there', () => {
    const { [`${WANTS}/tuned.service`]: _link, ...installed } = tuned;
    expect(writersIn({ ...installed, '/run/tuned/x': '' })).toEqual([]);
    expect(writersIn({ ...tuned, ...masked('tuned.service') })).toEqual([]);
  });

  test('nothing of it is certain where its unit asks for something', () => {
    const found = writersIn({ ...tuned, [`${SHIPPED}/tuned.service`]: '[Unit]\nConditionPathExists=/x\n' });
    expect(found).toHaveLength(MERGED.length + 1);
    expect(found.every((each) => each.endsWith('(?)'))).toBe(true);
  });
});

describe('systemd-networkd', () => {
  const lan = '/etc/systemd/network/10-lan.network';
  const enabledAlone = enabled('systemd-networkd.service');
  const systemd = (version: number) => ({ [`/usr/lib/systemd/libsystemd-shared-${version}.so`]: '' });
  const runs = { ...enabledAlone, ...systemd(257) };

  test('each directive of a link that it manages', () => {
    const text = [
      '[Match]',
      'Name=eth0.1',
      '[Network]',
      'DHCP=yes',
      'IPv6AcceptRA=no',
      'IPv6PrivacyExtensions=prefer-public',
      'IPv4Forwarding=yes',
      'IPv6HopLimit=32',
      'IPv4ReversePathFilter=loose',
      'IPv4ProxyARP=0',
      'IPv6MTUBytes=nonsense',
    ].join('\n');
    expect(writersIn({ ...runs, [lan]: text })).toEqual([
      `set net.ipv4.conf.eth0/1.promote_secondaries to 1 by ${lan}`,
      `set net.ipv6.conf.eth0/1.accept_ra to 0 by ${lan}:5`,
      `set net.ipv6.conf.eth0/1.use_tempaddr to 1 by ${lan}:6`,
      `set net.ipv6.conf.eth0/1.disable_ipv6 to 0 by ${lan} (?)`,
      `set net.ipv4.conf.eth0/1.forwarding to 1 by ${lan}:7`,
      `set net.ipv6.conf.eth0/1.hop_limit to 32 by ${lan}:8`,
      `set net.ipv4.conf.eth0/1.rp_filter to 2 by ${lan}:9`,
      `set net.ipv4.conf.eth0/1.proxy_arp to 0 by ${lan}:10`,
    ]);
  });

  test('the first file that fits manages the link, and what cannot be told from a name is not certain', () => {
    const found = factsOf({
      ...runs,
      [lan]: '[Match]\nName=en*\n',
      '/usr/lib/systemd/network/80-all.network': '[Match]\nName=eth0\n',
      '/usr/lib/systemd/network/90-mac.network': '[Match]\nMACAddress=00:00:5e:00:53:01\n',
      '/usr/lib/systemd/network/95-not.network': '[Match]\nName=x\n[Link]\nUnmanaged=yes\n',
      '/usr/lib/systemd/network/10-lan.network': '[Match]\nName=masked\n',
    }).otherWriters.filter(({ key }) => key.endsWith('.accept_ra'));
    expect(found.map(({ key, sure }) => [key, sure])).toEqual([
      ['net.ipv6.conf.en*.accept_ra', true],
      ['net.ipv6.conf.eth0.accept_ra', false],
      ['net.ipv6.conf.*.accept_ra', false],
    ]);
  });

  test('forwarding for the whole host: in networkd.conf, and in a link before systemd 256', () => {
    const network = '[Match]\nName=a\n[Network]\nIPForward=ipv4\nIPv6PrivacyExtensions=kernel\n';
    const conf = '/etc/systemd/networkd.conf.d/fwd.conf';
    const tree = { ...enabledAlone, [lan]: network, [conf]: '[Network]\nIPv6Forwarding=no\n' };
    const ofLink = [
      `set net.ipv4.conf.a.promote_secondaries to 1 by ${lan} (?)`,
      `set net.ipv6.conf.a.accept_ra to 0 by ${lan}`,
      `set net.ipv6.conf.a.disable_ipv6 to 0 by ${lan} (?)`,
    ];
    const ofAll = (doubt: string) =>
      ['all', 'default'].map((name) => `set net.ipv6.conf.${name}.forwarding to 0 by ${conf}:2${doubt}`);
    const before = `set net.ipv4.ip_forward to 1 by ${lan}:4 (?)`;
    expect(writersIn({ ...tree, ...systemd(257) })).toEqual([...ofAll(''), ...ofLink]);
    expect(writersIn({ ...tree, ...systemd(255) })).toEqual([...ofLink, before]);
    expect(writersIn(tree)).toEqual([...ofAll(' (?)'), ...ofLink, before]);
  });

  test.each<readonly [number, readonly string[]]>([
    [245, []],
    [252, ['accept_local']],
    [255, ['accept_local', 'rp_filter']],
    [256, ['forwarding', 'accept_local', 'rp_filter', 'proxy_arp_pvlan']],
    [257, ['forwarding', 'accept_local', 'rp_filter', 'proxy_arp_pvlan', 'force_igmp_version']],
  ])('systemd %s passes over what it does not know', (version, expected) => {
    const directives =
      'IPv4Forwarding=yes\nIPv4AcceptLocal=yes\nIPv4ReversePathFilter=strict\nIPv4ProxyARPPrivateVLAN=yes\nMulticastIGMPVersion=v2\nBond=b\n';
    const found = factsOf({
      ...enabledAlone,
      ...systemd(version),
      [lan]: `[Match]\nName=a\n[Network]\n${directives}`,
    }).otherWriters.filter(({ line }) => line !== undefined);
    expect(found.map(({ key }) => key.split('.').at(-1))).toEqual(expected);
    expect(found.every(({ sure }) => sure)).toBe(true);
  });

  test('what a systemd of unknown version knows is not certain', () => {
    const tree = {
      ...enabledAlone,
      [lan]: '[Match]\nName=a\n[Network]\nIPv4Forwarding=yes\nIPv6HopLimit=9\n',
    };
    expect(writersIn(tree).slice(-2)).toEqual([
      `set net.ipv4.conf.a.forwarding to 1 by ${lan}:4 (?)`,
      `set net.ipv6.conf.a.hop_limit to 9 by ${lan}:5`,
    ]);
  });

  const conf = '/etc/systemd/networkd.conf';
  test.each<readonly [string, string, MemoryTree, readonly string[]]>([
    [
      'networkd.conf has the say of temporary addresses where the link has none',
      'DHCP=ipv4',
      { [conf]: '[Network]\nIPv6PrivacyExtensions=yes\n' },
      [`set net.ipv6.conf.a.use_tempaddr to 2 by ${conf}:2`],
    ],
    [
      'and the link where it has one',
      'IPv6PrivacyExtensions=no',
      { [conf]: '[Network]\nIPv6PrivacyExtensions=kernel\n' },
      [`set net.ipv6.conf.a.use_tempaddr to 0 by ${lan}:4`],
    ],
    ['the same of all, left to the kernel', '', { [conf]: '[Network]\nIPv6PrivacyExtensions=kernel\n' }, []],
  ])('%s', (_name, lines, tree, expected) => {
    const network = `[Match]\nName=a\n[Network]\n${lines}\n`;
    const found = writersIn({ ...runs, ...tree, [lan]: network });
    expect(found.filter((each) => each.includes('use_tempaddr'))).toEqual(expected);
  });

  test.each<readonly [string, readonly string[]]>([
    ['LinkLocalAddressing=yes', [`set net.ipv6.conf.a.disable_ipv6 to 0 by ${lan}:4`]],
    ['LinkLocalAddressing=ipv4', [`set net.ipv6.conf.a.disable_ipv6 to 0 by ${lan}:4 (?)`]],
    ['Bridge=br0', []],
    [
      'IPMasquerade=both\nBond=bond0',
      [
        `set net.ipv4.conf.a.forwarding to 1 by ${lan}:4 (?)`,
        `set net.ipv4.ip_forward to 1 by ${lan}:4 (?)`,
        `set net.ipv6.conf.a.forwarding to 1 by ${lan}:4 (?)`,
        `set net.ipv6.conf.all.forwarding to 1 by ${lan}:4 (?)`,
      ],
    ],
    ['IPv6HopLimit=0\nBond=bond0', []],
  ])('%s', (lines, expected) => {
    const found = writersIn({ ...runs, [lan]: `[Match]\nName=a\n[Network]\n${lines}\n` });
    expect(found.filter((each) => /disable_ipv6|forward|hop_limit/.test(each))).toEqual(expected);
  });

  test('it may set something where it runs and is not enabled, and nothing where it is only installed', () => {
    const state = { '/run/systemd/netif/state': '' };
    const network = { [lan]: '[Match]\nName=a\n', [conf]: '[Network]\nIPv6Forwarding=no\n' };
    const found = writersIn({ ...network, ...state });
    expect(found).toContain(`set net.ipv6.conf.all.forwarding to 0 by ${conf}:2 (?)`);
    expect(found.every((each) => each.endsWith('(?)'))).toBe(true);
    expect(writersIn({ ...network, '/run/systemd/netif/leases/x': '' })).toEqual([]);
    expect(writersIn({ ...network, ...state, ...masked('systemd-networkd.service') })).toEqual([]);
  });

  test('that it needs a capability, as its unit says, is no doubt', () => {
    const unit = { [`${SHIPPED}/systemd-networkd.service`]: '[Unit]\nConditionCapability=CAP_NET_ADMIN\n' };
    expect(writersIn({ ...runs, ...unit, [lan]: '[Match]\nName=a\n' })).toContain(
      `set net.ipv6.conf.a.accept_ra to 0 by ${lan}`,
    );
  });
});

describe('NetworkManager', () => {
  const link = `${WANTS}/NetworkManager.service`;
  const runs: MemoryTree = {
    ...enabled('NetworkManager.service'),
    '/etc/NetworkManager/NetworkManager.conf': '[main]\n',
  };
  const DEVICES = ['disable_ipv6', 'accept_ra', 'use_tempaddr', 'addr_gen_mode', 'hop_limit', 'mtu'].map(
    (variable) => `set net.ipv6.conf.*.${variable} to ? by ${link} (?)`,
  );
  const wifi = '/etc/NetworkManager/system-connections/wifi.nmconnection';

  test('its devices, and what connections ask for; no secret of theirs is kept', () => {
    const text =
      '[connection]\ninterface-name=wlan0\n[wifi-security]\npsk=sysctl -w kernel.secret=hunter2\n[ipv4]\nmethod=shared\n[ipv6]\nmethod=disabled\nip6-privacy=2\n';
    const facts = factsOf({ ...runs, [wifi]: { text, mode: 0o600 } });
    expect(JSON.stringify(facts)).not.toContain('hunter2');
    expect(writersIn({ ...runs, [wifi]: text })).toEqual([
      ...DEVICES,
      `set net.ipv4.ip_forward to 1 by ${wifi}:6 (?)`,
      `set net.ipv4.ip_dynaddr to 1 by ${wifi}:6 (?)`,
      `set net.ipv4.conf.*.forwarding to 1 by ${wifi}:6 (?)`,
      `set net.ipv6.conf.wlan0.disable_ipv6 to 1 by ${wifi}:8`,
      `set net.ipv6.conf.wlan0.use_tempaddr to 2 by ${wifi}:9 (?)`,
    ]);
  });

  const lan = '/etc/NetworkManager/system-connections/lan.nmconnection';
  const eth0 = '[connection]\ntype=ethernet\ninterface-name=eth0\n';
  const ofLan = (sure: string) => [
    `set net.ipv6.conf.eth0.accept_ra to 0 by ${lan}:5${sure}`,
    `set net.ipv6.conf.eth0.disable_ipv6 to 0 by ${lan}:5${sure}`,
  ];

  test.each<readonly [string, MemoryTree, readonly string[]]>([
    ['IPv6 is its own affair', { [lan]: `${eth0}[ipv6]\nmethod=auto\n` }, ofLan('')],
    [
      'temporary addresses',
      { [lan]: `${eth0}[ipv6]\nip6-privacy=0\n` },
      [`set net.ipv6.conf.eth0.use_tempaddr to 0 by ${lan}:5`],
    ],
    ['IPv6 is left alone', { [lan]: `${eth0}[ipv6]\nmethod=ignore\n` }, []],
    [
      'IPv6 is shared',
      { [lan]: `${eth0}[ipv6]\nmethod=shared\n` },
      [...ofLan(''), `set net.ipv6.conf.all.forwarding to 1 by ${lan}:5 (?)`],
    ],
    ['a port has no addresses', { [lan]: `${eth0}controller=bond0\n[ipv6]\nmethod=auto` }, portOf(lan)],
    ['it is not started by itself', { [lan]: `${eth0}autoconnect=false\n[ipv6]\nmethod=auto` }, portOf(lan)],
    ['two for one device', { [lan]: `${eth0}[ipv6]\nmethod=auto\n`, [wifi]: eth0 }, ofLan(' (?)')],
    [
      'another for any device of the type',
      { [lan]: `${eth0}[ipv6]\nmethod=auto\n`, [wifi]: '[connection]\ntype=ethernet\n' },
      ofLan(' (?)'),
    ],
    [
      'another for devices of another type',
      { [lan]: `${eth0}[ipv6]\nmethod=auto\n`, [wifi]: '[connection]\ntype=wifi\n' },
      ofLan(''),
    ],
    [
      'forwarding on the device',
      { [lan]: `${eth0}[ipv4]\nforwarding=0\n` },
      [`set net.ipv4.conf.eth0.forwarding to 0 by ${lan}:5`],
    ],
    ['forwarding as sharing asks for', { [lan]: `${eth0}[ipv4]\nforwarding=2\n` }, []],
  ])('%s', (_name, tree, expected) => {
    expect(writersIn({ ...runs, ...tree })).toEqual([...DEVICES, ...expected]);
  });

  test.each<readonly [string, boolean]>([
    ['[keyfile]\nunmanaged-devices=interface-name:eth0\n', false],
    ['[keyfile]\nunmanaged-devices=interface-name:veth*;eth*\n', false],
    ['[keyfile]\nunmanaged-devices+=mac:00:00:5e:00:53:01\n', false],
    ['[keyfile]\nunmanaged-devices=*,except:type:wifi\n', false],
    ['[device-a]\nmatch-device=interface-name:=eth0\nmanaged=0\n', false],
    ['[device]\nmanaged=false\n', false],
    [
      '[keyfile]\nunmanaged-devices=interface-name:eth1;interface-name:veth*;except:interface-name:eth0\n',
      true,
    ],
    ['[device-a]\nmatch-device=interface-name:eth1\nmanaged=0\n', true],
    ['[device-a]\nmatch-device=interface-name:eth0\nmanaged=1\n', true],
  ])('a device that it may be told to leave alone: %j', (text, sure) => {
    const connection = { ...runs, [lan]: `${eth0}[ipv6]\nmethod=auto\n` };
    const expected = [...DEVICES, ...ofLan(sure ? '' : ' (?)')];
    expect(writersIn({ ...connection, '/etc/NetworkManager/NetworkManager.conf': text })).toEqual(expected);
    expect(writersIn({ ...connection, '/usr/lib/NetworkManager/conf.d/x.conf': text })).toEqual(expected);
  });

  function portOf(file: string): readonly string[] {
    return ['accept_ra', 'disable_ipv6'].map(
      (variable) => `set net.ipv6.conf.eth0.${variable} to 0 by ${file}:6 (?)`,
    );
  }

  test('what it asks for may be set where it runs and is not enabled, and is not where it is masked', () => {
    const running = {
      '/etc/NetworkManager/NetworkManager.conf': '[main]\n',
      '/run/NetworkManager/x': '',
      [lan]: `${eth0}[ipv6]\nmethod=auto\n`,
    };
    const devices = DEVICES.map((each) => each.replace(link, '/run/NetworkManager'));
    expect(writersIn(running)).toEqual([...devices, ...ofLan(' (?)')]);
    expect(writersIn({ ...running, ...masked('NetworkManager.service') })).toEqual([]);
  });

  test('connections that are for root alone are passed over', () => {
    expect(writersIn({ ...runs, [wifi]: { denied: true } })).toEqual(DEVICES);
  });
});

describe('Docker', () => {
  const link = `${WANTS}/docker.service`;
  const config = '/etc/docker/daemon.json';
  const runs: MemoryTree = {
    ...enabled('docker.service'),
    '/usr/bin/dockerd': '',
    '/lib/systemd/system/docker.service': '[Service]\nExecStart=/usr/bin/dockerd -H fd://\n',
  };

  test.each<readonly [string, MemoryTree, readonly string[]]>([
    ['without a configuration', {}, [`set net.ipv4.ip_forward to 1 by ${link}`]],
    ['told not to', { [config]: '{\n  "ip-forward": false\n}\n' }, []],
    [
      'told to',
      { [config]: '{\n  "ip-forward": true\n}\n' },
      [`set net.ipv4.ip_forward to 1 by ${config}:2`],
    ],
    [
      'told not to by its unit',
      {
        '/etc/systemd/system/docker.service.d/x.conf':
          '[Service]\nExecStart=\nExecStart=/usr/bin/dockerd --ip-forward=false\n',
      },
      [],
    ],
    [
      'told not to by a unit in its place',
      {
        '/etc/systemd/system/docker.service':
          '[Service]\nExecStart=/usr/bin/dockerd --icc \\\n  --ip-forward=0\n',
      },
      [],
    ],
    [
      'told not to in a comment, or on a command line that is taken back',
      {
        '/etc/systemd/system/docker.service.d/x.conf':
          '[Service]\n# ExecStart=/usr/bin/dockerd --ip-forward=false\nExecStart=dockerd --ip-forward=false\nExecStart=\nExecStart=/usr/bin/dockerd --ip-forward-no-drop=false\n',
      },
      [`set net.ipv4.ip_forward to 1 by ${link}`],
    ],
    [
      'no bridge, and IPv6, by flags',
      {
        '/etc/systemd/system/docker.service.d/x.conf':
          '[Service]\nExecStart=\nExecStart=/usr/bin/dockerd --bridge=none --ipv6\n',
      },
      [
        `set net.ipv4.ip_forward to 1 by ${link} (?)`,
        `set net.ipv6.conf.default.forwarding to 1 by ${link} (?)`,
        `set net.ipv6.conf.all.forwarding to 1 by ${link} (?)`,
      ],
    ],
    ...['{ "ip-forward": false', '{ "log-driver": "json-file", }', '[]'].map(
      (text) =>
        [
          `does not start with ${text}`,
          { [config]: text },
          [`set net.ipv4.ip_forward to 1 by ${config} (?)`],
        ] as const,
    ),
    [
      'nobody can tell what it is told',
      { [config]: { denied: true } },
      [`set net.ipv4.ip_forward to 1 by ${config} (?)`],
    ],
    ['told nothing', { [config]: '\n' }, [`set net.ipv4.ip_forward to 1 by ${link}`]],
    ['told null', { [config]: 'null' }, [`set net.ipv4.ip_forward to 1 by ${link}`]],
    [
      'containers that may not reach each other',
      { [config]: '{"ip-forward": true,\n"icc": false,\n"userland-proxy": false}' },
      [
        `set net.ipv4.ip_forward to 1 by ${config}:1`,
        `set net.bridge.bridge-nf-call-iptables to 1 by ${config}:2`,
        `set net.bridge.bridge-nf-call-ip6tables to 1 by ${config}:2 (?)`,
        `set net.ipv4.conf.docker0.route_localnet to 1 by ${config}:3 (?)`,
      ],
    ],
    [
      'bridges hand packets to iptables only where they are forwarded',
      { [config]: '{"ip-forward": false,\n"icc": false}' },
      [
        `set net.bridge.bridge-nf-call-iptables to 1 by ${config}:2 (?)`,
        `set net.bridge.bridge-nf-call-ip6tables to 1 by ${config}:2 (?)`,
      ],
    ],
    [
      'and where there is iptables; a bridge of another name',
      { [config]: '{"ip-forward": false, "userland-proxy": false, "iptables": false, "bridge": "br0.1"}' },
      [`set net.ipv4.conf.br0/1.route_localnet to 1 by ${config}:1 (?)`],
    ],
    [
      'no bridge at its start',
      { [config]: '{"bridge": "none", "ipv6": false}' },
      [`set net.ipv4.ip_forward to 1 by ${link} (?)`],
    ],
    [
      'a bridge with IPv6',
      { [config]: '{"ipv6": true}' },
      [
        `set net.ipv4.ip_forward to 1 by ${link}`,
        `set net.ipv6.conf.default.forwarding to 1 by ${config}:1`,
        `set net.ipv6.conf.all.forwarding to 1 by ${config}:1`,
      ],
    ],
  ])('%s', (_name, tree, expected) => {
    expect(writersIn({ ...runs, ...tree })).toEqual(expected);
  });

  test('installed and not started', () => {
    expect(writersIn({ [config]: '{"ip-forward": true}' })).toEqual([]);
  });

  test('it may be started: by whoever connects, or as it runs now; not where it is masked', () => {
    const socket = '/etc/systemd/system/sockets.target.wants/docker.socket';
    const activated: MemoryTree = {
      '/usr/bin/dockerd': '',
      [`${SHIPPED}/docker.service`]: '[Unit]\n',
      [`${SHIPPED}/docker.socket`]: '[Socket]\n',
      [socket]: { link: `${SHIPPED}/docker.socket` },
    };
    const running = { '/run/docker.sock': '' };
    expect(writersIn(activated)).toEqual([`set net.ipv4.ip_forward to 1 by ${socket} (?)`]);
    expect(writersIn(running)).toEqual(['set net.ipv4.ip_forward to 1 by /run/docker.sock (?)']);
    expect(writersIn({ ...activated, ...running, ...masked('docker.service') })).toEqual([]);
  });
});

describe('Kubernetes', () => {
  const config = '/var/lib/kubelet/config.yaml';
  const kubelet = { ...enabled('kubelet.service'), '/usr/bin/kubelet': '' };
  const proxy = '/var/lib/kube-proxy/config.conf';
  const own = (file: string, sure = '') =>
    [
      ['vm.overcommit_memory', '1'],
      ['vm.panic_on_oom', '0'],
      ['kernel.panic', '10'],
      ['kernel.panic_on_oops', '1'],
      ['kernel.keys.root_maxkeys', '1000000'],
      ['kernel.keys.root_maxbytes', '25000000'],
    ].map(([key, value]) => `set ${key} to ${value} by ${file}${sure}`);
  const inPod = (file: string, max = '?') => [
    `set net.netfilter.nf_conntrack_max to ${max} by ${file} (?)`,
    `set net.netfilter.nf_conntrack_tcp_timeout_established to 86400 by ${file} (?)`,
    `set net.netfilter.nf_conntrack_tcp_timeout_close_wait to 3600 by ${file} (?)`,
    `set net.ipv4.conf.all.route_localnet to 1 by ${file} (?)`,
  ];
  const ofK3s = (file: string) => [
    `set net.ipv4.conf.all.forwarding to 1 by ${file}`,
    `set net.ipv4.conf.default.forwarding to 1 by ${file}`,
    `set net.ipv6.conf.all.forwarding to 1 by ${file} (?)`,
    `set net.ipv6.conf.default.forwarding to 1 by ${file} (?)`,
    `set net.core.devconf_inherit_init_net to 1 by ${file} (?)`,
    `set net.bridge.bridge-nf-call-iptables to 1 by ${file} (?)`,
    `set net.bridge.bridge-nf-call-ip6tables to 1 by ${file} (?)`,
  ];
  const k3s = { ...enabled('k3s.service'), '/usr/local/bin/k3s': '' };
  const ofUnit = `${WANTS}/k3s.service`;

  test.each<readonly [string, MemoryTree, readonly string[]]>([
    [
      'the kubelet as kubeadm sets it up',
      { ...kubelet, [config]: 'kind: KubeletConfiguration\n' },
      [...own(config), ...inPod(config)],
    ],
    [
      'it is not started',
      { [config]: 'kind: KubeletConfiguration\n' },
      [...own(config, ' (?)'), ...inPod(config)],
    ],
    [
      'it has no configuration yet',
      kubelet,
      [...own(`${WANTS}/kubelet.service`, ' (?)'), ...inPod(`${WANTS}/kubelet.service`)],
    ],
    ['it is masked', { ...kubelet, ...masked('kubelet.service'), [config]: '' }, []],
    ['it would rather not start', { ...kubelet, [config]: 'protectKernelDefaults: true\n' }, inPod(config)],
    [
      'the same as a flag',
      {
        ...kubelet,
        '/etc/default/kubelet': 'KUBELET_EXTRA_ARGS="--protect-kernel-defaults"\n',
      },
      inPod(`${WANTS}/kubelet.service`),
    ],
    ['k3s has both built in', k3s, [...own(ofUnit), ...ofK3s(ofUnit), ...inPod(ofUnit)]],
    [
      'k3s whose kubelet would rather not start',
      { ...k3s, '/etc/rancher/k3s/config.yaml': 'protect-kernel-defaults: true\n' },
      [...ofK3s(ofUnit), ...inPod(ofUnit)],
    ],
    [
      'the same in its unit',
      {
        ...k3s,
        '/etc/systemd/system/k3s.service': "ExecStart=k3s server \\\n  '--protect-kernel-defaults' \\\n",
      },
      [...ofK3s(ofUnit), ...inPod(ofUnit)],
    ],
    [
      'RKE2, which may have been told so by a profile',
      { ...enabled('rke2-agent.service'), '/var/lib/rancher/rke2/x': '' },
      [...own(`${WANTS}/rke2-agent.service`, ' (?)'), ...inPod(`${WANTS}/rke2-agent.service`)],
    ],
    [
      'kube-proxy in a pod sizes its table by the CPUs of the host',
      { [config]: '', '/sys/devices/system/cpu/online': '0-7\n' },
      [...own(config, ' (?)'), ...inPod(config, '262144')],
    ],
  ])('%s', (_name, tree, expected) => {
    expect(writersIn(tree)).toEqual(expected);
  });

  describe('kube-proxy with a configuration on the host', () => {
    const KIND = 'kind: KubeProxyConfiguration\n';
    const NO_MODE = 'mode: nftables\n';
    const established = 'net.netfilter.nf_conntrack_tcp_timeout_established';
    const closeWait = 'net.netfilter.nf_conntrack_tcp_timeout_close_wait';
    const max = 'net.netfilter.nf_conntrack_max';
    const ofProxy = (text: string, tree: MemoryTree = enabled('kube-proxy.service')) =>
      writersIn({ [proxy]: KIND + text, '/sys/devices/system/cpu/online': '0-3\n', ...tree });
    /** Of a key that every version raises and some set outright. */
    const both = (key: string, value: string, line = '') => [
      `raise ${key} to ${value} by ${proxy}${line}`,
      `set ${key} to ${value} by ${proxy}${line} (?)`,
    ];
    const OFF = 'conntrack:\n  maxPerCore: 0\n  tcpEstablishedTimeout: 0s\n  tcpCloseWaitTimeout: 0s\n';

    test.each<readonly [string, string, readonly string[]]>([
      [
        'nothing said',
        NO_MODE,
        [...both(max, '131072'), ...both(established, '86400'), ...both(closeWait, '3600')],
      ],
      [
        'null is nothing said',
        `${NO_MODE}conntrack:\n  maxPerCore: null\n  tcpEstablishedTimeout: ~ # x\n  tcpCloseWaitTimeout: 0s\n`,
        [...both(max, '131072'), ...both(established, '86400')],
      ],
      [
        'the least is without effect where nothing is set',
        `${NO_MODE}conntrack:\n  maxPerCore: 0\n  min: 524288\n  tcpEstablishedTimeout: 2h0m5s\n  tcpCloseWaitTimeout: 0s\n`,
        both(established, '7205', ':6'),
      ],
      [
        'so much for each CPU',
        `${NO_MODE}${OFF.replace('0\n', '"65536"\n  min: 1000\n')}`,
        both(max, '262144', ':4'),
      ],
      [
        'more than some versions allow',
        `${NO_MODE}${OFF.replace('0\n', '524288\n')}`,
        [`set ${max} to ? by ${proxy}:4 (?)`],
      ],
      [
        'of newer versions',
        `${NO_MODE}${OFF}  tcpBeLiberal: true\n  udpTimeout: 30s\nipvs:\n  udpTimeout: 1s\n`,
        [
          ...both('net.netfilter.nf_conntrack_udp_timeout', '30', ':8'),
          `set net.netfilter.nf_conntrack_tcp_be_liberal to 1 by ${proxy}:7`,
        ],
      ],
      ['iptables by default', OFF, [`set net.ipv4.conf.all.route_localnet to 1 by ${proxy} (?)`]],
      ['without ports on localhost', `${OFF}iptables:\n  localhostNodePorts: false\n`, []],
      [
        'ipvs',
        `${OFF}ipvs:\n  strictARP: true\nmode: "ipvs"\n`,
        [
          `set net.ipv4.vs.conntrack to 1 by ${proxy}:8`,
          `set net.ipv4.vs.expire_nodest_conn to 1 by ${proxy}:8`,
          `set net.ipv4.vs.expire_quiescent_template to 1 by ${proxy}:8`,
          `set net.ipv4.ip_forward to 1 by ${proxy}:8`,
          `set net.ipv4.conf.all.arp_ignore to 1 by ${proxy}:8`,
          `set net.ipv4.conf.all.arp_announce to 2 by ${proxy}:8`,
          `set net.ipv4.vs.conn_reuse_mode to 0 by ${proxy}:8 (?)`,
        ],
      ],
    ])('%s', (_name, text, expected) => {
      expect(ofProxy(text)).toEqual(expected);
    });

    test('nothing of it is certain where nothing starts it, or where it is not read', () => {
      const unsure = [`set ${max} to 131072 by ${proxy} (?)`];
      const text = `${NO_MODE}conntrack:\n  tcpEstablishedTimeout: 0s\n  tcpCloseWaitTimeout: 0s\n`;
      expect(ofProxy(text, {})).toEqual(unsure);
      expect(ofProxy(`${NO_MODE}conntrack: {maxPerCore: 0}\n`).every((each) => each.endsWith('(?)'))).toBe(
        true,
      );
    });

    test('where its unit is masked it has none, and there may be one in a pod', () => {
      const file = `${WANTS}/kubelet.service`;
      const found = ofProxy('mode: ipvs\n', { ...kubelet, ...masked('kube-proxy.service') });
      expect(found).toEqual([...own(file, ' (?)'), ...inPod(file, '131072')]);
    });

    test('a file that is none', () => {
      expect(writersIn({ [proxy]: 'kind: ConfigMap\nconntrack:\n  min: 1\n' })).toEqual([]);
    });
  });
});
