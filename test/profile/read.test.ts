import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { parse } from 'yaml';
import { parseProfile } from '../../src/profile/read.ts';
import { HEAD, profileOf, profileText, REASON } from './profiles.ts';

const FILE = 'mine.yaml';

function read(text: string, trusted = false) {
  return parseProfile(text, FILE, { trusted });
}

function expectRefusal(text: string, at: object, message: RegExp, hint?: RegExp, trusted = false): void {
  expect(() => read(text, trusted)).toThrow(
    expect.objectContaining({
      name: 'UserError',
      status: 2,
      at: expect.objectContaining({ file: FILE, ...at }),
      message: expect.stringMatching(message),
      ...(hint === undefined ? {} : { hint: expect.stringMatching(hint) }),
    }),
  );
}

describe('a sound profile', () => {
  test('all fields', () => {
    const text = `${HEAD}extends: [base, web-frontend]
settings:
  net/core/somaxconn:
    at-least: 0x4000
    because: "  two
      lines "
    source: man 2 listen
  net.ipv4.tcp_wmem:
    - at-least: [keep, keep, 16MiB]
      because: b
      source: s
      when: {kernel: ">=4.15 <6.6", memory: ">= 2GiB"}
    - at-least: auto
      because: b
      source: s
protect:
  net.ipv4.tcp_mem: computed at boot
`;
    expect(read(text)).toEqual({
      name: 'mine',
      summary: 'Mine.',
      file: FILE,
      extends: [
        { name: 'base', at: { file: FILE, line: 5, column: 11 } },
        { name: 'web-frontend', at: { file: FILE, line: 5, column: 17 } },
      ],
      settings: [
        {
          key: 'net.core.somaxconn',
          relation: 'at-least',
          value: { kind: 'amounts', amounts: [{ kind: 'number', number: 16384 }] },
          written: '16384',
          because: 'two lines',
          source: 'man 2 listen',
          when: [],
          unchecked: false,
          profile: 'mine',
          at: { file: FILE, line: 8 },
        },
        expect.objectContaining({
          key: 'net.ipv4.tcp_wmem',
          value: {
            kind: 'amounts',
            amounts: [{ kind: 'keep' }, { kind: 'keep' }, { kind: 'number', number: 16777216 }],
          },
          written: '[keep, keep, 16MiB]',
          when: [
            { kind: 'kernel', bound: '>=', version: '4.15' },
            { kind: 'kernel', bound: '<', version: '6.6' },
            { kind: 'memory', bound: '>=', bytes: 2147483648, written: '2GiB' },
          ],
        }),
        expect.objectContaining({ value: { kind: 'auto' }, written: 'auto' }),
      ],
      protections: [
        { key: 'net.ipv4.tcp_mem', because: 'computed at boot', by: 'mine', at: { file: FILE, line: 21 } },
      ],
    });
  });

  test.each([
    ['net.ipv4.tcp_keepalive_time', '10min', 600],
    ['net.ipv4.tcp_keepalive_time', '5000ms', 5],
    ['net.core.rmem_max', '4 MiB', 4194304],
    ['net.core.rmem_max', '"4194304"', 4194304],
    ['net.ipv4.tcp_syncookies', '1', 1],
    ['net.core.busy_poll', '2ms', 2000],
    ['net.ipv4.tcp_comp_sack_delay_ns', '1ms', 1_000_000],
  ])('%s: %s', (key, written, number) => {
    const [setting] = profileOf([`${key}: {exactly: ${written}, ${REASON}}`]).settings;
    expect(setting?.value).toEqual({ kind: 'amounts', amounts: [{ kind: 'number', number }] });
  });

  test('bytes of a key in pages wait for the size of a page', () => {
    const [setting] = profileOf([`net.ipv4.tcp_mem: {at-most: [keep, keep, 1GiB], ${REASON}}`]).settings;
    expect(setting?.value).toEqual({
      kind: 'amounts',
      amounts: [{ kind: 'keep' }, { kind: 'keep' }, { kind: 'bytes', bytes: 2 ** 30 }],
    });
  });

  test.each([
    ['net.ipv4.tcp_allowed_congestion_control', '[reno, cubic]', 'reno cubic'],
    ['net.ipv4.tcp_allowed_congestion_control', 'reno cubic', 'reno cubic'],
    ['net.core.flow_limit_cpu_bitmap', "'ff'", 'ff'],
  ])('%s: %s, as words', (key, written, text) => {
    const [setting] = profileOf([`${key}: {exactly: ${written}, ${REASON}}`]).settings;
    expect(setting?.value).toEqual({ kind: 'text', text });
  });

  test('the pair that is nobody', () => {
    const [setting] = profileOf([`net.ipv4.ping_group_range: {exactly: [1, 0], ${REASON}}`]).settings;
    expect(setting?.value).toEqual({
      kind: 'amounts',
      amounts: [1, 0].map((number) => ({ kind: 'number', number })),
    });
  });

  test('a name', () => {
    const [setting] = profileOf([`net.core.default_qdisc: {exactly: fq_codel, ${REASON}}`]).settings;
    expect(setting?.value).toEqual({ kind: 'text', text: 'fq_codel' });
  });

  test.each([
    ['dev.raid.speed_limit_max', '200000', '200000'],
    ['vm.lowmem_reserve_ratio', '[256, 256, 32, 0, 0]', '256 256 32 0 0'],
    ['kernel.core_pattern', '"core.%e"', 'core.%e'],
  ])("root's own file may set %s, which nobody checks", (key, written, value) => {
    const [setting] = profileOf([`${key}: {exactly: ${written}, ${REASON}, unchecked: true}`], true).settings;
    expect(setting).toMatchObject({ unchecked: true, value: { kind: 'text', text: value } });
  });

  test('a key of the catalogue is checked whatever the profile vouches for', () => {
    const text = profileText([`net.core.somaxconn: {at-least: many, ${REASON}, unchecked: true}`]);
    expectRefusal(text, { line: 6 }, /no number/, undefined, true);
  });
});

