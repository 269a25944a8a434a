import { describe, expect, test } from '@jest/globals';
import { assess } from '../../src/assess/assess.ts';
import { changeWriter, endingText, touchText, writerText } from '../../src/assess/writer-words.ts';
import type { Writers } from '../../src/assess/writers.ts';
import { plainText } from '../../src/core/text.ts';
import type { OtherWriter } from '../../src/snapshot/other-writer.ts';
import { hostOf } from '../rules/host.ts';

const KEY = 'vm.swappiness';
const tuned: OtherWriter = {
  by: 'tuned',
  key: KEY,
  value: '10',
  relation: 'exactly',
  file: '/usr/lib/tuned/x/tuned.conf',
  line: 3,
  when: 'after-loader',
  how: 'setting',
  sure: true,
};
const { value: _value, line: _line, ...unknown } = tuned;
const rerun: OtherWriter = { ...unknown, key: '*', how: 'rerun', file: '/etc/tuned/tuned-main.conf' };

function unit(name: string, value: string): OtherWriter {
  return { ...tuned, by: 'unit', how: 'command', file: `/etc/systemd/system/${name}`, value };
}

function writers(
  otherWriters: readonly OtherWriter[],
  files: Readonly<Record<string, string>> = {},
): Writers {
  return assess(hostOf({ otherWriters, files })).writers;
}

describe('what a key ends as', () => {
  const cmdline: OtherWriter = {
    ...tuned,
    by: 'kernel-command-line',
    when: 'before-loader',
    value: '1',
    file: '/proc/cmdline',
  };
  const cron: OtherWriter = { ...tuned, by: 'cron', when: 'at-times', value: '3', file: '/etc/crontab' };

  test.each<readonly [string, readonly OtherWriter[], boot: string | null, ending: string | null]>([
    ['nobody', [], '60', null],
    ['the last one', [tuned, { ...tuned, value: '20' }], '60', '20 tuned'],
    [
      'a firewall, and what comes behind the network',
      [tuned, { ...tuned, by: 'ufw', value: '20' }],
      '60',
      '10 tuned',
    ],
    ['two that nothing orders', [tuned, { ...tuned, by: 'unit', value: '20' }], '60', null],
    ['two that nothing orders, of one mind', [tuned, { ...tuned, by: 'docker' }], '60', '10 tuned'],
    ['two units', [unit('a.service', '1'), unit('b.service', '2')], '60', null],
    ['one unit', [unit('a.service', '1'), unit('a.service', '2')], '60', '2 unit'],
    [
      'whatever the order, it is raised no further',
      [tuned, { ...tuned, by: 'kube-proxy', relation: 'at-least', value: '5' }],
      '60',
      '10 tuned',
    ],
    [
      'raised, but perhaps not at last',
      [tuned, { ...tuned, by: 'kube-proxy', relation: 'at-least', value: '80' }],
      '60',
      null,
    ],
    ['whoever comes at some time later', [cron, tuned], '60', '10 tuned'],
    ['nobody else but who comes at some time later', [cron], '60', null],
    ['one that sets back what the loader set', [tuned, { ...tuned, by: 'unit', value: '60' }], '60', null],
    ['the command line, where no file sets it', [cmdline], null, '1 kernel-command-line'],
    ['the command line, where a file does', [cmdline], '60', null],
    ['a greater value stays where it is only raised', [{ ...tuned, relation: 'at-least' }], '60', null],
    ['a smaller one does not', [{ ...tuned, relation: 'at-least' }], '5', '10 tuned'],
    [
      'a greater one does not where it is only lowered',
      [{ ...tuned, relation: 'at-most' }],
      '60',
      '10 tuned',
    ],
    ['what is raised from a value that nobody knows', [{ ...tuned, relation: 'at-least' }], null, null],
    ['what is not certain', [{ ...tuned, sure: false }], '60', null],
    ['what root may do at a login', [{ ...tuned, when: 'at-login' }], '60', null],
    ['what is not known', [unknown], '60', null],
  ])('%s', (_name, others, boot, ending) => {
    const found = writers(others).ending(KEY, boot);
    expect(found === null ? null : `${found.value} ${found.by.by}`).toBe(ending);
  });

  test('those at odds are named', () => {
    const docker: OtherWriter = { ...tuned, by: 'docker', value: '60' };
    const found = writers([docker, tuned]);
    expect(found.outcome(KEY, '60').rivals.map(({ by }) => by)).toEqual(['tuned', 'docker']);
    expect(found.ending(KEY, '60')).toBeNull();
    expect(writers([tuned]).outcome(KEY, '60').rivals).toEqual([]);
  });

  test('in the order of a boot, whatever the order in which they were found', () => {
    expect(
      writers([cron, tuned, cmdline])
        .of(KEY)
        .map(({ by }) => by),
    ).toEqual(['kernel-command-line', 'tuned', 'cron']);
  });
});

