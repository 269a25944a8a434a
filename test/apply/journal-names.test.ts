import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  highestNumber,
  idOf,
  merged,
  missingRanges,
  type Range,
  rangeText,
  setAside,
} from '../../src/apply/journal-names.ts';

const NAMES = [
  '000003',
  '000005.lost',
  '000008-000010.pruned',
  '.000011.new',
  '.000012.pruned',
  'notes',
  '7',
];

test('numbers that were given out and of which nothing tells any more are missing', () => {
  expect(missingRanges(NAMES)).toEqual([
    { first: 1, last: 2 },
    { first: 4, last: 4 },
    { first: 6, last: 7 },
  ]);
  expect(missingRanges([])).toEqual([]);
  expect(missingRanges(['000001', '000002'])).toEqual([]);
});

test('the highest number is the highest that was ever given out, whatever became of it', () => {
  expect(highestNumber(NAMES)).toBe(10);
  expect(highestNumber(['000001', '000002.lost'])).toBe(2);
  expect(highestNumber([])).toBe(0);
});

test('ranges say in as few words which numbers they cover', () => {
  const ranges = fc.array(
    fc
      .tuple(fc.nat(40), fc.nat(5))
      .map(([first, more]): Range => ({ first: first + 1, last: first + 1 + more })),
    { maxLength: 12 },
  );
  const numbersOf = (all: readonly Range[]) =>
    new Set(all.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i)));
  fc.assert(
    fc.property(ranges, (given) => {
      const result = merged(given);
      expect([...numbersOf(result)].sort()).toEqual([...numbersOf(given)].sort());
      const gaps = result.slice(1).map(({ first }, index) => first - (result[index]?.last ?? 0));
      expect(gaps.every((gap) => gap > 1)).toBe(true);
      const names = result.map((range) => `${rangeText(range)}.pruned`);
      expect(setAside(names)).toEqual(result.map((range) => ({ ...range, how: 'pruned' })));
    }),
  );
  expect([idOf(7), rangeText({ first: 7, last: 7 })]).toEqual(['000007', '000007']);
});
