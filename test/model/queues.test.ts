import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Figure, given } from '../../src/core/figure.ts';
import { kernelTraitsOf } from '../../src/model/kernel-traits.ts';
import {
  acceptQueue,
  acceptQueueOfLimit,
  asUnsigned,
  maxSynBacklogFor,
  synQueue,
} from '../../src/model/queues.ts';

type Span = number | readonly [number, number];

function connections(amount: number): Figure {
  return given('n', amount, 'connections', 'test');
}

function span({ low, high }: Figure): Span {
  return low === high ? low : [low, high];
}

function accepts(release: string, backlog: number, somaxconn: number) {
  const queue = acceptQueue({
    backlog: connections(asUnsigned(backlog)),
    somaxconn: connections(somaxconn),
    traits: kernelTraitsOf(release, null),
  });
  return [span(queue.limit), span(queue.capacity)];
}

function syn(release: string, limit: number, maxSynBacklog: number | null, syncookies: number | null) {
  const traits = kernelTraitsOf(release, null);
  return synQueue({ limit: connections(limit), maxSynBacklog, syncookies, traits });
}

describe('the accept queue', () => {
  test.each([
    ['6.18.44', 511, 4096, 511],
    ['6.18.44', 4096, 511, 511],
    ['6.18.44', 4096, 4096, 4096],
    ['6.18.44', -1, 4096, 4096],
    ['6.18.44', -2147483648, 128, 128],
    ['6.18.44', 0, 4096, 0],
    ['6.18.44', 5, 0, 0],
    ['6.18.44', 2147483647, 2147483647, 2147483647],
    ['3.10.105', 511, 128, 128],
    ['3.10.105', 65535, 65535, 65535],
    // Up to 3.11 nothing checks somaxconn, and 16 bits of it are kept.
    ['3.10.105', 65536, 65536, 0],
    ['4.0.9', 70000, 100000, 4464],
    ['4.1.0', 70000, 100000, 70000],
  ])('on %s, backlog %i, somaxconn %i', (release, backlog, somaxconn, limit) => {
    expect(accepts(release, backlog, somaxconn)).toEqual([limit, limit + 1]);
  });

  test('of a vendor that may have widened the field is open', () => {
    expect(accepts('3.10.0-1160.el7', 65536, 65536)).toEqual([
      [0, 65536],
      [1, 65537],
    ]);
  });

  test('is told in the words of the field', () => {
    const { limit, capacity } = acceptQueueOfLimit(connections(511));
    expect([limit.name, capacity.name, capacity.low, capacity.unit]).toEqual([
      'n',
      'accept queue capacity',
      512,
      'connections',
    ]);
  });

  test('never holds more than somaxconn and one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        fc.nat(2 ** 31 - 1),
        fc.constantFrom('3.10.105', '4.4.1', '6.18.0', '5.14.0-503.el9'),
        (backlog, somaxconn, release) => {
          const { limit, capacity } = acceptQueue({
            backlog: connections(asUnsigned(backlog)),
            somaxconn: connections(somaxconn),
            traits: kernelTraitsOf(release, null),
          });
          expect(limit.high).toBeLessThanOrEqual(somaxconn);
          expect(capacity.low).toBe(limit.low + 1);
        },
      ),
    );
  });
});

const LIMITS = [0, 1, 7, 8, 128, 511, 4096, 65535] as const;

