import { expect, test } from '@jest/globals';
import { groupBy } from '../../src/core/group-by.ts';

test('keeps the order of the items in each group, and leaves out what has no key', () => {
  const groups = groupBy([3, 1, 4, 1, 5, 9, 2, 6], (number) => (number === 9 ? null : number % 2));
  expect([...groups]).toEqual([
    [1, [3, 1, 1, 5]],
    [0, [4, 2, 6]],
  ]);
});
