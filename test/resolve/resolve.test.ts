import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type LoaderTraits, loaderTraits } from '../../src/resolve/loader-traits.ts';
import { resolve } from '../../src/resolve/resolve.ts';
import type { SysctlFile } from '../../src/snapshot/sysctl-file.ts';
import { sameValue } from '../../src/sysctl/codec.ts';
import { inventoryOf } from '../../src/sysctl/inventory.ts';
import { renderSetting } from '../../src/sysctl/render.ts';

const SYSTEMD = loaderTraits('systemd', '252');
const SYSTEMD_262 = loaderTraits('systemd', '262');
const PROCPS = loaderTraits('procps', '4.0.4');
const PROCPS_405 = loaderTraits('procps', '4.0.5');
const BUSYBOX = loaderTraits('busybox', '1.37.0');
const EVERY = [
  SYSTEMD,
  SYSTEMD_262,
  PROCPS,
  PROCPS_405,
  loaderTraits('procps', '3.3.17'),
  BUSYBOX,
  loaderTraits('none', null),
];

const KEY = 'net.core.somaxconn';
const A = '/etc/sysctl.d/10-a.conf';
const B = '/etc/sysctl.d/20-b.conf';
const C = '/etc/sysctl.d/30-c.conf';

function tree(files: Readonly<Record<string, string>>): readonly SysctlFile[] {
  return Object.entries(files).map(([path, text]) => ({ path, kind: 'file', text }));
}

function bootOf(files: Readonly<Record<string, string>>, traits: LoaderTraits, key = KEY) {
  return resolve(tree(files), traits).lastWord(key);
}

describe('the boot value of a key', () => {
  it.each(EVERY)('$name: unset without files', (traits) => {
    expect(resolve([], traits).lastWord(KEY)).toEqual({ kind: 'unset', shadowed: [] });
  });

  it('is the last line, with what it beats', () => {
    const files = {
      [A]: `${KEY} = 1\n# x\n${KEY} = 2\n`,
      [B]: `net/core/somaxconn = 3\n${KEY} = 4\n`,
      '/usr/lib/sysctl.d/10-a.conf': `${KEY} = 5\n`,
      '/etc/sysctl.d/99-x.conf.bak': `${KEY} = 6\n`,
    };
    for (const traits of [SYSTEMD, PROCPS]) {
      expect(bootOf(files, traits)).toEqual({
        kind: 'set',
        value: '4',
        from: { file: B, line: 2 },
        shadowed: [
          { file: A, line: 1, value: '1', reason: 'later-file' },
          { file: A, line: 3, value: '2', reason: 'later-file' },
          { file: B, line: 1, value: '3', reason: 'later-line' },
          { file: '/usr/lib/sysctl.d/10-a.conf', line: 1, value: '5', reason: 'masked-file' },
          { file: '/etc/sysctl.d/99-x.conf.bak', line: 1, value: '6', reason: 'file-not-read' },
        ],
      });
    }
  });

  it('depends on the loader for /etc/sysctl.conf', () => {
    const files = { [A]: `${KEY} = 1`, '/etc/sysctl.conf': `${KEY} = 2` };
    const shadowed = [{ file: '/etc/sysctl.conf', line: 1, value: '2', reason: 'file-not-read' }];
    expect(bootOf(files, SYSTEMD)).toMatchObject({ value: '1', shadowed });
    expect(bootOf(files, PROCPS)).toMatchObject({ value: '2', from: { file: '/etc/sysctl.conf', line: 1 } });
    expect(bootOf(files, BUSYBOX)).toMatchObject({ value: '2' });
    expect(bootOf(files, loaderTraits('openrc', '0.54'))).toMatchObject({ value: '2' });
    expect(bootOf(files, loaderTraits('none', null))).toMatchObject({ kind: 'unset' });
  });

  it('keeps the first of two lines that say the same, in systemd', () => {
    const files = { [A]: `${KEY} = 1`, [B]: `-${KEY} = 1` };
    expect(bootOf(files, SYSTEMD)).toEqual({
      kind: 'set',
      value: '1',
      from: { file: A, line: 1 },
      shadowed: [{ file: B, line: 1, value: '1', reason: 'repeated' }],
    });
    expect(bootOf(files, PROCPS)).toMatchObject({ from: { file: B, line: 1 }, shadowed: [{ file: A }] });
    // One dash counts for the entry.
    expect(resolve(tree(files), SYSTEMD).attempts).toEqual([
      { key: KEY, value: '1', file: A, line: 1, ignoreFailure: true },
    ]);
  });

  it('is taken back by an exclusion in systemd alone', () => {
    const files = { [A]: `${KEY} = 1\n`, [B]: `-${KEY}\n` };
    expect(bootOf(files, SYSTEMD)).toEqual({
      kind: 'unset',
      excludedBy: { file: B, line: 1 },
      shadowed: [{ file: A, line: 1, value: '1', reason: 'excluded' }],
    });
    expect(bootOf(files, PROCPS)).toMatchObject({ kind: 'set', value: '1' });
    expect(bootOf({ ...files, [C]: `${KEY} = 1\n` }, SYSTEMD)).toMatchObject({
      kind: 'set',
      from: { file: C },
    });
  });

  it('has spellings', () => {
    const key = 'net.ipv4.conf.eth0/1.rp_filter';
    const files = { [A]: 'net/ipv4/conf/eth0.1/rp_filter = 1\nnet.ipv4.conf.eth0.1.rp_filter = 2\n' };
    for (const traits of EVERY.slice(0, 4)) expect(bootOf(files, traits, key)).toMatchObject({ value: '1' });
    const odd = { [A]: 'net..core//somaxconn = 7\n' };
    for (const traits of EVERY.slice(0, 4))
      expect(bootOf(odd, traits, 'net.core.somaxconn').kind).toBe('unset');
    for (const traits of EVERY.slice(0, 4)) {
      expect(bootOf({ [A]: 'net//core/somaxconn = 7\n' }, traits)).toMatchObject({ value: '7' });
    }
    expect(bootOf({ [A]: 'net/core/somaxconn/ = 7\n' }, SYSTEMD)).toMatchObject({ value: '7' });
    expect(bootOf({ [A]: 'net/core/somaxconn/ = 7\n' }, PROCPS).kind).toBe('unset');
    expect(bootOf({ [A]: 'net/ipv4/../core/somaxconn = 7\n' }, PROCPS)).toMatchObject({ value: '7' });
    expect(bootOf({ [A]: 'net/ipv4/../core/somaxconn = 7\n' }, SYSTEMD).kind).toBe('unset');
    expect(bootOf({ [A]: 'net/../../core/somaxconn = 7\n' }, PROCPS).kind).toBe('unset');
  });
});