describe('the hard limit of the SYN queue', () => {
  const AT_LIMIT = LIMITS;
  const ABOVE_LIMIT = LIMITS.map((limit) => limit + 1);
  const OPEN = LIMITS.map((limit) => [limit, limit + 1]);
  const POWER_OF_TWO = [16, 16, 16, 16, 256, 512, 8192, 65536];

  test.each([
    ['3.10.105', POWER_OF_TWO],
    ['3.13.11', POWER_OF_TWO],
    ['4.3.6', POWER_OF_TWO],
    ['4.4.155', AT_LIMIT],
    ['4.9.154', AT_LIMIT],
    ['4.19.78', AT_LIMIT],
    ['5.4.289', AT_LIMIT],
    ['5.4.290', ABOVE_LIMIT],
    ['5.10.233', AT_LIMIT],
    ['5.10.234', ABOVE_LIMIT],
    ['5.15.176', AT_LIMIT],
    ['5.15.177', ABOVE_LIMIT],
    ['6.1.124', AT_LIMIT],
    ['6.1.125', ABOVE_LIMIT],
    ['6.6.71', AT_LIMIT],
    ['6.6.72', ABOVE_LIMIT],
    ['6.8.12', AT_LIMIT],
    ['6.11.11', AT_LIMIT],
    ['6.12.9', AT_LIMIT],
    ['6.12.10', ABOVE_LIMIT],
    ['6.13.0', ABOVE_LIMIT],
    ['6.18.44', ABOVE_LIMIT],
    ['7.2.12', ABOVE_LIMIT],
    ['6.1.0', OPEN],
    ['6.8.0-60-generic', OPEN],
    ['5.14.0-503.el9.x86_64', OPEN],
  ])('on %s', (release, expected) => {
    expect(LIMITS.map((limit) => span(syn(release, limit, 2 ** 20, 1).hardLimit))).toEqual(expected);
  });

  test.each([
    // limit, tcp_max_syn_backlog, hard limit
    [4096, 128, 256],
    [4096, 127, 128],
    [4096, 255, 256],
    [4096, 0, 16],
    [4096, 15, 16],
    [4096, 16, 32],
    [128, 4096, 256],
    // Compared unsigned, a negative number does not bound anything.
    [4096, -1, 8192],
    [128, -2147483648, 256],
    [4096, null, [16, 8192]],
    [0, null, 16],
  ])('up to 4.3, limit %i and tcp_max_syn_backlog %p', (limit, maxSynBacklog, expected) => {
    expect(span(syn('4.3.6', limit, maxSynBacklog, 1).hardLimit)).toEqual(expected);
  });

  test('from 4.4 on tcp_max_syn_backlog plays no part with SYN cookies', () => {
    fc.assert(
      fc.property(
        fc.nat(65535),
        fc.option(fc.integer({ min: -8, max: 16384 })),
        fc.constantFrom(1, 2, 3, 255),
        fc.constantFrom('4.4.1', '5.10.233', '6.18.44', '6.1.0'),
        (limit, maxSynBacklog, syncookies, release) => {
          const [one, other] = [maxSynBacklog, 128].map((each) => syn(release, limit, each, syncookies));
          expect(one).toEqual(other);
        },
      ),
    );
  });
});

describe('with SYN cookies off', () => {
  test.each([
    [-2147483648, 0],
    [-8, 0],
    [-2, 0],
    [-1, 1],
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
    [4, 4],
    [8, 7],
    [128, 97],
    [1024, 769],
  ])('tcp_max_syn_backlog %i lets %i unproven peers in', (maxSynBacklog, expected) => {
    const queue = syn('6.18.44', 4096, maxSynBacklog, 0);
    expect(span(queue.unprovenCapacity)).toBe(expected);
    expect(span(queue.provenCapacity)).toBe(4097);
    expect(queue.whenFull).toBe('drop');
  });

  test.each([
    ['4.12.14', 128, 97, 97],
    ['4.14.336', 128, 97, [97, 4096]],
    ['4.15.18', 128, 97, 4096],
    ['3.10.105', 128, 97, 97],
    ['3.10.105', 1024, 769, 769],
    ['6.1.0', 128, 97, [4096, 4097]],
    ['6.18.44', 16384, 4097, 4097],
    ['6.12.9', 16384, 4096, 4096],
    ['6.18.44', null, [0, 4097], 4097],
  ])('on %s with tcp_max_syn_backlog %p', (release, maxSynBacklog, unproven, proven) => {
    const queue = syn(release, 4096, maxSynBacklog, 0);
    expect([span(queue.unprovenCapacity), span(queue.provenCapacity)]).toEqual([unproven, proven]);
  });

  test.each([
    ['5.4.289', 0, 0],
    ['5.4.290', 1, 1],
    ['4.3.6', 16, 16],
  ])('a limit of 0 on %s', (release, hardLimit, capacity) => {
    const queue = syn(release, 0, 1024, 0);
    expect([span(queue.hardLimit), span(queue.unprovenCapacity)]).toEqual([hardLimit, capacity]);
  });
});

