import { describe, expect, test } from '@jest/globals';
import type { KeyValue } from '../../src/assess/key-value.ts';
import {
  compareLoaders,
  isKnownKey,
  keysInDirectory,
  keysInSight,
  resolveSysctls,
} from '../../src/pipeline/sysctl-resolve.ts';
import type { OtherWriter } from '../../src/snapshot/other-writer.ts';
import { inventoryOf } from '../../src/sysctl/inventory.ts';
import { A, B, MAIN, requestFor, SOMAXCONN } from './resolved.ts';

type Files = Readonly<Record<string, string>>;

function keyValueOf(files: Files, key = SOMAXCONN, more: Parameters<typeof requestFor>[1] = {}): KeyValue {
  const [value] = resolveSysctls(requestFor(files, { keys: [key], ...more })).values;
  if (value === undefined) throw new TypeError('no value');
  return value;
}

describe('why a line does not decide', () => {
  test.each<readonly [string, Files, string | undefined, object, readonly unknown[]]>([
    [
      'a later file',
      { [A]: `${SOMAXCONN} = 1\n`, [B]: `${SOMAXCONN} = 2\n` },
      'systemd',
      { kind: 'set', value: '2', from: { file: B, line: 1, value: '2' } },
      [{ file: A, line: 1, value: '1', reason: 'later-file' }],
    ],
    [
      'a later line',
      { [A]: `${SOMAXCONN} = 1\n${SOMAXCONN} = 2\n` },
      'procps',
      { value: '2' },
      [{ file: A, line: 1, value: '1', reason: 'later-line' }],
    ],
    [
      'a file of the same name',
      { [A]: `${SOMAXCONN} = 1\n`, '/usr/lib/sysctl.d/10-a.conf': `${SOMAXCONN} = 2\n` },
      'systemd',
      { value: '1' },
      [{ file: '/usr/lib/sysctl.d/10-a.conf', line: 1, value: '2', reason: 'masked-file' }],
    ],
    [
      'a file that is not read',
      { [MAIN]: `${SOMAXCONN} = 1\n` },
      'systemd',
      { kind: 'unset', value: '4096', from: null },
      [{ file: MAIN, line: 1, value: '1', reason: 'file-not-read' }],
    ],
    [
      'the kernel refuses the value, and an earlier line stands',
      { [A]: `${SOMAXCONN} = 1\n${SOMAXCONN} = many\n` },
      'procps',
      { kind: 'set', value: '1', from: { file: A, line: 1, value: '1' } },
      [{ file: A, line: 2, value: 'many', reason: 'refused-value' }],
    ],
    [
      'the kernel refuses the value, and nothing stands',
      { [A]: `${SOMAXCONN} = -1\n` },
      'systemd',
      { kind: 'unset', value: '4096' },
      [{ file: A, line: 1, value: '-1', reason: 'refused-value' }],
    ],
    [
      'busybox ends at a value that is refused',
      { [MAIN]: `net.core.rmem_max = x\n${SOMAXCONN} = 1\n` },
      'busybox',
      { kind: 'unset', value: '4096' },
      [{ file: MAIN, line: 2, value: '1', reason: 'not-reached' }],
    ],
    [
      'a line of a file below /run, which a boot empties',
      { '/run/sysctl.d/20-b.conf': `${SOMAXCONN} = 1\n` },
      'systemd',
      { kind: 'unset', value: '4096' },
      [{ file: '/run/sysctl.d/20-b.conf', line: 1, value: '1', reason: 'volatile-file' }],
    ],
    [
      'an exclusion',
      { [A]: `${SOMAXCONN} = 1\n`, [B]: `-${SOMAXCONN}\n` },
      'systemd',
      { kind: 'unset' },
      [{ file: A, line: 1, value: '1', reason: 'excluded' }],
    ],
  ])('%s', (_why, files, loader, expected, shadowed) => {
    const value = keyValueOf(files, SOMAXCONN, loader === undefined ? {} : { loader });
    expect(value).toMatchObject(expected);
    expect(value.shadowed).toEqual(shadowed);
  });

  const RP = 'net.ipv4.conf.*.rp_filter';
  const ETH0 = 'net.ipv4.conf.eth0.rp_filter';
  const PATTERNS = { [A]: `${RP} = 2\nnet.ipv4.conf.e*.rp_filter = 3\n`, [B]: `${RP} = 1\n` };

  test.each<readonly [string, Files, object, readonly unknown[]]>([
    [
      'patterns lose to the name',
      { ...PATTERNS, '/etc/sysctl.d/30-c.conf': `${ETH0} = 0\n` },
      { kind: 'set', value: '0', from: { file: '/etc/sysctl.d/30-c.conf', line: 1, value: '0' } },
      ['glob-beaten-by-key', 'glob-beaten-by-key', 'glob-beaten-by-key'],
    ],
    [
      'patterns lose to a later one, of the same text too',
      PATTERNS,
      { kind: 'set', value: '1', from: { file: B, line: 1, value: '1' } },
      ['later-file', 'later-file'],
    ],
    [
      'an exclusion keeps patterns off the key, and yet it changes along with the default',
      { ...PATTERNS, '/etc/sysctl.d/30-c.conf': `-${ETH0}\n` },
      {
        kind: 'set',
        value: '1',
        through: 'net.ipv4.conf.default.rp_filter',
        keptOffBy: { file: '/etc/sysctl.d/30-c.conf', line: 1 },
      },
      ['pattern-kept-off', 'pattern-kept-off'],
    ],
  ])('%s', (_what, files, expected, reasons) => {
    const value = keyValueOf(files, ETH0);
    expect(value).toMatchObject(expected);
    expect(value.shadowed.map(({ reason }) => reason)).toEqual(reasons);
  });

  const LO = 'net.ipv4.conf.lo.rp_filter';

  test.each([
    ['systemd', `-${LO}\n`, 'excludedBy'],
    ['procps', `-${LO}\n`, 'keptOffBy'],
    ['procps-4.0.7', '-net.ipv4.conf.l*.rp_filter\n', 'keptOffBy'],
  ])('to %s %j keeps patterns off the key', (loader, text, what) => {
    const value = keyValueOf({ ...PATTERNS, '/etc/sysctl.d/30-c.conf': text }, LO, { loader });
    expect(value).toMatchObject({ kind: 'unset', [what]: { file: '/etc/sysctl.d/30-c.conf', line: 1 } });
    expect(value.shadowed.map(({ reason }) => reason)).toEqual(['pattern-kept-off', 'pattern-kept-off']);
  });

  test('the kernel does not have the key', () => {
    const key = 'net.core.no_such_key';
    expect(keyValueOf({ [A]: `${key} = 1\n` }, key)).toMatchObject({
      kind: 'unset',
      value: null,
      shadowed: [{ file: A, line: 1, reason: 'unknown-key' }],
    });
  });

  test.each([
    ['a directory', 'net.core = 1\n'],
    ['what leads out of /proc/sys', 'net/../../x = 1\n'],
  ])('it cannot be written: %s', (_what, text) => {
    const reasons = resolveSysctls(requestFor({ [A]: text })).values.flatMap(({ shadowed }) =>
      shadowed.map(({ reason }) => reason),
    );
    expect(reasons).toEqual(['not-writable']);
  });

  test('a write to another key changes it along', () => {
    const files = { [A]: 'vm.dirty_ratio = 10\n', [B]: 'vm.dirty_bytes = 4194304\n' };
    expect(keyValueOf(files, 'vm.dirty_ratio')).toEqual({
      key: 'vm.dirty_ratio',
      kind: 'set',
      value: '0',
      from: { file: B, line: 1, value: '4194304' },
      through: 'vm.dirty_bytes',
      shadowed: [{ file: A, line: 1, value: '10', reason: 'side-effect' }],
      why: null,
    });
  });

  test('procps 3.3 never sets some names', () => {
    const key = 'net.ipv4.neigh.default.retrans_time';
    const lost = resolveSysctls(
      requestFor({ [A]: `${key} = 1\n` }, { loader: 'procps-3.3.17', inventory: null }),
    );
    expect(lost.values).toMatchObject([{ key, kind: 'unset', shadowed: [{ reason: 'passed-over' }] }]);
  });
});