describe('what a key ends as is what the kernel makes of the value', () => {
  const RMEM = 'net.ipv4.tcp_rmem';
  const set = (key: string, value: string): OtherWriter => ({ ...tuned, by: 'ufw', key, value });

  test.each<readonly [string, OtherWriter, boot: string | null, ending: string | null]>([
    ['no number', set('net.ipv4.tcp_fin_timeout', 'abc'), '30', null],
    ['no number, where no file sets it', set('net.ipv4.tcp_fin_timeout', 'abc'), null, null],
    ['quotes', set('net.ipv4.tcp_retries2', '"9"'), '15', null],
    ['octal', set('net.ipv4.tcp_keepalive_time', '0100'), '7200', '64'],
    ['a comment', set('net.core.somaxconn', '1024 # c'), '4096', '1024'],
    ['one number of three', set(RMEM, '8192'), '4096 131072 6291456', '8192\t131072\t6291456'],
    ['the numbers before a bad one', set(RMEM, '8192 9 x'), '4096 131072 6291456', '8192\t9\t6291456'],
    ['what it stands at already', set('net.ipv4.tcp_keepalive_time', '0100'), '64', null],
  ])('%s', (_name, writer, boot, ending) => {
    expect(writers([writer]).ending(writer.key, boot)?.value ?? null).toBe(ending);
  });

  test('whose value is refused is said, and does not hide who came before', () => {
    const bad = { ...set('net.core.somaxconn', 'x'), by: 'rc-local' as const };
    const found = writers([set('net.core.somaxconn', '512'), bad]).outcome('net.core.somaxconn', '4096');
    expect(found).toMatchObject({ ending: { value: '512', by: { by: 'ufw' } }, rivals: [], refused: [bad] });
  });

  test('a value whose fate nobody knows leaves it open', () => {
    const bbr = set('net.ipv4.tcp_congestion_control', 'mine');
    expect(writers([bbr]).outcome(bbr.key, 'cubic')).toMatchObject({ ending: null, rivals: [bbr] });
  });
});

