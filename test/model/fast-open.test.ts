import { expect, test } from '@jest/globals';
import { given } from '../../src/core/figure.ts';
import { fastOpenLimit } from '../../src/model/fast-open.ts';
import { kernelTraitsOf } from '../../src/model/kernel-traits.ts';

test.each([
  ['6.18.44', 16, 4096, [16, 16]],
  ['6.18.44', 10_000, 4096, [4096, 4096]],
  ['4.4.155', 10_000, 128, [128, 128]],
  ['3.10.105', 10_000, 128, [10_000, 10_000]],
  // The trees between them were not read.
  ['3.19.8', 10_000, 128, [128, 10_000]],
])('on %s, TCP_FASTOPEN %i and somaxconn %i', (release, queue, somaxconn, expected) => {
  const figure = (amount: number) => given('n', amount, 'connections', 'test');
  const { low, high } = fastOpenLimit(figure(queue), figure(somaxconn), kernelTraitsOf(release, null));
  expect([low, high]).toEqual(expected);
});