test('a directory is told by the keys in it, and a key that is asked after twice once', () => {
  expect(keysInDirectory('net.core', requestFor({}))).toEqual(['net.core.rmem_max', SOMAXCONN]);
  expect(keysInDirectory(SOMAXCONN, requestFor({}))).toBeNull();
  expect(resolveSysctls(requestFor({}, { keys: [SOMAXCONN, SOMAXCONN] })).values).toHaveLength(1);
});

test('what climbs is named as it is written', () => {
  const { values } = resolveSysctls(requestFor({ [A]: 'net/ipv4/../ipv4/tcp_ecn = 1\n' }));
  expect(values.map(({ key }) => key)).toContain('net/ipv4/../ipv4/tcp_ecn');
});

test('a comparison says whether the host boots with systemd, and asks for the loader where it has none', () => {
  const request = requestFor({ [A]: `${SOMAXCONN} = 1\n` });
  expect(compareLoaders(request, '4.0.4').takenBack).toBe(true);
  expect(compareLoaders({ ...request, loader: { kind: 'procps', version: null } }, null).takenBack).toBe(
    false,
  );
  const snapshot = { ...request.snapshot, loader: { kind: { ok: false, why: 'absent' } as const } };
  expect(() => compareLoaders({ ...request, snapshot }, null)).toThrow(
    /nothing was found here that reads sysctl files/,
  );
});