describe('patterns', () => {
  const key = 'net.ipv4.conf.va0.rp_filter';
  const glob = 'net.ipv4.conf.*.rp_filter = 2\n';

  it('leave a key unknown, and say which', () => {
    for (const traits of [SYSTEMD, PROCPS]) {
      expect(bootOf({ [A]: glob }, traits, key)).toEqual({
        kind: 'unknown',
        why: `the pattern net.ipv4.conf.*.rp_filter in ${A}:1 may set it`,
        shadowed: [],
      });
      expect(bootOf({ [A]: glob }, traits, 'net.ipv4.conf.va0.log_martians')).toMatchObject({
        kind: 'unset',
      });
      expect(bootOf({ [A]: glob }, traits)).toMatchObject({ kind: 'unset' });
    }
  });

  it('never touch a key that is named anywhere', () => {
    for (const files of [
      { [A]: glob, [B]: `${key} = 1\n` },
      { [A]: `${key} = 1\n`, [B]: glob },
    ]) {
      for (const traits of [SYSTEMD, PROCPS]) {
        expect(bootOf(files, traits, key)).toMatchObject({
          kind: 'set',
          value: '1',
          shadowed: [{ value: '2', reason: 'glob-beaten-by-key' }],
        });
      }
    }
  });

  it('never touch a key that is excluded', () => {
    expect(bootOf({ [A]: glob, [B]: `-${key}\n` }, SYSTEMD, key)).toMatchObject({
      kind: 'unset',
      excludedBy: { file: B, line: 1 },
    });
    expect(bootOf({ [A]: glob, [B]: `-${key}\n` }, PROCPS, key)).toMatchObject({ kind: 'unset' });
  });

  it('are excluded by patterns from procps 4.0.5 on, and cancelled by the same pattern in systemd', () => {
    const files = { [A]: glob, [B]: '-net.ipv4.*filter\n' };
    expect(bootOf(files, PROCPS, key).kind).toBe('unknown');
    expect(bootOf(files, PROCPS_405, key).kind).toBe('unset');
    expect(bootOf(files, SYSTEMD, key).kind).toBe('unknown');
    expect(bootOf({ [A]: glob, [B]: '-net.ipv4.conf.*.rp_filter\n' }, SYSTEMD, key).kind).toBe('unset');
  });

  it('reach a key in procps whose line spells it otherwise', () => {
    const spelled = 'net//ipv4/conf/va0/rp_filter = 1\n';
    expect(bootOf({ [A]: spelled, [B]: glob }, PROCPS, key).kind).toBe('unknown');
    expect(bootOf({ [A]: glob, [B]: spelled }, PROCPS, key)).toMatchObject({ kind: 'set', value: '1' });
    expect(bootOf({ [A]: spelled, [B]: glob }, SYSTEMD, key)).toMatchObject({ kind: 'set', value: '1' });
  });

  it('may hold braces in systemd, with a star beside them', () => {
    const braces = { [A]: 'net.ipv4.conf.{va,eth}*.rp_filter = 2\n' };
    expect(bootOf(braces, SYSTEMD, key).kind).toBe('unknown');
    expect(bootOf(braces, PROCPS, key).kind).toBe('unset');
    expect(bootOf({ [A]: 'net.ipv4.conf.{va0,va1}.rp_filter = 2\n' }, SYSTEMD, key).kind).toBe('unset');
  });

  it('stand for variables with separators behind them too, in procps', () => {
    const inventory = inventoryOf([['net/ipv4/conf/va0/rp_filter', { kind: 'file', mode: 0o644 }]]);
    const files = tree({ [A]: 'net.ipv4.conf.va*.rp_filter. = 2\n' });
    expect(resolve(files, PROCPS, { inventory }).attempts).toMatchObject([
      { key: 'net.ipv4.conf.va0.rp_filter', value: '2' },
    ]);
    // What a wildcard finds has to be a directory then, and a directory is never written.
    const wild = tree({ [A]: 'net.ipv4.conf.va0.rp_*. = 2\n' });
    expect(resolve(wild, PROCPS, { inventory }).attempts).toEqual([]);
  });

  it('are not among the attempts, and unknown keys without globs are', () => {
    expect(resolve(tree({ [A]: glob }), SYSTEMD).attempts).toEqual([]);
    expect(resolve(tree({ [A]: glob }), loaderTraits('procps', '3.3.17')).attempts).toHaveLength(1);
  });
});

