import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseYaml } from '../../src/core/yaml-document.ts';

const FILE = 'x.yaml';

/** Every level names the one below ten times: 10^9 words from 600 bytes. */
const BOMB = Array.from({ length: 10 }, (_, level) =>
  level === 0
    ? 'a0: &a0 [lol]'
    : `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(', ')}]`,
).join('\n');

describe('what is no document', () => {
  test.each([
    ['a field twice', 'a: 1\na: 2\n', { line: 2, column: 1 }, /unique/],
    ['a field twice in a list', 'a:\n  - {b: 1, b: 2}\n', { line: 2, column: 12 }, /unique/],
    ['cut off', 'a: [\n', { line: 2 }, /./],
    ['a tab for indentation', 'a:\n\tb: 1\n', { line: 2 }, /Tabs/],
    ['two documents', 'a: 1\n---\nb: 1\n', { line: 2 }, /more than one document/],
    ['a tag that nobody knows', 'a: !secret x\n', { line: 1, column: 4 }, /tag/],
    ['aliases that multiply', BOMB, { line: 2 }, /alias/],
    ['an alias of nothing', 'a: *b\n', { line: 1, column: 4 }, /alias/],
    ['a name that is a list', '? [a, b]\n: 1\n', { line: 1, column: 3 }, /must be a word/],
    ['a name that data cannot have', 'a:\n  __proto__: 1\n', { line: 2, column: 3 }, /'__proto__'/],
    ['binary', '\0\u0001\u0002elf', {}, /binary/],
    ['bytes that are no UTF-8', 'a: \ufffd\ufffd\ufffd\ufffd', {}, /binary/],
    ['brackets deeper than the stack', `a: 1\nb: ${'['.repeat(100_000)}`, { line: 2 }, /nested too deeply/],
    ['braces, a line each', '{a:\n'.repeat(50_000), { line: 101 }, /nested too deeply/],
    ['dashes deeper than the stack', `${'- '.repeat(50_000)}a`, { line: 1 }, /nested too deeply/],
    [
      'indented deeper than the stack',
      Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
      { line: 202 },
      /nested too deeply/,
    ],
  ])('%s', (_, text, at, message) => {
    expect(() => parseYaml(text, FILE)).toThrow(
      expect.objectContaining({
        name: 'UserError',
        status: 2,
        at: expect.objectContaining({ file: FILE, ...at }),
        message: expect.stringMatching(message),
      }),
    );
  });

  test('whatever the text is, it is read or refused in one sentence', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab:-[]{}&*!|>\n \t\'"#0?,%@`\\') }), (text) => {
        try {
          parseYaml(text, FILE);
        } catch (thrown) {
          expect(thrown).toMatchObject({ name: 'UserError', status: 2 });
          expect(thrown).toMatchObject({ message: expect.not.stringContaining('\n') });
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('where things stand', () => {
  const document = parseYaml('a:\n  b: [1, 22]\n  c: &x {d: 3}\n  e: *x\n', FILE);

  test.each([
    [['a', 'b'], { line: 2, column: 6 }],
    [['a', 'b', 1], { line: 2, column: 10 }],
    [['a', 'missing'], { line: 2, column: 3 }],
    [['a', 'e', 'd'], { line: 3, column: 13 }],
    [[], { line: 1, column: 1 }],
  ])('the value of %j', (path, at) => {
    expect(document.at(path)).toEqual({ file: FILE, ...at });
  });

  test.each([
    [['a', 'b'], { line: 2, column: 3 }],
    [['a', 'b', 1], { line: 2, column: 10 }],
    [['a', 'missing'], { line: 2, column: 3 }],
  ])('the name of %j', (path, at) => {
    expect(document.atName(path)).toEqual({ file: FILE, ...at });
  });

  test('a few aliases are what YAML offers them for', () => {
    expect(document.content).toEqual({ a: { b: [1, 22], c: { d: 3 }, e: { d: 3 } } });
  });

  test('a text without a document has no content', () => {
    expect([parseYaml('', FILE).content, parseYaml('# x\n', FILE).content]).toEqual([null, null]);
  });
});