test('a key of an interface that may come is known, where the kernel has such a variable', () => {
  const isKnown = (key: string) => isKnownKey(key, requestFor({}, { keys: [key] }));
  expect(isKnown('net.ipv4.conf.wg0.rp_filter')).toBe(true);
  expect(isKnown('net.ipv4.conf.wg0.no_such')).toBe(false);
  expect(isKnown('net.ipv4.conf.wg0/1.rp_filter')).toBe(true);
});

describe('resolveSysctls', () => {
  const files = { [A]: `${SOMAXCONN} = 0x200\nnet.ipv4.ip_forward = 1\n`, [B]: 'nothing here\n' };

  test('tells of every key that is set, those along with others included', () => {
    const {
      loader,
      files: opened,
      values,
      attempts,
      messages,
      exitStatus,
    } = resolveSysctls(requestFor(files));
    expect(loader).toBe('systemd-sysctl');
    expect(opened).toEqual([A, B]);
    expect(values.map(({ key, value, through }) => [key, value, through])).toEqual([
      [SOMAXCONN, '512', null],
      ['net.ipv4.conf.all.forwarding', '1', 'net.ipv4.ip_forward'],
      ['net.ipv4.conf.default.forwarding', '1', 'net.ipv4.ip_forward'],
      ['net.ipv4.conf.eth0.forwarding', '1', 'net.ipv4.ip_forward'],
      ['net.ipv4.conf.lo.forwarding', '1', 'net.ipv4.ip_forward'],
      ['net.ipv4.ip_forward', '1', null],
    ]);
    expect(attempts.map(({ key, value }) => [key, value])).toEqual([
      [SOMAXCONN, '0x200'],
      ['net.ipv4.ip_forward', '1'],
    ]);
    expect(messages).toMatchObject([{ file: B, line: 1, severity: 'error' }]);
    expect(exitStatus).toBe(1);
  });

  test('takes what the files name for what is there, where nobody has looked, but for what is known to be absent', () => {
    const named = { [A]: `${SOMAXCONN} = 1\nnet.core.example = 2\nnet.core.gone = 3\n` };
    const { values } = resolveSysctls(requestFor(named, { inventory: null, absent: ['net.core.gone'] }));
    expect(values.map(({ key, kind }) => [key, kind])).toEqual([
      ['net.core.example', 'set'],
      ['net.core.gone', 'unset'],
      [SOMAXCONN, 'set'],
    ]);
  });

  test.each([
    ['1', { value: '1', lasts: true }],
    ['0x1', { value: '0x1', lasts: true }],
    ['4096', { value: '4096', lasts: false }],
  ])('says whether %s lasts', (now, live) => {
    const resolution = resolveSysctls(
      requestFor({ [A]: `${SOMAXCONN} = 1\n` }, { keys: [SOMAXCONN], sysctls: { [SOMAXCONN]: now } }),
    );
    expect(resolution.values.map(resolution.live)).toEqual([live]);
  });

  test('says nothing of now where nothing was read', () => {
    const resolution = resolveSysctls(requestFor({ [A]: `${SOMAXCONN} = 1\n` }));
    expect(resolution.values.map(resolution.live)).toEqual([null]);
  });

  test('takes the keys of a list to be there when the loader runs', () => {
    const key = 'net.netfilter.nf_conntrack_max';
    const inventory = inventoryOf([['net/netfilter/nf_conntrack_max', { kind: 'file', mode: 0o644 }]]);
    const request = requestFor({ [A]: `${key} = 5000\n` }, { live: false, inventory, keys: [key] });
    const snapshot = { ...request.snapshot, modulesLoad: [], loadedModules: [] };
    expect(resolveSysctls({ ...request, snapshot }).values).toMatchObject([
      { kind: 'unset', shadowed: [{ reason: 'before-module' }] },
    ]);
    expect(resolveSysctls({ ...request, snapshot, keysOf: 'list' }).values).toMatchObject([
      { kind: 'set', value: '5000' },
    ]);
  });

  test('takes a tree as it stands, /run included', () => {
    const run = { '/run/sysctl.d/20-b.conf': `${SOMAXCONN} = 1\n` };
    expect(keyValueOf(run, SOMAXCONN, { live: false })).toMatchObject({
      kind: 'set',
      value: '1',
      from: { file: '/run/sysctl.d/20-b.conf' },
    });
  });

  test('asks for the loader where nothing tells it', () => {
    const request = requestFor(files);
    const snapshot = { ...request.snapshot, loader: { kind: { ok: false, why: 'absent' } } } as const;
    expect(() => resolveSysctls({ ...request, snapshot })).toThrow(
      expect.objectContaining({ code: 'usage', hint: expect.stringContaining('--loader systemd') }),
    );
    expect(resolveSysctls({ ...request, snapshot, loader: { kind: 'procps', version: null } }).loader).toBe(
      'procps sysctl',
    );
  });
});

