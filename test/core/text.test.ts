import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  command,
  escapeControls,
  key,
  list,
  name,
  path,
  plainText,
  text,
  value,
} from '../../src/core/text.ts';

const HOSTILE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

describe('escaping', () => {
  test.each([
    ['plain ASCII, größer, 日本語', 'plain ASCII, größer, 日本語'],
    ['a\nb', 'a\\nb'],
    ['a\r\tb', 'a\\r\\tb'],
    ['\u001b[31mred', '\\x1b[31mred'],
    ['\u0000\u007f\u009b', '\\x00\\x7f\\x9b'],
    ['\u202etxt.exe', '\\u{202e}txt.exe'],
    ['\u2066\u2069\u200b\ufeff', '\\u{2066}\\u{2069}\\u{200b}\\u{feff}'],
    ['\u2028\u2029', '\\u{2028}\\u{2029}'],
    ['soft\u00adhyphen', 'soft\\xadhyphen'],
    ['lone\ud800', 'lone\\u{d800}'],
    ['pair \u{1f600}', 'pair \u{1f600}'],
    ['tag \u{e0041}', 'tag \\u{e0041}'],
  ])('%j', (raw, escaped) => {
    expect(escapeControls(raw)).toBe(escaped);
  });

  test('leaves nothing that moves a cursor or turns a line around, and is done once', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (raw) => {
        const escaped = escapeControls(raw);
        expect(escaped).not.toMatch(HOSTILE);
        expect(escapeControls(escaped)).toBe(escaped);
      }),
    );
  });
});

describe('a message', () => {
  test('keeps what each inserted word is', () => {
    expect(text`set ${key('net.core.somaxconn')} to ${value(4096)}, ${'now'}`).toEqual([
      { kind: 'plain', text: 'set ' },
      { kind: 'key', text: 'net.core.somaxconn' },
      { kind: 'plain', text: ' to ' },
      { kind: 'value', text: '4096' },
      { kind: 'plain', text: ', ' },
      { kind: 'plain', text: 'now' },
    ]);
  });

  test('takes in another one', () => {
    const inner = text`${path('/etc/x')} or ${command('sysctl -p')}`;
    expect(text`see ${inner}`).toEqual([{ kind: 'plain', text: 'see ' }, ...inner]);
  });

  test('is escaped when it becomes plain', () => {
    expect(plainText(text`from ${name('evil\n\u001b[2Jtcp 0.0.0.0:22')}`)).toBe(
      'from evil\\n\\x1b[2Jtcp 0.0.0.0:22',
    );
  });
});

test.each([
  [0, ''],
  [1, 'a'],
  [2, 'a and b'],
  [3, 'a, b and c'],
  [4, 'a, b, c and 1 more'],
  [9, 'a, b, c and 6 more'],
])('a list of %i items', (count, expected) => {
  const items = [...'abcdefghi'].slice(0, count).map((item) => text`${item}`);
  expect(plainText(list(items, 3))).toBe(expected);
});