describe('what is no profile', () => {
  test.each([
    ['nothing', '', {}, /empty/],
    ['only a remark', '# x\n', {}, /empty/],
    ['a list', '- a\n', { line: 1, column: 1 }, /not a profile/],
    ['another kind', 'kind: plan\n', { line: 1, column: 7 }, /kind 'plan'/],
    ['no kind', 'name: x\n', { line: 1 }, /no 'kind'/],
    [
      'a later schema',
      HEAD.replace(': 0', ': 1'),
      { line: 2, column: 16 },
      /schema version 1 is later than 0/,
    ],
    ['no version of a schema', HEAD.replace(': 0', ': x'), { line: 2, column: 16 }, /expected 0/],
    ['a name with a slash', HEAD.replace('mine', '../x'), { line: 3, column: 7 }, /^name: expected a name/],
    ['no summary', HEAD.replace('Mine.', '" "'), { line: 4, column: 10 }, /^summary: expected/],
    ['settings that are a list', `${HEAD}settings: [1]\n`, { line: 5, column: 11 }, /sysctl keys/],
    ['a parent that is no name', `${HEAD}extends: [Base]\n`, { line: 5, column: 11 }, /expected a name/],
    ['extends without a list', `${HEAD}extends: base\n`, { line: 5, column: 10 }, /expected a list/],
  ])('%s', (_, text, at, message) => expectRefusal(text, at, message));

  test('a misspelt field that is needed is misspelt, not missing', () => {
    const at = { line: 4, column: 1 };
    expectRefusal(HEAD.replace('summary', 'sumary'), at, /unknown field 'sumary'/, /'summary'/);
  });

  test.each([
    ['settigns: {}', /unknown field 'settigns'/, /did you mean 'settings'\?/],
    ['protects: {}', /unknown field 'protects'/, /'protect'/],
    [
      `settings: {net.core.somaxconn: {at-least: 1, becuase: b, source: s}}`,
      /unknown field 'becuase'/,
      /'because'/,
    ],
  ])('%s', (line, message, hint) => {
    expectRefusal(`${HEAD}${line}\n`, { line: 5 }, message, hint);
  });
});