describe('keys that change along with what somebody sets', () => {
  const docker: OtherWriter = {
    ...tuned,
    by: 'docker',
    key: 'net.ipv4.ip_forward',
    value: '1',
    how: 'default',
  };
  const ofDefault: OtherWriter = { ...tuned, by: 'ufw', key: 'net.ipv4.conf.default.rp_filter', value: '2' };
  const ofAll6: OtherWriter = {
    ...tuned,
    by: 'systemd-networkd',
    key: 'net.ipv6.conf.all.forwarding',
    value: '1',
  };
  const dirty: OtherWriter = { ...tuned, key: 'vm.dirty_bytes', value: '100000' };

  test.each<readonly [string, OtherWriter, key: string, boot: string | null, ending: string | null]>([
    ['forwarding of an interface', docker, 'net.ipv4.conf.eth0.forwarding', null, '1'],
    ['although a file sets it', docker, 'net.ipv4.conf.eth0.forwarding', '0', '1'],
    ['under its other name', docker, 'net.ipv4.conf.all.forwarding', null, '1'],
    ['redirects', docker, 'net.ipv4.conf.all.accept_redirects', null, '0'],
    ['of a template', ofDefault, 'net.ipv4.conf.eth0.rp_filter', null, '2'],
    ['of a template, and the loopback has an address', ofDefault, 'net.ipv4.conf.lo.rp_filter', null, null],
    [
      'of a template, behind the network',
      { ...ofDefault, by: 'docker' },
      'net.ipv4.conf.eth0.rp_filter',
      null,
      null,
    ],
    ['of all of IPv6', ofAll6, 'net.ipv6.conf.eth0.forwarding', null, '1'],
    ['one of two forms', dirty, 'vm.dirty_ratio', '10', '0'],
    ['nothing of another kind', docker, 'net.ipv4.conf.eth0.rp_filter', '2', null],
  ])('%s', (_name, writer, key, boot, ending) => {
    const found = writers([writer]).ending(key, boot);
    expect(found === null ? null : found.value).toBe(ending);
    if (found !== null) expect(found.through).toBe(writer.key);
  });

  const A = '/etc/sysctl.d/10-a.conf';

  test('nothing, where the files have set it already', () => {
    const key = 'net.ipv4.conf.eth0.forwarding';
    const of = (text: string) => writers([docker], { [A]: text }).ending(key, '0')?.value;
    expect(of('net.ipv4.ip_forward = 1\n')).toBeUndefined();
    expect(of('net.ipv4.conf.all.forwarding = 1\n')).toBeUndefined();
    expect(of('net.ipv4.conf.all.forwarding = 0\n')).toBe('1');
  });

  test('an interface that a file sets does not follow a template any more', () => {
    const key = 'net.ipv4.conf.eth0.rp_filter';
    expect(writers([ofDefault], { [A]: `${key} = 1\n` }).ending(key, '1')).toBeNull();
  });

  test('an interface of its own, set beside what sets all, is open', () => {
    const own: OtherWriter = {
      ...tuned,
      by: 'systemd-networkd',
      key: 'net.ipv4.conf.eth0.forwarding',
      value: '0',
    };
    const found = writers([own, docker]).outcome(own.key, '0');
    expect(found.ending).toBeNull();
    expect(found.rivals.map(({ by }) => by)).toEqual(['systemd-networkd', 'docker']);
  });

  test('are named with the key that is set', () => {
    const key = 'net.ipv4.conf.eth0.forwarding';
    const found = writers([docker]);
    expect(found.of(key)).toEqual([docker]);
    const ending = found.ending(key, '0');
    expect(plainText(touchText(docker, key))).toMatch(
      /^Docker sets net\.ipv4\.ip_forward to 1 .*, and this key along with it$/,
    );
    expect(ending === null ? '' : plainText(endingText(ending))).toMatch(
      /^Docker sets net\.ipv4\.ip_forward to 1 .*, and it to 1 along with that$/,
    );
    const line: OtherWriter = { ...docker, by: 'ufw', how: 'line' };
    expect(plainText(changeWriter(line, key, '0'))).toMatch(
      /^set net\.ipv4\.conf\.eth0\.forwarding to 0 behind the line in .*, which sets net\.ipv4\.ip_forward /,
    );
  });
});

