import { expect, test } from '@jest/globals';
import { halfOpen } from '../../src/model/half-open.ts';
import { kernelTraitsOf } from '../../src/model/kernel-traits.ts';

const NEW = kernelTraitsOf('6.18.44', null);

test.each([
  [0, [], 1],
  [1, [1], 3],
  [2, [1, 3], 7],
  [5, [1, 3, 7, 15, 31], 63],
  // No step is longer than 120 s.
  [8, [1, 3, 7, 15, 31, 63, 127, 247], 367],
])(
  'with tcp_synack_retries %i the SYN-ACK is sent again at %j, and the end is at %i s',
  (retries, times, end) => {
    expect(halfOpen(4096, retries, NEW)).toMatchObject({ synAckSeconds: times, lifetimeSeconds: end });
  },
);

test.each([
  // 4 of 9 dead entries were left after 7.2 s, and lived to 65 s.
  [8, 5, { kept: 4, afterSeconds: 7 }],
  [0, 5, { kept: 4, afterSeconds: 7 }],
  [4096, 5, { kept: 2048, afterSeconds: 7 }],
  [4096, 3, { kept: 2048, afterSeconds: 7 }],
  [4096, 2, null],
])('with a limit of %i and %i retries, pruning is %j', (limit, retries, pruning) => {
  expect(halfOpen(limit, retries, NEW).pruning).toEqual(pruning);
});

test('up to 4.3 the rule is another one', () => {
  expect(halfOpen(4096, 5, kernelTraitsOf('4.3.6', null)).pruning).toBeNull();
});
