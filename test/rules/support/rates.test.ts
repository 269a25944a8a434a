import { describe, expect, test } from '@jest/globals';
import { plainText } from '../../../src/core/text.ts';
import { duration, rateText, rateValue } from '../../../src/rules/support/rates.ts';

test.each([
  [2.003, '2 s'],
  [1.5, '1.5 s'],
  [1.4999, '1.5 s'],
  [0.004, '0.1 s'],
  [9.96, '10 s'],
  [10.04, '10 s'],
  [61.7, '62 s'],
])('%d seconds are %s', (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});

describe('a rate', () => {
  test.each([
    [{ increase: 350, seconds: 10.002 }, '350 in 10 s, 35 per second'],
    [{ increase: 12, seconds: 2.003 }, '12 in 2 s, 6 per second'],
    [{ increase: 15, seconds: 10 }, '15 in 10 s, 1.5 per second'],
    [{ increase: 99, seconds: 10 }, '99 in 10 s, 9.9 per second'],
    [{ increase: 3, seconds: 10 }, '3 in 10 s'],
    [{ increase: 12, seconds: 1 }, '12 in 1 s'],
  ])('%p is %s', (rate, words) => {
    expect(plainText(rateValue(rate))).toBe(words);
  });

  test('of a counter', () => {
    expect(plainText(rateText('ListenOverflows', { increase: 3, seconds: 10 }))).toBe(
      'ListenOverflows rose by 3 in 10 s',
    );
  });
});