describe('ufw', () => {
  const UFW = { '/etc/ufw/sysctl.conf': `${KEY}=20\n`, '/etc/ufw/mine.conf': `${KEY}=30\n` };
  const ON = { '/etc/ufw/ufw.conf': 'ENABLED=yes\n' };
  const ACTIVE = { services: [{ name: 'ufw', state: 'active' }] };

  test.each<readonly [string, Readonly<Record<string, string>>, object, string | null]>([
    ['without its configuration', {}, {}, null],
    ['that somebody says is active', {}, ACTIVE, '20'],
    ['as the name of a unit', {}, { services: [{ name: 'ufw.service', state: 'active' }] }, '20'],
    ['that somebody says has failed', {}, { services: [{ name: 'ufw', state: 'failed' }] }, null],
    ['turned on', ON, {}, '20'],
    [
      'turned on in capitals, with quotes and a comment',
      { '/etc/ufw/ufw.conf': 'ENABLED="YES" # on\n' },
      {},
      '20',
    ],
    ['turned on in a way that it does not know', { '/etc/ufw/ufw.conf': 'ENABLED=Yes\n' }, ACTIVE, null],
    ['turned off', { '/etc/ufw/ufw.conf': 'ENABLED=yes\nENABLED=no\n' }, {}, null],
    ['that nobody turned on', { '/etc/ufw/ufw.conf': 'LOGLEVEL=low\n' }, {}, null],
    ['turned on, and gone or disabled', ON, { ufwStarts: false }, null],
    ['turned on, installed and enabled', ON, { ufwStarts: true }, '20'],
    [
      'told to load another file',
      { ...ON, '/etc/default/ufw': "IPT_SYSCTL='/etc/ufw/mine.conf'\n" },
      {},
      '30',
    ],
    ['told to load none', { ...ON, '/etc/default/ufw': 'IPT_SYSCTL=\n' }, {}, null],
    ['told nothing', { ...ON, '/etc/default/ufw': 'IPV6=yes\n' }, {}, null],
  ])('%s', (_name, files, facts, ending) => {
    const { writers: found } = assess({ ...hostOf({ files: { ...UFW, ...files } }), ...facts });
    expect(found.ending(KEY, '60')?.value ?? null).toBe(ending);
  });
});

test('sysctl --system applies all files once more, as procps does', () => {
  const system: OtherWriter = { ...unknown, by: 'rc-local', key: '*', how: 'rerun', file: '/etc/rc.local' };
  const ufw: OtherWriter = { ...tuned, by: 'ufw', value: '20' };
  const files = { '/etc/sysctl.d/50-a.conf': `${KEY} = 30\n`, '/etc/sysctl.conf': `${KEY} = 40\n` };
  const found = writers([ufw, system], files);
  expect(found.ending(KEY, '30')).toMatchObject({
    value: '40',
    by: { by: 'rc-local', file: '/etc/rc.local' },
  });
  expect(found.uncertain).toEqual([]);
});

test("ufw's file is read by the rules of the procps that is there", () => {
  const files = { '/etc/ufw/ufw.conf': 'ENABLED=yes\n', '/etc/ufw/sysctl.conf': `=${KEY}=20\n` };
  const of = (procpsVersion: string) => assess({ ...hostOf({ files }), procpsVersion }).writers.of(KEY);
  expect(of('3.3.17')).toHaveLength(1);
  expect(of('4.0.4')).toHaveLength(0);
});

test("ufw's file is read as sysctl(8) of the host reads it", () => {
  const files = {
    '/etc/ufw/ufw.conf': 'ENABLED=yes\n',
    '/etc/ufw/sysctl.conf': `${KEY} = 20 \nnet.ipv4.conf.*.rp_filter = 1\n-vm.x\n`,
  };
  const found = writers([], files);
  expect(found.of(KEY)).toMatchObject([{ by: 'ufw', value: '20', line: 1, sure: true }]);
  expect(found.of('net.ipv4.conf.eth0.rp_filter')).toMatchObject([{ by: 'ufw', value: '1', sure: false }]);
});