describe('files that are no plain files', () => {
  const lower = { path: '/usr/lib/sysctl.d/10-a.conf', kind: 'file', text: `${KEY} = 1\n` } as const;

  function messages(file: SysctlFile, traits: LoaderTraits) {
    return resolve([file, lower], traits).messages.map(({ file: at, severity }) => [at, severity]);
  }

  it.each<[SysctlFile['kind'], LoaderTraits, 'silent' | 'warning' | 'error', 'set' | 'unset' | 'unknown']>([
    ['dangling', SYSTEMD, 'silent', 'unset'],
    ['dangling', PROCPS, 'error', 'unset'],
    ['loop', SYSTEMD, 'error', 'unset'],
    ['loop', SYSTEMD_262, 'warning', 'set'],
    ['loop', PROCPS, 'error', 'unset'],
    ['directory', SYSTEMD, 'error', 'unset'],
    ['directory', PROCPS, 'silent', 'unset'],
    ['unreadable', SYSTEMD, 'warning', 'unknown'],
    ['fifo', PROCPS, 'error', 'unset'],
  ])('%s in $name', (kind, traits, severity, boot) => {
    const file: SysctlFile = { path: A, kind };
    expect(messages(file, traits)).toEqual([[A, severity]]);
    const resolution = resolve([file, lower], traits);
    expect(resolution.lastWord(KEY).kind).toBe(boot);
    if (boot !== 'set') {
      expect(resolution.lastWord(KEY).shadowed).toEqual([
        { file: lower.path, line: 1, value: '1', reason: 'masked-file' },
      ]);
    }
    expect(resolution.linesOf(KEY)).toEqual([{ file: lower.path, line: 1, value: '1' }]);
  });

  it('a link to /dev/null masks without a word', () => {
    const file: SysctlFile = { path: A, kind: 'link', target: '/dev/null' };
    expect(messages(file, SYSTEMD)).toEqual([]);
    expect(resolve([file, lower], SYSTEMD).lastWord(KEY).kind).toBe('unset');
  });

  it('a link is read under its own name', () => {
    const link: SysctlFile = { path: C, kind: 'link', target: '/opt/x.conf', text: `\n${KEY} = 9\n` };
    expect(resolve([link], SYSTEMD).lastWord(KEY)).toMatchObject({ from: { file: C, line: 2 } });
  });

  it('bytes that are no UTF-8 are read', () => {
    const base64 = Buffer.from(`# caf\xe9\n${KEY} = 9\n`, 'latin1').toString('base64');
    expect(resolve([{ path: A, kind: 'file', base64 }], SYSTEMD).lastWord(KEY)).toMatchObject({
      value: '9',
    });
  });

  it('what we cannot read leaves open what no later line decides', () => {
    const unreadable: SysctlFile = { path: B, kind: 'unreadable' };
    const why = `${B} could not be read and may set it`;
    for (const traits of [SYSTEMD, PROCPS]) {
      const before = resolve([...tree({ [A]: `${KEY} = 1` }), unreadable], traits);
      expect(before.lastWord(KEY)).toEqual({ kind: 'unknown', why, shadowed: [] });
      const after = resolve([...tree({ [C]: `${KEY} = 1` }), unreadable], traits);
      expect(after.lastWord(KEY)).toMatchObject({ kind: 'set', value: '1' });
      expect(after.lastWord('net.core.rmem_max')).toMatchObject({ kind: 'unknown', why });
    }
  });

  it('a FIFO keeps everything from being set', () => {
    const files: readonly SysctlFile[] = [...tree({ [A]: `${KEY} = 1` }), { path: B, kind: 'fifo' }];
    const resolution = resolve(files, SYSTEMD);
    expect(resolution.attempts).toEqual([]);
    expect(resolution.lastWord(KEY)).toMatchObject({ kind: 'unknown', why: expect.stringContaining(B) });
    expect(resolution.lastWord('net.core.rmem_max').kind).toBe('unset');
  });
});