describe('a setting', () => {
  test.each<[string, object, RegExp, RegExp?]>([
    [
      `net.core.somaxcon: {at-least: 1, ${REASON}}`,
      { line: 6, column: 3 },
      /unknown sysctl key 'net.core.somaxcon'/,
      /did you mean 'net.core.somaxconn'/,
    ],
    [
      `no.such.key.at.all: {at-least: 1, ${REASON}}`,
      { line: 6, column: 3 },
      /unknown sysctl key/,
      /unchecked: true/,
    ],
    [
      `/proc/sys/net/core/somaxconn: {at-least: 1, ${REASON}}`,
      { line: 6, column: 3 },
      /the key is 'net.core.somaxconn'/,
    ],
    ['net.core.somaxconn: 4096', { line: 6, column: 23 }, /expected at-least, at-most or exactly/],
    [
      `net.core.somaxconn: {atleast: 1, ${REASON}}`,
      { line: 6, column: 24 },
      /unknown field 'atleast'/,
      /'at-least'/,
    ],
    ['net.core.somaxconn: {at-least: 1, source: s}', { line: 6, column: 23 }, /because: expected a reason/],
    ['net.core.somaxconn: {at-least: 1, because: b}', { line: 6, column: 23 }, /source: expected a source/],
    [
      "net.core.somaxconn: {at-least: 1, because: '', source: s}",
      { line: 6, column: 46 },
      /expected a reason/,
    ],
    [`net.core.somaxconn: {${REASON}}`, { line: 6, column: 23 }, /expected at-least, at-most or exactly/],
    [
      `net.core.somaxconn: {at-least: 1, at-most: 2, ${REASON}}`,
      { line: 6, column: 37 },
      /exclude each other/,
    ],
    [
      `net.core.somaxconn: {at-least: 16MiB, ${REASON}}`,
      { line: 6, column: 34 },
      /in connections, and '16MiB' is in bytes/,
    ],
    [
      `net.core.somaxconn: {at-least: 10s, ${REASON}}`,
      { line: 6, column: 34 },
      /in connections, and '10s' is a time/,
    ],
    [`net.core.somaxconn: {at-least: -1, ${REASON}}`, { line: 6, column: 34 }, /negative/],
    [`net.core.somaxconn: {at-least: 1.5, ${REASON}}`, { line: 6, column: 34 }, /no whole number/],
    [
      `net.core.somaxconn: {at-least: 3000000000, ${REASON}}`,
      { line: 6, column: 34 },
      /takes 0 to 65535 connections, or on other kernels 0 to 2147483647 connections, not 3000000000/,
    ],
    [
      `net.ipv4.tcp_syncookies: {exactly: 255, ${REASON}}`,
      { line: 6, column: 38 },
      /net\.ipv4\.tcp_syncookies takes 0, 1 or 2, not 255/,
    ],
    [
      `vm.drop_caches: {exactly: 3, ${REASON}, unchecked: true}`,
      { line: 6, column: 3 },
      /vm\.drop_caches is never written: a write drops the file cache/,
    ],
    [
      `net.ipv4.tcp_fastopen_key: {exactly: 'a-b-c-d', ${REASON}, unchecked: true}`,
      { line: 6, column: 3 },
      /net\.ipv4\.tcp_fastopen_key is never written: it is a secret/,
    ],
    [`net.core.somaxconn: {at-least: 1e30, ${REASON}}`, { line: 6, column: 34 }, /too large/],
    [`net.core.somaxconn: {at-least: .inf, ${REASON}}`, { line: 6, column: 34 }, /expected a number/],
    [`net.core.somaxconn: {at-least: null, ${REASON}}`, { line: 6, column: 34 }, /expected a number/],
    [`net.core.somaxconn: {at-least: keep, ${REASON}}`, { line: 6, column: 34 }, /asks for nothing/],
    [
      `net.core.somaxconn: {at-least: [1, 2], ${REASON}}`,
      { line: 6, column: 34 },
      /one number, and 2 are given/,
    ],
    [`net.core.somaxconn: {exactly: auto, ${REASON}}`, { line: 6, column: 33 }, /at-least only/],
    [`net.core.rmem_max: {at-least: auto, ${REASON}}`, { line: 6, column: 33 }, /no rule for 'auto'/],
    [
      `net.core.rmem_max: {at-least: 4MB, ${REASON}}`,
      { line: 6, column: 33 },
      /no unit that is known/,
      /did you mean '4MiB'/,
    ],
    [
      `net.core.rmem_max: {at-least: 4 furlongs, ${REASON}}`,
      { line: 6, column: 33 },
      /no unit that is known/,
      /KiB, MiB, GiB, ms, s, min/,
    ],
    [
      `net.core.rmem_max: {at-least: 1KiB, ${REASON}}`,
      { line: 6, column: 33 },
      /takes 2304 to 2147483647 bytes, not 1KiB/,
    ],
    [
      `net.core.flow_limit_cpu_bitmap: {exactly: 0xff, ${REASON}}`,
      { line: 6 },
      /a mask in hexadecimal, and this is a number/,
      /'000000ff'/,
    ],
    [`net.core.flow_limit_cpu_bitmap: {at-least: 'ff', ${REASON}}`, { line: 6 }, /goes with exactly only/],
    [`net.ipv4.tcp_allowed_congestion_control: {exactly: [reno, reno], ${REASON}}`, { line: 6 }, /each once/],
    [`net.ipv4.tcp_available_ulp: {exactly: 1, ${REASON}}`, { line: 6 }, /is read-only/],
    [`net.ipv4.ping_group_range: {exactly: [2, 1], ${REASON}}`, { line: 6 }, /has to rise/],
    [`net.ipv4.tcp_keepalive_time: {at-most: 1500ms, ${REASON}}`, { line: 6, column: 42 }, /whole seconds/],
    [
      `net.ipv4.tcp_rmem: {at-least: 16MiB, ${REASON}}`,
      { line: 6, column: 33 },
      /3 numbers \(min, default, max\), and 1 is given/,
      /\[keep, keep, …\]/,
    ],
    [
      `net.ipv4.tcp_rmem: {at-least: 4096 131072 16777216, ${REASON}}`,
      { line: 6, column: 33 },
      /3 numbers/,
      /write a list/,
    ],
    [
      `net.ipv4.tcp_rmem: {at-least: [4096, 16MiB], ${REASON}}`,
      { line: 6, column: 33 },
      /3 numbers .*, and 2 are given/,
    ],
    [`net.ipv4.tcp_rmem: {at-least: [4096, 16MiB, 1MiB], ${REASON}}`, { line: 6, column: 47 }, /has to rise/],
    [`net.ipv4.tcp_rmem: {at-least: [16MiB, keep, 1MiB], ${REASON}}`, { line: 6, column: 47 }, /has to rise/],
    [
      `net.ipv4.tcp_rmem: {at-least: [keep, keep, keep], ${REASON}}`,
      { line: 6, column: 33 },
      /asks for nothing/,
    ],
    [
      `net.ipv4.tcp_rmem: {at-least: [keep, keep, auto], ${REASON}}`,
      { line: 6, column: 46 },
      /stands for the whole value/,
    ],
    [
      `net.ipv4.tcp_rmem: {at-least: [keep, keep, [1]], ${REASON}}`,
      { line: 6, column: 46 },
      /expected a number/,
    ],
    [
      `net.ipv4.tcp_rmem: {at-least: [keep, keep, 16MB], ${REASON}}`,
      { line: 6, column: 46 },
      /no unit/,
      /'16MiB'/,
    ],
    [`net.ipv4.tcp_mem: {exactly: 6291456, ${REASON}}`, { line: 6, column: 31 }, /3 numbers in pages/],
    [
      `net.ipv4.tcp_mem: {exactly: [4096, 87380, 6291456], ${REASON}}`,
      { line: 6, column: 31 },
      /in pages, and this looks like bytes/,
      /6MiB/,
    ],
    [
      `net.ipv4.tcp_mem: {exactly: [keep, keep, 1000000000000], ${REASON}}`,
      { line: 6, column: 44 },
      /looks like bytes/,
    ],
    [
      `net.ipv4.tcp_mem: {exactly: [keep, keep, 10s], ${REASON}}`,
      { line: 6, column: 44 },
      /in pages, and '10s' is a time/,
    ],
    [`net.ipv4.tcp_ehash_entries: {at-least: 1, ${REASON}}`, { line: 6, column: 42 }, /read-only/],
    [`net.ipv4.tcp_congestion_control: {at-least: bbr, ${REASON}}`, { line: 6, column: 47 }, /exactly only/],
    [
      `net.ipv4.ip_local_reserved_ports: {at-least: 8080, ${REASON}}`,
      { line: 6, column: 48 },
      /exactly only/,
    ],
    [
      `net.ipv4.ip_local_reserved_ports: {exactly: "9000-80", ${REASON}}`,
      { line: 6, column: 47 },
      /holds ports and ranges of ports/,
    ],
    [
      `net.ipv4.tcp_congestion_control: {exactly: "bbr\\nx", ${REASON}}`,
      { line: 6, column: 46 },
      /holds a name/,
    ],
    [
      `net.core.somaxconn: {at-least: 1, ${REASON}, when: {kernel: "6.1"}}`,
      { line: 6, column: 75 },
      /expected bounds such as '>=5.4'/,
    ],
    [
      `net.core.somaxconn: {at-least: 1, ${REASON}, when: {kernel: ">6.1"}}`,
      { line: 6, column: 75 },
      /expected bounds/,
    ],
    [
      `net.core.somaxconn: {at-least: 1, ${REASON}, when: {kernel: ">=six"}}`,
      { line: 6, column: 75 },
      /expected bounds/,
    ],
    [
      `net.core.somaxconn: {at-least: 1, ${REASON}, when: {memory: ">=2"}}`,
      { line: 6, column: 75 },
      /expected a bound such as '>=2GiB'/,
    ],
    [
      `net.core.somaxconn: {at-least: 1, ${REASON}, when: {ram: ">=2GiB"}}`,
      { line: 6, column: 67 },
      /unknown field 'ram'/,
    ],
    ['net.core.somaxconn: []', { line: 6, column: 23 }, /at least one setting/],
  ])('%s', (line, at, message, ...hints) => expectRefusal(profileText([line]), at, message, ...hints));

  test('the same key twice, in two ways of writing it', () => {
    const text = profileText([
      `net.core.somaxconn: {at-least: 1, ${REASON}}`,
      `net/core/somaxconn: {at-least: 2, ${REASON}}`,
    ]);
    expectRefusal(text, { line: 7, column: 3 }, /net.core.somaxconn stands here twice/);
  });

  test('a least and a most may stand together', () => {
    const { settings } = profileOf([
      'net.core.somaxconn:',
      `  - {at-least: 1024, ${REASON}}`,
      `  - {at-most: 65535, ${REASON}}`,
    ]);
    expect(settings.map(({ relation }) => relation)).toEqual(['at-least', 'at-most']);
  });

  test('two settings with the same conditions', () => {
    const text = profileText([
      'net.core.somaxconn:',
      `  - {at-least: 1, ${REASON}, when: {kernel: ">=5.4", memory: ">=1GiB"}}`,
      `  - {at-least: 2, ${REASON}, when: {memory: ">=1GiB", kernel: ">=5.4"}}`,
    ]);
    expectRefusal(text, { line: 8, column: 7 }, /same conditions/);
  });

  test.each([
    ['a file that others can write', false, /nobody vouches/],
    ["root's own file, on more than one line", true, /one line/],
  ])('an unchecked key in %s', (_, trusted, message) => {
    const line = `no.such.key: {exactly: "a\\x01", ${REASON}, unchecked: true}`;
    expectRefusal(profileText([line]), { line: 6 }, message, undefined, trusted);
  });

  test('protecting a key that does not exist protects nothing', () => {
    expectRefusal(
      `${HEAD}protect: {net.ipv4.tcp_mme: x}\n`,
      { line: 5, column: 11 },
      /unknown sysctl key/,
      /tcp_mem/,
    );
  });
});

