import { expect, test } from '@jest/globals';
import { assignmentsIn } from '../../src/sysctl/assignments.ts';
import { procpsReading, TUNED_READING } from '../../src/sysctl/reading-rules.ts';

function said(text: string, version: readonly number[] | null = null): readonly string[] {
  return assignmentsIn(text, procpsReading(version)).map(
    ({ key, value, line, isPattern }) => `${line} ${key}=${value}${isPattern ? ' (pattern)' : ''}`,
  );
}

test.each<readonly [string, string, readonly string[]]>([
  ['either separator', 'a.b=1\nnet/ipv4/conf/eth0.1/x=2\n', ['1 a.b=1', '2 net.ipv4.conf.eth0/1.x=2']],
  ['blanks', '  a.b \t=  1 2  \n', ['1 a.b=1 2']],
  ['a comment behind a value is a part of it', 'a.b = 1 # c\n', ['1 a.b=1 # c']],
  ['comments and lines that are none', '#a.b=1\n;a.b=1\nword\n\n', []],
  ['a failure that does not matter', '-a.b=1\n', ['1 a.b=1']],
  ['a second dash', '--a.b=1\n', ['1 a.b=1']],
  ['an exclusion', '-a.b\n', []],
  ['no value', 'a.b =\n', ['1 a.b=']],
  ['no key', '=1\n', []],
  [
    'a pattern',
    'net.ipv4.conf.*.x=1\na/b?/c.d=2\n',
    ['1 net.ipv4.conf.*.x=1 (pattern)', '2 a.*.c/d=2 (pattern)'],
  ],
])('%s', (_name, text, expected) => {
  expect(said(text)).toEqual(expected);
});

test('an older procps leaves blanks behind a value, and sets no empty one', () => {
  expect(said('a.b = 1 \nc.d =\n', [3, 3, 17])).toEqual(['1 a.b=1']);
  expect(said('=a.b = 1\n', [3, 3, 17])).toEqual(['1 a.b=1']);
  expect(said('=a.b = 1\n', [4, 0, 2])).toEqual([]);
});

test('a program with a key reader of its own', () => {
  const keyOf = (key: string) => ({ key: `x.${key}`, isPattern: false });
  expect(assignmentsIn('-a = 1\n', TUNED_READING, keyOf)).toMatchObject([
    { key: 'x.-a', value: '1', line: 1 },
  ]);
});