describe('with SYN cookies', () => {
  test.each([
    ['6.18.44', 1, 129],
    ['6.18.44', 3, 129],
    ['6.18.44', 255, 129],
    ['6.18.44', 2, 0],
    ['3.12.0', 2, 0],
    // tcp_syncookies = 2 came with 3.12: before, it is any number that is not 0.
    ['3.10.105', 2, 256],
    ['3.10.0-1160.el7', 2, [0, 256]],
    ['6.18.44', null, 129],
  ])('on %s, tcp_syncookies %p', (release, syncookies, capacity) => {
    const queue = syn(release, 128, 1024, syncookies);
    expect(span(queue.unprovenCapacity)).toEqual(capacity);
    expect(span(queue.provenCapacity)).toEqual(capacity);
    expect(queue.whenFull).toBe('cookies');
  });
});

test('every figure can be told down to what was given or read in source', () => {
  function leaves({ how }: Figure): readonly string[] {
    if (how.kind === 'given') return [how.origin];
    if (how.kind === 'constant') return [how.source];
    return how.of.flatMap(leaves);
  }
  for (const release of ['3.10.105', '6.1.0', '6.18.44']) {
    const queue = syn(release, 511, 128, 0);
    const figures = [queue.hardLimit, queue.unprovenCapacity, queue.provenCapacity];
    expect(figures.map(({ name, unit }) => [name, unit])).toEqual([
      ['SYN queue hard limit', 'requests'],
      ['SYN queue capacity for unproven peers', 'requests'],
      ['SYN queue capacity for proven peers', 'requests'],
    ]);
    for (const leaf of figures.flatMap(leaves)) expect(leaf).not.toBe('');
  }
});

test('what is open in one place stays within what is known of the others', () => {
  const kernels = ['3.10.0-1160.el7', '4.3.6', '4.14.1', '5.14.0-503.el9', '6.1.0', '6.18.44', ''];
  fc.assert(
    fc.property(
      fc.constantFrom(...kernels),
      fc.nat(70000),
      fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
      fc.option(fc.nat(255)),
      (release, limit, maxSynBacklog, syncookies) => {
        const { hardLimit, unprovenCapacity, provenCapacity } = syn(
          release,
          limit,
          maxSynBacklog,
          syncookies,
        );
        for (const { low, high } of [hardLimit, unprovenCapacity, provenCapacity]) {
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeGreaterThanOrEqual(low);
        }
        expect(unprovenCapacity.high).toBeLessThanOrEqual(provenCapacity.high);
        expect(provenCapacity.high).toBeLessThanOrEqual(hardLimit.high);
      },
    ),
  );
});

test('the least tcp_max_syn_backlog that bounds no SYN queue of so many requests', () => {
  const unprovenCapacity = (limit: number, maxSynBacklog: number) =>
    synQueue({
      limit: given('limit', limit, 'connections', 'test'),
      maxSynBacklog,
      syncookies: 0,
      traits: kernelTraitsOf('6.18.0', '6.18.0'),
    }).unprovenCapacity.high;
  for (let limit = 2; limit < 300; limit += 1) {
    const least = maxSynBacklogFor(limit + 1);
    expect([unprovenCapacity(limit, least), unprovenCapacity(limit, least - 1)]).toEqual([limit + 1, limit]);
  }
});
