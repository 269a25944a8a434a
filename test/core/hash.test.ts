import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shortHash } from '../../src/core/hash.ts';

describe('shortHash', () => {
  // Of the algorithm's definition; the last has two bytes in UTF-8.
  test.each([
    ['', '811c9dc5'],
    ['a', 'e40c292c'],
    ['foobar', 'bf9cf968'],
    ['é', '1e9de8c1'],
  ])('of %p is %s', (content, hash) => {
    expect(shortHash(content)).toBe(hash);
  });

  test('is always eight digits, and the same again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (content) => {
        expect(shortHash(content)).toMatch(/^[0-9a-f]{8}$/);
        expect(shortHash(content)).toBe(shortHash(content));
      }),
    );
  });

  test('tells ten thousand numbered causes apart', () => {
    const hashes = Array.from({ length: 10_000 }, (_, index) => shortHash(`["a/b","1","full","${index}"]`));
    // By chance alone some 0.01 pairs would be alike.
    expect(new Set(hashes).size).toBeGreaterThanOrEqual(9_999);
  });
});
