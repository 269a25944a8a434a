import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasExactNumbers, parseNumbers, sameValue } from '../../src/sysctl/codec.ts';

describe('parseNumbers', () => {
  it.each([
    ['128', 1, [128]],
    ['128\n', 1, [128]],
    ['  128  ', 1, [128]],
    ['-2', 1, [-2]],
    ['0x1000', 1, [4096]],
    ['0X1F', 1, [31]],
    ['-0x10', 1, [-16]],
    ['061', 1, [49]],
    ['00', 1, [0]],
    ['0', 1, [0]],
    ['33 # x', 1, [33]],
    ['1 2 3', 1, [1]],
    ['4096\t131072\t6291456\n', 3, [4096, 131072, 6291456]],
    ['4096 131072', 3, [4096, 131072]],
    ['10 5 1 7 x', 3, [10, 5, 1]],
    ['\v\f\r7', 1, [7]],
    ['18446744073709551615', 1, [2 ** 64]],
  ])('%j with %d members is %j', (raw, members, numbers) => {
    expect(parseNumbers(raw, members)).toEqual(numbers);
  });

  it.each([
    ['', 1],
    [' \t\n', 1],
    ['+5', 1],
    ['abc', 1],
    ['08', 1],
    ['0x', 1],
    ['7200;x', 1],
    ['"128"', 1],
    ['7\r', 1],
    ['- 5', 1],
    ['4096,87380,6291456', 3],
    ['4096 131072 # x', 3],
    ['18446744073709551616', 1],
    ['000000000000000000001', 1],
    ['67\u00a0', 1],
  ])('the kernel would refuse %j with %d members', (raw, members) => {
    expect(parseNumbers(raw, members)).toBeNull();
  });

  it('takes every token where the number of members is not given', () => {
    expect(parseNumbers('1 2 3 4')).toEqual([1, 2, 3, 4]);
    expect(parseNumbers('33 # x')).toBeNull();
  });

  it('reads back what is written', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeInteger(), { minLength: 1 }), (numbers) => {
        const decimal = numbers.join('\t');
        expect(parseNumbers(decimal)).toEqual(numbers.map((each) => (each === 0 ? 0 : each)));
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(4), (raw, members) => {
        const numbers = parseNumbers(raw, members);
        return numbers === null || numbers.length <= members;
      }),
    );
  });
});

describe('hasExactNumbers', () => {
  it('knows what a double cannot hold', () => {
    expect(hasExactNumbers('9007199254740991')).toBe(true);
    expect(hasExactNumbers('1 9007199254740993')).toBe(false);
    expect(hasExactNumbers('cubic')).toBe(false);
  });
});

describe('sameValue', () => {
  it.each([
    ['4096 87380 6291456', '4096\t87380\t6291456\n', true],
    ['0x80', '128', true],
    ['061', '49', true],
    ['cubic', 'cubic\n', true],
    ['reno cubic', 'cubic reno', false],
    ['1', '2', false],
    ['1 2', '1', false],
    ['', '', true],
    ['18446744073709551615', '18446744073709551614', false],
  ])('of %j and %j: %p', (a, b, same) => {
    expect(sameValue(a, b)).toBe(same);
    expect(sameValue(b, a)).toBe(same);
  });

  it('ignores what the kernel ignores when told the number of members', () => {
    expect(sameValue('33 # x', '33', 1)).toBe(true);
    expect(sameValue('33 # x', '33')).toBe(false);
  });

  it('is reflexive for any text', () => {
    fc.assert(fc.property(fc.string(), (raw) => sameValue(raw, raw)));
  });
});