describe('a key is known', () => {
  const request = requestFor({ [A]: 'net.core.odd_line = 1\nnet.core.*_max = 1\n' });

  test.each([
    ['from the catalogue', 'net.ipv4.tcp_rmem', true],
    ['to this kernel', 'vm.dirty_bytes', true],
    ['from a line', 'net.core.odd_line', true],
    ['not at all', 'net.core.somaxcon', false],
  ])('%s', (_how, key, is) => {
    expect(isKnownKey(key, request)).toBe(is);
  });

  test('and may be meant', () => {
    expect(keysInSight(request)).toEqual(expect.arrayContaining([SOMAXCONN, 'net.core.odd_line']));
  });
});

describe('who sets a key besides', () => {
  const writer: OtherWriter = {
    by: 'ufw',
    key: SOMAXCONN,
    value: '7',
    file: '/etc/ufw/sysctl.conf',
    line: 3,
    relation: 'exactly',
    when: 'after-loader',
    how: 'line',
    sure: true,
  };

  function others(found: OtherWriter, files: Files = { [A]: `${SOMAXCONN} = 1\n` }) {
    const resolution = resolveSysctls(requestFor(files, { keys: [SOMAXCONN], otherWriters: [found] }));
    const [value] = resolution.values;
    if (value === undefined) throw new TypeError('no value');
    return resolution.others(value);
  }

  test('and decides in the end', () => {
    const { writers, texts, ending, endingText } = others(writer);
    expect(writers).toEqual([writer]);
    expect(texts).toHaveLength(1);
    expect(ending).toMatchObject({ value: '7', by: writer });
    expect(endingText).not.toBeNull();
  });

  test('and says the same, or is not certain to come', () => {
    expect(others({ ...writer, value: '1' })).toMatchObject({ ending: null, endingText: null });
    expect(others({ ...writer, sure: false })).toMatchObject({ writers: [{}], ending: null });
  });

  test('an older copy counts only where no file sets the key', () => {
    const copy: OtherWriter = { ...writer, how: 'copy' };
    expect(others(copy).writers).toEqual([]);
    expect(others(copy, {}).writers).toEqual([copy]);
  });
});