describe('messages', () => {
  it.each([
    [SYSTEMD, 'x', 'error'],
    [PROCPS, 'xy\n', 'warning'],
    [BUSYBOX, '-net.core.somaxconn\n', 'warning'],
    [loaderTraits('procps', '3.3.17'), '-net.core.somaxconn\n', 'warning'],
  ] as const)('$name: %j', (traits, text, severity) => {
    const path = '/etc/sysctl.conf';
    const files: readonly SysctlFile[] = [
      traits.mainFile === 'not-read'
        ? { path: A, kind: 'link', target: path, text }
        : { path, kind: 'file', text },
    ];
    expect(resolve(files, traits).messages).toMatchObject([{ line: 1, severity }]);
    expect(resolve(files, traits).attempts).toEqual([]);
  });

  it('are not made about files that are not read', () => {
    const files = { '/etc/sysctl.d/README': 'no assignment\n', '/etc/default/ufw': 'IPV6=yes\nx\n' };
    expect(resolve(tree(files), SYSTEMD).messages).toEqual([]);
  });
});

describe('linesOf', () => {
  it('names every line, once, in the order of meeting', () => {
    const files = {
      '/etc/ufw/sysctl.conf': 'net/core/somaxconn=7\n',
      '/usr/lib/sysctl.d/20-b.conf': `${KEY} = 5\n`,
      [B]: `${KEY} = 4\n`,
      [A]: `-${KEY}\n${KEY} = 3\nnet.core.* = 1\n`,
    };
    expect(resolve(tree(files), SYSTEMD).linesOf(KEY)).toEqual([
      { file: A, line: 2, value: '3' },
      { file: B, line: 1, value: '4' },
      { file: '/usr/lib/sysctl.d/20-b.conf', line: 1, value: '5' },
    ]);
  });

  it('counts a file once that procps opens twice', () => {
    const files = { '/etc/sysctl.d/a*.conf': '', '/etc/sysctl.d/ab.conf': `${KEY} = 1\n` };
    const resolution = resolve(tree(files), PROCPS);
    expect(resolution.attempts).toHaveLength(2);
    expect(resolution.linesOf(KEY)).toHaveLength(1);
  });
});

const anyFile = fc.record({
  path: fc
    .tuple(
      fc.constantFrom('/etc/sysctl.d/', '/run/sysctl.d/', '/usr/lib/sysctl.d/', '/etc/'),
      fc.constantFrom('a.conf', 'b.conf', 'sysctl.conf', '.h.conf', 'a*.conf', 'x.bak'),
    )
    .map((parts) => parts.join('')),
  kind: fc.constantFrom<SysctlFile['kind']>(
    'file',
    'link',
    'dangling',
    'loop',
    'directory',
    'fifo',
    'unreadable',
  ),
  base64: fc
    .array(
      fc.oneof(
        fc.constantFrom(
          'net.core.somaxconn',
          '-',
          '=',
          ' ',
          '\n',
          '\r',
          '\0',
          '*',
          '[',
          '#',
          ';',
          '{a,',
          '}',
          '..',
          '/',
          '1',
        ),
        fc.string({ unit: 'binary', maxLength: 3 }),
      ),
    )
    .map((parts) => Buffer.from(parts.join('')).toString('base64')),
});

