import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import stringWidth from 'fast-string-width';
import { hanging, padEnd, shorten, usableColumns } from '../../src/report/layout.ts';

test('the first line carries the head, the others are indented as far', () => {
  expect(hanging('Why  ', 'one two three four', 12)).toEqual(['Why  one two', '     three', '     four']);
});

test.each([
  [20, 80],
  [80, 80],
  [400, 120],
])('%d columns are laid out in %d', (columns, used) => {
  expect(usableColumns(columns)).toBe(used);
});

test('a long path loses its middle', () => {
  expect(shorten('/run/containers/very/long/name.sock', 15)).toBe('/run/co…me.sock');
});

test('nothing gets wider than it may, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), fc.integer({ min: 3, max: 60 }), (label, columns) => {
      expect(stringWidth(shorten(label, columns))).toBeLessThanOrEqual(columns);
      expect(stringWidth(padEnd(shorten(label, columns), columns))).toBe(columns);
    }),
  );
});
