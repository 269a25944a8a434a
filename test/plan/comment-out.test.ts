import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  edited,
  lineAt,
  type Pair,
  revealed,
  silenced,
  standingPairs,
  whyNotEdited,
} from '../../src/plan/comment-out.ts';

const KEY = 'net.core.somaxconn';
const NOTE = `# Commented out by backlogctl, whose own ${KEY} would lose to this line. Undo: backlogctl rollback`;

function out(text: string, ...lines: readonly number[]): string {
  const marks = lines.map((line) => ({ line, key: KEY }));
  return edited(Buffer.from(text, 'latin1'), { commentOut: marks, giveBack: [] }).toString('latin1');
}

function givenBack(bytes: Buffer, pairs: readonly Pair[]) {
  const found = standingPairs(bytes, pairs);
  return { found, bytes: edited(bytes, { commentOut: [], giveBack: found.map(({ number }) => number) }) };
}

describe('a line that is commented out', () => {
  test.each<readonly [what: string, text: string, line: number, expected: string]>([
    ['has a line above it that says why', 'a=1\nb=2\nc=3\n', 2, `a=1\n${NOTE}\n# b=2\nc=3\n`],
    ['keeps its blanks', '\t b = 2\n', 1, `${NOTE}\n# \t b = 2\n`],
    ['at the end of a file without a newline', 'a=1\nb=2', 2, `a=1\n${NOTE}\n# b=2`],
    ['alone in a file without a newline', 'b=2', 1, `${NOTE}\n# b=2`],
    ['among lines that end in CR and LF', 'a=1\r\nb=2\r\n', 1, `${NOTE}\r\n# a=1\r\nb=2\r\n`],
    ['the last of those, without an end', 'a=1\r\nb=2', 2, `a=1\r\n${NOTE}\r\n# b=2`],
    ['below a byte order mark', '\xef\xbb\xbf# x\nb=2\n', 2, `\xef\xbb\xbf# x\n${NOTE}\n# b=2\n`],
    ['beside bytes that are no UTF-8', '# caf\xe9\nb=\xff\n', 2, `# caf\xe9\n${NOTE}\n# b=\xff\n`],
  ])('%s', (_what, text, line, expected) => {
    expect(out(text, line)).toBe(expected);
    const pair = { key: KEY, line: lineAt(Buffer.from(text, 'latin1'), line) };
    const given = givenBack(Buffer.from(expected, 'latin1'), [pair]);
    expect(given.bytes.toString('latin1')).toBe(text);
    // Our note stands above it.
    expect(given.found).toEqual([{ ...pair, number: line + 1 }]);
  });

  test('keeps its number for whoever only resolves the file', () => {
    const text = 'a=1\r\nb=2\nc=3';
    const without = silenced(Buffer.from(text), new Set([1, 3]));
    expect(without.toString()).toBe('# a=1\r\nb=2\n# c=3');
    expect(revealed(without, new Set([1, 3])).toString()).toBe(text);
  });
});

describe('what somebody else made of the file in the meantime', () => {
  const pair = { key: KEY, line: 'b=2' };
  test.each<readonly [what: string, text: string, expected: string, found: number]>([
    ['lines around it', `new\n${out('b=2\n', 1)}more\n`, 'new\nb=2\nmore\n', 1],
    ['its line ends', out('b=2\n', 1).replaceAll('\n', '\r\n'), 'b=2\r\n', 1],
    ['the line itself', out('b=2\n', 1).replace('# b=2', '# b=3'), out('b=3\n', 1), 0],
    ['the line by hand', out('b=2\n', 1).replace('# b=2', 'b=2'), `${NOTE}\nb=2\n`, 0],
    ['our note', out('b=2\n', 1).replace('# Commented', '# commented'), out('b=2\n', 1).replace('C', 'c'), 0],
    ['a second copy of both', out('b=2\nb=2\n', 1, 2), out('b=2\nb=2\n', 1, 2), 0],
    ['all of it', '', '', 0],
  ])('%s', (_what, text, expected, found) => {
    const given = givenBack(Buffer.from(text), [pair]);
    expect([given.bytes.toString(), given.found.length]).toEqual([expected, found]);
  });
});

test.each<readonly [string, boolean]>([
  ['a=1\nb=2\r\n', true],
  ['', true],
  ['a=1\rb=2\n', false],
  ['a=1\n\rb=2\n', false],
  ['a=1\0\n', false],
  ['a=1\r', false],
])('whether loaders agree on the lines of %j: %p', (text, expected) => {
  expect(whyNotEdited(Buffer.from(text)) === null).toBe(expected);
});

test('given back, any bytes are what they were', () => {
  const piece = fc.oneof(
    fc.constantFrom('\n', '\r\n', '\r', '\0', '# ', 'a=1', NOTE, 'Ã', '\ufeff'),
    fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  );
  const key = fc.constantFrom(KEY, 'net.ipv4.conf.é/1.rp_filter');
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 20 }),
      fc.array(fc.tuple(fc.nat(12), key), { maxLength: 5 }),
      (pieces, some) => {
        const bytes = Buffer.from(pieces.join(''), 'latin1');
        const marks = [...new Map(some).entries()]
          .map(([index, of]) => ({ line: index + 1, key: of }))
          .filter(
            ({ line }) =>
              line <= bytes.toString('latin1').replace(/\n$/, '').split('\n').length && bytes.length > 0,
          );
        const after = edited(bytes, { commentOut: marks, giveBack: [] });
        const pairs = marks.map(({ line, key: of }) => ({ key: of, line: lineAt(bytes, line) }));
        const { bytes: back, found } = givenBack(after, pairs);
        // A file that held the very same before cannot be told from what we wrote.
        fc.pre(found.length === pairs.length);
        expect(back.equals(bytes)).toBe(true);
        // Also where they are given back one after the other.
        const single = pairs.reduce((each, pair) => givenBack(each, [pair]).bytes, after);
        const isDistinct = new Set(pairs.map((pair) => JSON.stringify(pair))).size === pairs.length;
        if (isDistinct) expect(single.equals(bytes)).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});