describe('compareLoaders', () => {
  test('finds what sysctl.conf changes when sysctl --system is typed', () => {
    const files = { [A]: `${SOMAXCONN} = 1\nnet.core.rmem_max = 300000\n`, [MAIN]: `${SOMAXCONN} = 2\n` };
    const comparison = compareLoaders(requestFor(files), '4.0.4');
    expect(comparison).toMatchObject({
      boot: 'systemd-sysctl',
      byHand: 'procps sysctl 4.0.4',
      exitStatus: { boot: 0, byHand: 0 },
    });
    expect(comparison.disagreements).toMatchObject([
      {
        key: SOMAXCONN,
        boot: { value: '1', from: { file: A, line: 1 } },
        byHand: { value: '2', from: { file: MAIN, line: 1 } },
      },
    ]);
  });

  test.each<readonly [string, Files, readonly string[]]>([
    ['there is nothing', {}, []],
    ['both read the same', { [A]: `${SOMAXCONN} = 1\nnet.ipv4.ip_forward = 1\n` }, []],
    ['they spell one value in two ways', { [A]: `${SOMAXCONN} = 0x1\n`, [MAIN]: `${SOMAXCONN} = 1\n` }, []],
    ['another key is asked after', { [MAIN]: `${SOMAXCONN} = 1\n` }, ['net.core.rmem_max']],
  ])('finds nothing where %s', (_what, files, keys) => {
    expect(compareLoaders(requestFor(files, { keys }), null).disagreements).toEqual([]);
  });

  test('takes what the boot left alone for what it is then', () => {
    const files = { [MAIN]: 'net.core.rmem_max = x\n' };
    const { disagreements, exitStatus } = compareLoaders(requestFor(files), '4.0.4');
    expect([disagreements, exitStatus]).toEqual([[], { boot: 0, byHand: 1 }]);
  });

  test('of a running host, counts what lies below /run for sysctl --system alone', () => {
    const files = { '/run/sysctl.d/20-b.conf': `${SOMAXCONN} = 1\n` };
    expect(compareLoaders(requestFor(files), null).disagreements).toMatchObject([{ byHand: { value: '1' } }]);
    expect(compareLoaders(requestFor(files, { live: false }), null).disagreements).toEqual([]);
  });

  test('takes a boot whose loader is masked for one that sets nothing', () => {
    const maskedBy = '/etc/systemd/system/systemd-sysctl.service';
    const comparison = compareLoaders(requestFor({ [A]: `${SOMAXCONN} = 4444\n` }, { maskedBy }), '4.0.4');
    expect(comparison).toMatchObject({
      boot: `no loader (${maskedBy} masks systemd-sysctl.service)`,
      takenBack: true,
      disagreements: [{ boot: { kind: 'unset', value: '4096' }, byHand: { value: '4444' } }],
    });
  });

  const tuned: OtherWriter = {
    by: 'tuned',
    key: 'net.ipv4.conf.default.rp_filter',
    value: '2',
    file: '/etc/tuned/x/tuned.conf',
    line: 2,
    relation: 'exactly',
    when: 'after-loader',
    how: 'setting',
    sure: true,
  };

  test('starts from what resolve says stands in the end: behind the network a template reaches no interface', () => {
    const files = { [A]: 'net.ipv4.conf.*.rp_filter = 0\n' };
    expect(compareLoaders(requestFor(files, { otherWriters: [tuned] }), '4.0.4').disagreements).toMatchObject(
      [{ key: tuned.key, boot: { value: '0' }, later: { value: '2' }, byHand: { value: '0' } }],
    );
  });

  test('counts a pattern of another program as resolve does', () => {
    const files = { [A]: 'net.ipv4.conf.eth0.rp_filter = 0\n' };
    const pattern = { ...tuned, key: 'net.ipv4.conf.*.rp_filter' };
    expect(
      compareLoaders(requestFor(files, { otherWriters: [pattern] }), '4.0.4').disagreements,
    ).toMatchObject([{ key: 'net.ipv4.conf.eth0.rp_filter', later: { value: '2' }, byHand: { value: '0' } }]);
  });

  test('says that what stands before is open', () => {
    const rival: OtherWriter = { ...tuned, by: 'unit', key: SOMAXCONN, value: '5' };
    const otherWriters = [rival, { ...tuned, key: SOMAXCONN, value: '6' }];
    const { disagreements } = compareLoaders(
      requestFor({ [A]: `${SOMAXCONN} = 1\n` }, { otherWriters }),
      '4.0.4',
    );
    expect(disagreements).toMatchObject([{ key: SOMAXCONN, later: { value: null }, byHand: { value: '1' } }]);
  });
});