describe('resolve', () => {
  it('answers for any files, and the same each time, in whatever order they come', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyFile, { selector: ({ path }) => path, maxLength: 8 }),
        fc.constantFrom(...EVERY),
        (files, traits) => {
          const [first, second] = [resolve(files, traits), resolve([...files].reverse(), traits)];
          expect(second.attempts).toEqual(first.attempts);
          expect(second.lastWord(KEY).kind).toBe(first.lastWord(KEY).kind);
          for (const { key } of first.attempts) {
            expect(first.linesOf(key).length).toBeGreaterThan(0);
            expect(second.lastWord(key).kind).toBe(first.lastWord(key).kind);
          }
        },
      ),
    );
  });

  it('gives back what was rendered', () => {
    const value = fc.array(fc.nat(), { minLength: 1, maxLength: 3 }).map((members) => members.join(' '));
    const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/);
    const key = fc.tuple(name, name, name).map((parts) => parts.join('.'));
    const settings = fc.uniqueArray(fc.record({ key, value, why: fc.array(fc.string()) }), {
      selector: (each) => each.key,
    });
    fc.assert(
      fc.property(settings, fc.constantFrom(...EVERY.slice(0, 5)), (wanted, traits) => {
        const resolution = resolve(tree({ [B]: wanted.map(renderSetting).join('') }), traits);
        expect(resolution.messages).toEqual([]);
        expect(resolution.attempts.map((each) => each.key)).toEqual(wanted.map((each) => each.key));
        for (const each of wanted) {
          const boot = resolution.lastWord(each.key);
          expect(boot.kind === 'set' && sameValue(boot.value, each.value)).toBe(true);
        }
      }),
    );
  });
});

describe('after a boot, which empties /run', () => {
  const RUN = '/run/sysctl.d/20-b.conf';
  const volatile = { file: RUN, line: 1, value: '9', reason: 'volatile-file' };

  function afterBoot(files: Readonly<Record<string, string>>, traits = SYSTEMD) {
    return resolve(tree(files), traits, { boot: true });
  }

  it.each([SYSTEMD, PROCPS])('$name: a file there sets nothing', (traits) => {
    const later = afterBoot({ [A]: `${KEY} = 1\n`, [RUN]: `${KEY} = 9\n` }, traits);
    expect(later.lastWord(KEY)).toEqual({
      kind: 'set',
      value: '1',
      from: { file: A, line: 1 },
      shadowed: [volatile],
    });
    expect(afterBoot({ [RUN]: `${KEY} = 9\n` }, traits).lastWord(KEY)).toEqual({
      kind: 'unset',
      shadowed: [volatile],
    });
  });

  it.each([SYSTEMD, PROCPS])('$name: a file there masks nothing', (traits) => {
    const files = { '/usr/lib/sysctl.d/20-b.conf': `${KEY} = 3\n`, [RUN]: `${KEY} = 9\n` };
    expect(afterBoot(files, traits).lastWord(KEY)).toMatchObject({ kind: 'set', value: '3' });
    expect(bootOf(files, traits)).toMatchObject({ kind: 'set', value: '9' });
  });

  it('nothing of it is written, and its lines are still known', () => {
    const files = { [A]: `${KEY} = 1\n`, [RUN]: `${KEY} = 9\n` };
    expect(afterBoot(files).attempts).toMatchObject([{ key: KEY, value: '1', file: A }]);
    expect(resolve(tree(files), SYSTEMD).attempts).toMatchObject([{ key: KEY, value: '9', file: RUN }]);
    expect(afterBoot(files).linesOf(KEY)).toEqual(resolve(tree(files), SYSTEMD).linesOf(KEY));
  });

  it('a FIFO there blocks nothing', () => {
    const fifo: SysctlFile = { path: RUN, kind: 'fifo' };
    const files = [...tree({ [A]: `${KEY} = 1\n` }), fifo];
    expect(resolve(files, SYSTEMD, { boot: true }).lastWord(KEY)).toMatchObject({ kind: 'set', value: '1' });
    expect(resolve(files, SYSTEMD).lastWord(KEY).kind).toBe('unknown');
  });
});