test('whatever stands for a value, it is read or refused in one sentence with its place', () => {
  const scalar = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.constantFrom('keep', 'auto', '1KiB'));
  const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 4 }));
  const keys = fc.constantFrom('net.core.somaxconn', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_mem', 'x.y');
  fc.assert(
    fc.property(value, keys, fc.boolean(), (each, key, trusted) => {
      const written = JSON.stringify(each, (_, part) =>
        Number.isFinite(part) || typeof part !== 'number' ? part : 'x',
      );
      try {
        read(profileText([`${key}: {at-least: ${written}, ${REASON}, unchecked: true}`]), trusted);
      } catch (thrown) {
        expect(thrown).toMatchObject({ name: 'UserError', status: 2, at: { line: 6 } });
      }
    }),
  );
});

test.each([
  ['a sound one', `net.core.somaxconn: {at-least: 1, ${REASON}}`, true],
  ['a list', `net.core.somaxconn: [{at-least: 1, ${REASON}}]`, true],
  ['no relation', `net.core.somaxconn: {${REASON}}`, false],
  ['two relations', `net.core.somaxconn: {at-least: 1, exactly: 1, ${REASON}}`, false],
  ['no source', 'net.core.somaxconn: {at-least: 1, because: b}', false],
  ['an unknown field', `net.core.somaxconn: {at-least: 1, ${REASON}, x: 1}`, false],
])('the published schema and the reader agree on %s', (_, line, expected) => {
  const schema: unknown = JSON.parse(readFileSync('schemas/profile.schema.json', 'utf8'));
  const validate = new Ajv2020({ strict: false }).compile(
    typeof schema === 'object' && schema !== null ? schema : {},
  );
  const text = profileText([line]);
  let isRead = true;
  try {
    read(text);
  } catch {
    isRead = false;
  }
  expect([validate(parse(text)), isRead]).toEqual([expected, expected]);
});
