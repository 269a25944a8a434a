import { expect, test } from '@jest/globals';
import { durationText } from '../../src/core/duration.ts';

test.each([
  [0, '1 s'],
  [1, '1 s'],
  [1_000, '1 s'],
  [1_001, '2 s'],
  [59_999, '1 min'],
  [60_000, '1 min'],
  [260_000, '4 min 20 s'],
  [3_600_000, '1 h'],
  [7_530_000, '2 h 5 min'],
])('%p ms are %s', (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text);
});
