import { expect, test } from '@jest/globals';
import { parseWaivers } from '../../src/pipeline/waivers.ts';

const FILE = '/etc/backlogctl/config.yaml';

test('an empty file waives nothing', () => {
  expect(parseWaivers('', FILE)).toEqual([]);
  expect(parseWaivers('# nothing yet\n', FILE)).toEqual([]);
});

test('a waiver with all its fields, and one with only what it must have', () => {
  const text = `ignore:
  - rule: accept-queue/stale-listener
    subject: tcp:0.0.0.0:80
    until: 2027-01-31
    reason: the restart waits for the release
  - rule: syn-queue/cookies-off
    reason: load test
`;
  expect(parseWaivers(text, FILE)).toEqual([
    {
      rule: 'accept-queue/stale-listener',
      subject: 'tcp:0.0.0.0:80',
      until: '2027-01-31',
      reason: 'the restart waits for the release',
    },
    { rule: 'syn-queue/cookies-off', subject: null, until: null, reason: 'load test' },
  ]);
});

test.each([
  ['no reason', 'ignore:\n  - rule: syn-queue/cookies-off\n', { line: 2, column: 5 }, /ignore\.0\.reason/],
  [
    'not a date',
    'ignore:\n  - {rule: syn-queue/cookies-off, reason: x, until: soon}\n',
    { line: 2 },
    /expected a date such as 2027-01-31/,
  ],
  [
    'a rule that does not exist',
    'ignore:\n  - rule: syn-queue/cookies-of\n    reason: x\n',
    { line: 2, column: 11 },
    /unknown rule 'syn-queue\/cookies-of'/,
  ],
  ['an unknown field', 'ignroe: []\n', { line: 1 }, /ignroe/],
  ['the same key twice', 'ignore: []\nignore: []\n', { line: 2, column: 1 }, /unique/],
  ['broken YAML', 'ignore: [\n', { line: 2 }, /./],
  ['not a list', 'ignore: 3\n', { line: 1, column: 9 }, /ignore/],
])('%s is refused with its place', (_, text, at, message) => {
  expect(() => parseWaivers(text, FILE)).toThrow(
    expect.objectContaining({
      status: 2,
      at: expect.objectContaining({ file: FILE, ...at }),
      message: expect.stringMatching(message),
    }),
  );
});
