import { expect, test } from '@jest/globals';
import { parseBitsPerSecond, parseBytes, parseCount, parseMilliseconds } from '../../src/core/quantities.ts';

test.each([
  ['300ms', 300],
  ['2s', 2000],
  [' 1.5 m ', 90_000],
  ['500us', 0.5],
  ['300', null],
  ['ms', null],
  ['-1s', null],
  ['1h', null],
  ['', null],
])('time %j', (text, milliseconds) => {
  expect(parseMilliseconds(text)).toBe(milliseconds);
});

test.each([
  ['10Gbit', 1e10],
  ['100 Mbit/s', 1e8],
  ['2.5gbps', 2.5e9],
  ['64kbit', 64_000],
  ['1000bit', 1000],
  ['10G', null],
  ['10GB', null],
  ['10', null],
])('rate %j', (text, bits) => {
  expect(parseBitsPerSecond(text)).toBe(bits);
});

test.each([
  ['2000', 2000],
  ['0', null],
  ['2.5', null],
  ['1e3', null],
  ['-4', null],
  ['', null],
])('count %j', (text, count) => {
  expect(parseCount(text)).toBe(count);
});

test.each([
  ['8GiB', 8 * 2 ** 30],
  ['1.5 TiB', 1.5 * 2 ** 40],
  ['64KiB', 65536],
  ['8GB', null],
  ['8', null],
  ['-8GiB', null],
  ['', null],
])('bytes %j', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});
