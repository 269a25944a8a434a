import { expect, test } from '@jest/globals';
import { given, givenRange } from '../../src/core/figure.ts';
import {
  acceptQueueBytes,
  buffersUntilPressure,
  idleConnectionBytes,
  queuedConnectionBytes,
  synQueueBytes,
} from '../../src/model/memory.ts';

// The sums of the sizes measured on 6.18 x86-64, in megabytes.
test('a full SYN queue of 4097 takes 1.4 MB', () => {
  expect(synQueueBytes(given('n', 4097, 'requests', 'test')).low / 1e6).toBeCloseTo(1.4, 1);
});

test.each([
  [4096, 11.7],
  [65_535, 187.6],
])('a full accept queue with limit %i takes %d MB', (limit, megabytes) => {
  const { low, unit } = acceptQueueBytes(given('capacity', limit + 1, 'connections', 'test'));
  expect(low / 1e6).toBeCloseTo(megabytes, 1);
  expect(unit).toBe('bytes');
});

test('an entry of the accept queue holds the request that it began as; accept() adds an inode', () => {
  expect(queuedConnectionBytes().low).toBe(341 + 2521);
  expect(idleConnectionBytes().low).toBe(2521 + 832);
});

test('buffers fit until the pressure of tcp_mem, fewer where they may be larger', () => {
  const pressure = given('tcp_mem pressure', 383_867, 'pages', 'test');
  expect(buffersUntilPressure(pressure, givenRange('n', 2 ** 20, 2 ** 25, 'bytes', 'test'))).toMatchObject({
    low: Math.floor((383_867 * 4096) / 2 ** 25),
    high: Math.floor((383_867 * 4096) / 2 ** 20),
    unit: 'connections',
  });
});
