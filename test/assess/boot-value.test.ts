import { describe, expect, test } from '@jest/globals';
import { assess } from '../../src/assess/assess.ts';
import type { OtherWriter } from '../../src/snapshot/other-writer.ts';
import { UDEV_RULE } from '../pipeline/resolved.ts';
import { hostOf } from '../rules/host.ts';

const A = '/etc/sysctl.d/10-a.conf';
const SOMAXCONN = 'net.core.somaxconn';
const TRACK = 'net.netfilter.nf_conntrack_max';
const ETH0 = 'net.ipv4.conf.eth0.rp_filter';

type Facts = Omit<Parameters<typeof hostOf>[0], 'files'>;
type Globs = Readonly<Record<string, readonly (readonly [string, string])[]>>;

function bootValue(text: string, key: string, facts: Facts = {}, globs: Globs = {}) {
  const matches = Object.entries(globs).map(([pattern, found]) => [
    pattern,
    found.map(([path, mode]): [string, string] => [path, mode]),
  ]);
  const snapshot = { ...hostOf({ files: { [A]: text }, ...facts }), globs: Object.fromEntries(matches) };
  return assess(snapshot).resolution?.bootValue(key);
}

describe('a boot value is what a run of the loader leaves', () => {
  test.each<readonly [string, string, string, object]>([
    [
      'as the kernel shows it',
      `${SOMAXCONN} = 010\n`,
      SOMAXCONN,
      { kind: 'set', value: '8', from: { file: A, line: 1, value: '010' }, through: null },
    ],
    [
      'the kernel’s own where it refuses the line',
      'net.ipv4.tcp_fin_timeout = "30"\n',
      'net.ipv4.tcp_fin_timeout',
      { kind: 'unset', value: '60', shadowed: [{ line: 1, reason: 'refused-value' }] },
    ],
    [
      'what a write of another key brings',
      'net.ipv4.ip_forward = 1\n',
      'net.ipv4.conf.all.forwarding',
      { kind: 'set', value: '1', from: { file: A, line: 1, value: '1' }, through: 'net.ipv4.ip_forward' },
    ],
    [
      'what a write of another key brings, where both are named',
      'net.ipv4.conf.all.forwarding = 0\nnet.ipv4.ip_forward = 1\n',
      'net.ipv4.conf.all.forwarding',
      { kind: 'set', value: '1', through: 'net.ipv4.ip_forward', shadowed: [{ reason: 'side-effect' }] },
    ],
    [
      'nothing where no kernel has such a key: dots of an interface are written as slashes',
      'net.ipv4.conf.eth0.100.rp_filter = 1\n',
      'net.ipv4.conf.eth0.100.rp_filter',
      { kind: 'unset', shadowed: [{ reason: 'unknown-key' }] },
    ],
    [
      'nothing where an exclusion takes it back, which is named',
      `${SOMAXCONN} = 1\n-${SOMAXCONN}\n`,
      SOMAXCONN,
      { kind: 'unset', value: '4096', excludedBy: { file: A, line: 2 } },
    ],
    [
      'not known where nobody looked what a pattern stands for',
      'net.ipv4.conf.*.rp_filter = 1\n',
      ETH0,
      { kind: 'unknown', why: expect.stringContaining('may set it') as unknown as string },
    ],
  ])('%s', (_what, text, key, expected) => {
    expect(bootValue(text, key)).toMatchObject(expected);
  });

  test('by a pattern that somebody has expanded, with the modes that he found', () => {
    const globs: Globs = {
      'net/ipv4/conf/*/rp_filter': [
        ['net/ipv4/conf/eth0/rp_filter', '0644'],
        ['net/ipv4/conf/eth1/rp_filter', '0444'],
      ],
    };
    const text = 'net.ipv4.conf.*.rp_filter = 2\n';
    expect(bootValue(text, ETH0, {}, globs)).toMatchObject({ kind: 'set', value: '2' });
    expect(bootValue(text, ETH0.replace('eth0', 'eth1'), {}, globs)).toMatchObject({
      kind: 'unset',
      shadowed: [{ reason: 'not-writable' }],
    });
  });

  describe('of an interface that is not there', () => {
    const WG0 = 'net.ipv4.conf.wg0.rp_filter';
    const by = { 'net/ipv4/conf/*/rp_filter': [] };

    test.each<readonly [string, string, readonly OtherWriter[], object]>([
      [
        'udev applies the line that names it',
        `${WG0} = 2\n`,
        [UDEV_RULE],
        { kind: 'set', value: '2', from: { line: 1 }, through: null, whenAdded: true, shadowed: [] },
      ],
      [
        'udev applies the pattern that fits it',
        'net.ipv4.conf.*.rp_filter = 2\n',
        [UDEV_RULE],
        { kind: 'set', value: '2', from: { line: 1 }, through: null, whenAdded: true },
      ],
      [
        'it begins with what the default is',
        'net.ipv4.conf.default.rp_filter = 1\n',
        [],
        { kind: 'set', value: '1', through: 'net.ipv4.conf.default.rp_filter', whenAdded: true },
      ],
      [
        'nobody applies its line without udev',
        `${WG0} = 2\n`,
        [],
        { kind: 'unset', value: '0', whenAdded: true, shadowed: [{ line: 1, reason: 'unknown-key' }] },
      ],
    ])('%s', (_what, text, otherWriters, expected) => {
      const facts = { absent: [WG0], otherWriters, sysctls: { 'net.ipv4.conf.all.rp_filter': 0 } };
      expect(bootValue(text, WG0, facts, by)).toMatchObject(expected);
    });
  });

  test.each<readonly [string, Facts, object]>([
    [
      'which comes later',
      { sysctls: { [TRACK]: 65_536 }, loadedModules: ['nf_conntrack'] },
      { kind: 'unset', shadowed: [{ file: A, line: 1, reason: 'before-module' }] },
    ],
    ['of an image', {}, { kind: 'unset', shadowed: [{ file: A, line: 1, reason: 'before-module' }] }],
    [
      'that is named',
      { sysctls: { [TRACK]: 65_536 }, loadedModules: ['nf_conntrack'], modulesLoad: ['nf_conntrack'] },
      { kind: 'set', value: '1000000' },
    ],
    ['of an image, that is named', { modulesLoad: ['nf_conntrack'] }, { kind: 'set', value: '1000000' }],
    ['that is built in', { sysctls: { [TRACK]: 65_536 }, loadedModules: [] }, { kind: 'set' }],
    ['of which nobody knows whether it is loaded', { sysctls: { [TRACK]: 65_536 } }, { kind: 'set' }],
  ])('of a key of a module %s', (_what, facts, expected) => {
    expect(bootValue(`${TRACK} = 1000000\n`, TRACK, facts)).toMatchObject(expected);
  });
});

test('a credential of a drop-in is a file like any other, and takes a key back', () => {
  const host = hostOf({ files: { '/etc/sysctl.d/1.conf': 'net.core.somaxconn = 55\n' } });
  const path = '/etc/systemd/system/systemd-sysctl.service.d/c.conf';
  const given = { path, kind: 'file', text: '\n-net.core.somaxconn', credential: 'set' } as const;
  const snapshot = { ...host, sysctlFiles: [...(host.sysctlFiles ?? []), given] };
  expect(assess(snapshot).resolution?.bootValue('net.core.somaxconn')).toMatchObject({
    kind: 'unset',
    excludedBy: { file: path, line: 2 },
  });
});
