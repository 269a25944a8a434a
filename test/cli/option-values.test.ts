import { expect, test } from '@jest/globals';
import { durationSeconds, oneOf } from '../../src/cli/option-values.ts';

test.each([
  ['10s', 10],
  ['500ms', 0.5],
  ['2m', 120],
  ['3', 3],
  ['1.5s', 1.5],
])('%s is %d seconds', (given, seconds) => {
  expect(durationSeconds('--sample')(given)).toBe(seconds);
});

test.each(['', '0', '-1s', '10h', '2m30s', '61m', 'ten', '1e3'])("'%s' is no time", (given) => {
  expect(() => durationSeconds('--sample')(given)).toThrow(/--sample expects a time such as 10s/);
});

test('a name of the list is taken', () => {
  expect(oneOf('format', ['text', 'json'])('json')).toBe('json');
});

test('another name is refused with the list and the nearest', () => {
  expect(() => oneOf('format', ['text', 'json'])('jsn')).toThrow(
    expect.objectContaining({
      message: "unknown format 'jsn': expected text, json",
      hint: "did you mean 'json'?",
      status: 2,
    }),
  );
});
