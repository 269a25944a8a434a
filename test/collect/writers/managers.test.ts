import { describe, expect, test } from '@jest/globals';
import type { MemoryTree } from '../../tools/memory-host.ts';
import { enabled, factsOf, WANTS, writersIn } from './writers.ts';

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

  test('what is installed and not started sets nothing', () => {
    const { [`${WANTS}/tuned.service`]: _link, ...installed } = tuned;
    expect(writersIn(installed)).toEqual([]);
  });
});

describe('systemd-networkd', () => {
  const lan = '/etc/systemd/network/10-lan.network';
  const runs = enabled('systemd-networkd.service');

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
    }).otherWriters.filter(({ key }) => key.endsWith('.promote_secondaries'));
    expect(found.map(({ key, sure }) => [key, sure])).toEqual([
      ['net.ipv4.conf.en*.promote_secondaries', true],
      ['net.ipv4.conf.eth0.promote_secondaries', false],
      ['net.ipv4.conf.*.promote_secondaries', false],
    ]);
  });

  test('forwarding for the whole host: as before systemd 256, and in networkd.conf', () => {
    const network = '[Match]\nName=a\n[Network]\nIPForward=ipv4\nIPv6PrivacyExtensions=kernel\n';
    const conf = '/etc/systemd/networkd.conf.d/fwd.conf';
    expect(writersIn({ ...runs, [lan]: network, [conf]: '[Network]\nIPv6Forwarding=no\n' })).toEqual([
      `set net.ipv6.conf.all.forwarding to 0 by ${conf}:2`,
      `set net.ipv6.conf.default.forwarding to 0 by ${conf}:2`,
      `set net.ipv4.conf.a.promote_secondaries to 1 by ${lan}`,
      `set net.ipv6.conf.a.accept_ra to 0 by ${lan}`,
      `set net.ipv4.ip_forward to 1 by ${lan}:4`,
    ]);
  });

  test('it counts once it runs, and not where it is only installed', () => {
    expect(writersIn({ [lan]: '[Match]\nName=a\n', '/run/systemd/netif/leases/x': '' })).toEqual([]);
    expect(writersIn({ [lan]: '[Match]\nName=a\n', '/run/systemd/netif/state': '' })).not.toEqual([]);
  });
});

describe('NetworkManager', () => {
  const link = `${WANTS}/NetworkManager.service`;
  const runs: MemoryTree = {
    ...enabled('NetworkManager.service'),
    '/etc/NetworkManager/NetworkManager.conf': '[main]\n',
  };
  const DEVICES = ['disable_ipv6', 'accept_ra', 'use_tempaddr', 'addr_gen_mode'].map(
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
      `set net.ipv6.conf.wlan0.disable_ipv6 to 1 by ${wifi}:8`,
      `set net.ipv6.conf.wlan0.use_tempaddr to 2 by ${wifi}:9`,
    ]);
  });

  test('connections that are for root alone are passed over', () => {
    expect(writersIn({ ...runs, [wifi]: { denied: true } })).toEqual(DEVICES);
  });
});

describe('Docker', () => {
  const link = `${WANTS}/docker.service`;
  const config = '/etc/docker/daemon.json';
  const runs = { ...enabled('docker.service'), '/usr/bin/dockerd': '' };

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
    ['no JSON', { [config]: '{ "ip-forward": false' }, [`set net.ipv4.ip_forward to 1 by ${link}`]],
    ['JSON that is no object', { [config]: 'null' }, [`set net.ipv4.ip_forward to 1 by ${link}`]],
    [
      'containers that may not reach each other',
      { [config]: '{"ip-forward": false,\n"icc": false,\n"userland-proxy": false}' },
      [
        `set net.bridge.bridge-nf-call-iptables to 1 by ${config}:2`,
        `set net.bridge.bridge-nf-call-ip6tables to 1 by ${config}:2 (?)`,
        `set net.ipv4.conf.docker0.route_localnet to 1 by ${config}:3 (?)`,
      ],
    ],
  ])('%s', (_name, tree, expected) => {
    expect(writersIn({ ...runs, ...tree })).toEqual(expected);
  });

  test('installed and not started', () => {
    expect(writersIn({ [config]: '{"ip-forward": true}' })).toEqual([]);
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
  const inPod = (file: string) => [
    `raise net.netfilter.nf_conntrack_max to ? by ${file} (?)`,
    `raise net.netfilter.nf_conntrack_tcp_timeout_established to 86400 by ${file} (?)`,
    `raise net.netfilter.nf_conntrack_tcp_timeout_close_wait to 3600 by ${file} (?)`,
  ];

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
    ['it would rather not start', { ...kubelet, [config]: 'protectKernelDefaults: true\n' }, inPod(config)],
    [
      'the same as a flag',
      {
        ...kubelet,
        '/etc/default/kubelet': 'KUBELET_EXTRA_ARGS="--protect-kernel-defaults"\n',
      },
      inPod(`${WANTS}/kubelet.service`),
    ],
    [
      'k3s has both built in',
      { ...enabled('k3s.service'), '/usr/local/bin/k3s': '' },
      [...own(`${WANTS}/k3s.service`), ...inPod(`${WANTS}/k3s.service`)],
    ],
    [
      'kube-proxy with a configuration on the host',
      {
        [proxy]:
          'conntrack:\n  maxPerCore: 0\n  min: 524288\n  tcpEstablishedTimeout: 2h0m5s\n  tcpCloseWaitTimeout: 0s\n',
      },
      [
        `raise net.netfilter.nf_conntrack_max to 524288 by ${proxy}:3`,
        `raise net.netfilter.nf_conntrack_tcp_timeout_established to 7205 by ${proxy}:4`,
      ],
    ],
  ])('%s', (_name, tree, expected) => {
    expect(writersIn(tree)).toEqual(expected);
  });
});