describe('TuneD applies the sysctl files behind its profile', () => {
  const of = (files: Readonly<Record<string, string>>, key = KEY) => {
    const found = writers([tuned, rerun], files);
    const ending = found.ending(key, '60');
    return ending === null ? null : `${ending.value} ${ending.by.file}`;
  };

  test.each<readonly [string, Readonly<Record<string, string>>, string | null]>([
    ['no line', {}, '10 /usr/lib/tuned/x/tuned.conf'],
    ['a line of /etc', { '/etc/sysctl.d/10-a.conf': `${KEY} = 60\n` }, null],
    [
      'a line of a package',
      { '/usr/lib/sysctl.d/10-a.conf': `${KEY} = 60\n` },
      '10 /usr/lib/tuned/x/tuned.conf',
    ],
    [
      'sysctl.conf comes last',
      { '/etc/sysctl.d/99-a.conf': `${KEY} = 60\n`, '/etc/sysctl.conf': `${KEY}=5\n` },
      '5 /etc/sysctl.conf',
    ],
    [
      'the order of names',
      { '/etc/sysctl.d/99-a.conf': `${KEY} = 5\n`, '/etc/sysctl.d/10-a.conf': `${KEY}=60\n` },
      '5 /etc/sysctl.d/99-a.conf',
    ],
    [
      'a file of /run is gone after a boot',
      { '/run/sysctl.d/10-a.conf': `${KEY} = 60\n` },
      '10 /usr/lib/tuned/x/tuned.conf',
    ],
    [
      'a line whose failure does not matter',
      { '/etc/sysctl.d/10-a.conf': `-${KEY} = 60\n` },
      '10 /usr/lib/tuned/x/tuned.conf',
    ],
    ['a pattern', { '/etc/sysctl.d/10-a.conf': 'vm.swapp* = 60\n' }, '10 /usr/lib/tuned/x/tuned.conf'],
    ['slashes', { '/etc/sysctl.d/10-a.conf': 'vm/swappiness = 60\n' }, null],
    ['a comment', { '/etc/sysctl.d/10-a.conf': `;${KEY} = 60\n` }, '10 /usr/lib/tuned/x/tuned.conf'],
  ])('%s', (_name, files, expected) => {
    expect(of(files)).toBe(expected);
  });

  test('but what it sets behind that stands', () => {
    const files = { '/etc/sysctl.d/10-a.conf': `${KEY} = 60\n` };
    expect(writers([rerun, tuned], files).ending(KEY, '60')?.value).toBe('10');
  });

  test('and what is started beside TuneD is named behind it', () => {
    const docker: OtherWriter = { ...tuned, by: 'docker', value: '1', how: 'default' };
    const { of } = writers([docker, tuned, rerun], { '/etc/sysctl.d/10-a.conf': `${KEY} = 60\n` });
    expect(of(KEY).map(({ by, value }) => `${by} ${value}`)).toEqual(['tuned 10', 'tuned 60', 'docker 1']);
  });

  test('where it may not start, so are the files', () => {
    const found = writers(
      [tuned, rerun].map((each) => ({ ...each, sure: false })),
      { '/etc/sysctl.d/10-a.conf': `${KEY} = 5\n` },
    );
    expect(found.ending(KEY, '60')).toBeNull();
    expect(found.of(KEY).map(({ value, sure }) => [value, sure])).toEqual([
      ['10', false],
      ['5', false],
    ]);
  });

  test('a file that a plan would add counts as well', () => {
    const assessment = assess(hostOf({ otherWriters: [tuned, rerun], files: {} }));
    const text = `${KEY} = 60\n`;
    const after = assessment.writersOf([{ path: '/etc/sysctl.d/90-backlogctl.conf', kind: 'file', text }]);
    expect(assessment.writers.ending(KEY, '60')?.value).toBe('10');
    expect(after.ending(KEY, '60')).toBeNull();
  });
});

test('a pattern is one name of an interface, and no template', () => {
  const { of } = writers([{ ...tuned, key: 'net.ipv4.conf.*.rp_filter' }]);
  const touched = ['eth0', 'eth0/1', 'all', 'default'].map(
    (name) => of(`net.ipv4.conf.${name}.rp_filter`).length,
  );
  expect(touched).toEqual([1, 1, 0, 0]);
  expect(of('net.ipv4.conf.eth0.proxy_arp')).toEqual([]);
});

test('the loopback is no interface to networkd, and one to a script', () => {
  const networkd: OtherWriter = {
    ...tuned,
    by: 'systemd-networkd',
    key: 'net.ipv6.conf.*.accept_ra',
    value: '0',
  };
  const of = (by: OtherWriter['by']) =>
    writers([{ ...networkd, by }]).of('net.ipv6.conf.lo.accept_ra').length;
  expect([of('systemd-networkd'), of('udev'), of('unit')]).toEqual([0, 0, 1]);
  expect(writers([networkd]).of('net.ipv6.conf.eth0.accept_ra')).toHaveLength(1);
});

