import { expect, test } from '@jest/globals';
import { formatBitsPerSecond, formatBytes } from '../../src/core/units.ts';

test.each([
  [640, '640 bytes'],
  [65536, '64.0 KiB'],
  [33554432, '32.0 MiB'],
  [25232932864, '23.5 GiB'],
])('%i bytes', (bytes, written) => {
  expect(formatBytes(bytes)).toBe(written);
});

test.each([
  [999, '999 bit/s'],
  [64_000, '64 kbit/s'],
  [528_482_304, '528 Mbit/s'],
  [2_684_354_560, '2.68 Gbit/s'],
  [1e10, '10 Gbit/s'],
  [1e12, '1 Tbit/s'],
])('%i bits per second', (bits, written) => {
  expect(formatBitsPerSecond(bits)).toBe(written);
});