test('a credential counts with a loader that reads one', () => {
  const sealed: OtherWriter = {
    ...unknown,
    by: 'credential',
    key: '*',
    when: 'with-loader',
    how: 'line',
    sure: false,
  };
  const of = (version: string) =>
    assess(hostOf({ otherWriters: [sealed], files: {} }), {
      loader: { kind: 'systemd', version },
    }).writers.of(KEY);
  expect(of('247')).toEqual([]);
  expect(of('252')).toEqual([sealed]);
});

test("Cilium's drop-in is named, and is the loader's to apply", () => {
  const file = '/etc/sysctl.d/99-zzz-override_cilium.conf';
  const { of, ending } = writers([], {
    [file]: '# x\n-net.ipv4.conf.lxc*.rp_filter = 0\nnet.ipv4.conf.all.rp_filter = 0\n',
  });
  expect(of('net.ipv4.conf.all.rp_filter')).toMatchObject([
    { by: 'cilium', file, line: 3, when: 'with-loader' },
  ]);
  expect(ending('net.ipv4.conf.all.rp_filter', '0')).toBeNull();
});

describe('words', () => {
  const docker: OtherWriter = {
    ...tuned,
    by: 'docker',
    key: 'net.ipv4.ip_forward',
    value: '1',
    file: '/x/docker.service',
    how: 'default',
  };

  test.each<readonly [OtherWriter, string]>([
    [tuned, 'TuneD sets it to 10 after the sysctl files are applied (/usr/lib/tuned/x/tuned.conf:3)'],
    [
      { ...tuned, relation: 'at-least' },
      'TuneD raises it to 10 where it is less after the sysctl files are applied (/usr/lib/tuned/x/tuned.conf:3)',
    ],
    [
      { ...unknown, by: 'networkmanager', sure: false },
      'NetworkManager may set it after the sysctl files are applied (/usr/lib/tuned/x/tuned.conf)',
    ],
    [
      { ...unknown, by: 'udev', how: 'rerun', when: 'on-new-interface', file: '/r' },
      'udev applies the sysctl files to it whenever an interface is added (/r)',
    ],
    [
      { ...tuned, by: 'credential', when: 'with-loader', file: '/c' },
      'a system credential sets it to 10 behind all sysctl files (/c:3)',
    ],
    [
      { ...tuned, by: 'cron', when: 'at-times', file: '/c' },
      'cron sets it to 10 at its times, not at boot (/c:3)',
    ],
    [
      { ...tuned, by: 'login-shell', when: 'at-login', sure: false, file: '/p' },
      'a login shell may set it to 10 whenever root logs in (/p:3)',
    ],
    [
      { ...tuned, value: 'a\u001b[31m\n', file: '/e\u001b' },
      'TuneD sets it to a\\x1b[31m after the sysctl files are applied (/e\\x1b:3)',
    ],
  ])('%#', (writer, expected) => {
    expect(plainText(writerText(writer))).toBe(expected);
  });

  test.each<readonly [OtherWriter, RegExp]>([
    [docker, /^set "ip-forward": false in \/etc\/docker\/daemon\.json, /],
    [
      { ...tuned, by: 'kubelet', how: 'default' },
      /^leave vm\.swappiness to the kubelet, and delete the line of the sysctl files: /,
    ],
    [{ ...tuned, by: 'k3s', how: 'default' }, /^leave vm\.swappiness to k3s, and delete the line /],
    [
      { ...tuned, by: 'kube-proxy', file: '/k' },
      /^change the configuration of kube-proxy \(\/k:3\), which sets vm\.swappiness each time it starts, or delete /,
    ],
    [tuned, /^set vm\.swappiness to 60 in a profile of your own that includes this one /],
    [{ ...rerun, file: '/etc/sysctl.conf', line: 2 }, /^set vm\.swappiness to 60 in \/etc\/sysctl\.conf:2: /],
    [{ ...tuned, by: 'unit', how: 'command' }, /^delete the command in /],
    [{ ...tuned, by: 'ufw', how: 'line' }, /^set vm\.swappiness to 60 in .*, or delete the line$/],
  ])('what to do: %#', (writer, expected) => {
    expect(plainText(changeWriter(writer, KEY, '60'))).toMatch(expected);
  });
});
