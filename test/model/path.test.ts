import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Figure, given, givenRange } from '../../src/core/figure.ts';
import { autotuned, LARGEST_WINDOW } from '../../src/model/buffers.ts';
import { kernelTraitsOf } from '../../src/model/kernel-traits.ts';
import {
  bindingOf,
  connectionsFor,
  inFlightOf,
  pathOf,
  rateOf,
  sendBufferFor,
  sufficiencyOf,
} from '../../src/model/path.ts';
import { receiveBufferFor, windowOf } from '../../src/model/windows.ts';

const MIB = 2 ** 20;

function bytes(low: number, high = low): Figure {
  return givenRange('n', low, high, 'bytes', 'test');
}

function upTo(limit: Figure) {
  return autotuned(limit, limit);
}

test.each([
  [1e10, 40, 50_000_000],
  [1e9, 0.5, 62_500],
  [1, 1, 1],
  [1e8, 33.3, 416_250],
])('the BDP of %i bit/s over %d ms', (bandwidth, rtt, expected) => {
  expect(pathOf(bandwidth, rtt).bdp).toMatchObject({ low: expected, high: expected });
});

test.each([
  [6, 31.46e6],
  [32, 167.8e6],
])('%i MiB at 100 ms carry at least half of them a round trip', (mebibytes, bytesPerSecond) => {
  const context = { traits: kernelTraitsOf('6.18.44', null), advWinScale: 1, mtu: 1500 };
  const window = windowOf(upTo(bytes(mebibytes * MIB)), context);
  const rate = rateOf(window, pathOf(1, 100).rtt);
  expect(rate.low / 8 / bytesPerSecond).toBeCloseTo(1, 3);
});

test('a send buffer lets 0.63 to 0.85 of it be in flight', () => {
  expect(inFlightOf(upTo(bytes(4_000_000)))).toMatchObject({ low: 2_520_000, high: 3_400_000 });
});

test('a send buffer needs 1.2 to 1.6 times the BDP, and is recommended twice, with BBR three times', () => {
  const { minimum, recommended, withBbr } = sendBufferFor(bytes(4_096_000));
  expect([minimum.low / 4_096_000, minimum.high / 4_096_000]).toEqual([
    expect.closeTo(1.18, 2),
    expect.closeTo(1.59, 2),
  ]);
  expect([recommended.low, withBbr?.low]).toEqual([2 * 4_096_000, 3 * 4_096_000]);
});

test.each([
  [1, 1],
  [LARGEST_WINDOW, 1],
  [LARGEST_WINDOW + 1, 2],
])('a BDP of %i takes %i connections at least', (bdp, expected) => {
  expect(connectionsFor(bytes(bdp))).toMatchObject({ low: expected, high: expected, unit: 'connections' });
});

test('three times the BDP is no recommendation where no sysctl holds it', () => {
  expect(sendBufferFor(bytes(LARGEST_WINDOW)).withBbr).toBeNull();
});

test.each([
  [bytes(100), 'enough'],
  [bytes(99), 'short'],
  [bytes(99, 100), 'open'],
])('%j for 100 is %s', (allowed, expected) => {
  expect(sufficiencyOf(allowed, bytes(100))).toBe(expected);
});

test.each([
  [bytes(5), bytes(6), bytes(7), ['receiver']],
  [bytes(5, 8), bytes(6), bytes(7), ['receiver', 'sender']],
  [bytes(9), bytes(9), bytes(7), ['window-scale']],
  [bytes(7), bytes(7), bytes(7), ['receiver', 'sender', 'window-scale']],
])('of %j, %j and %j what binds is %j', (receiver, sender, scale, expected) => {
  expect(bindingOf({ receiver, sender, 'window-scale': scale })).toEqual(expected);
});

describe('what is recommended', () => {
  const BANDWIDTH = fc.integer({ min: 1, max: 1e12 });
  /** In microseconds. */
  const RTT = fc.integer({ min: 1, max: 60_000_000 });
  const CONTEXTS = fc
    .tuple(
      fc.constantFrom('3.10.105', '6.1.153', '6.8.0-60-generic', '6.18.44'),
      fc.integer({ min: -4, max: 8 }),
    )
    .map(([release, advWinScale]) => ({ traits: kernelTraitsOf(release, null), advWinScale, mtu: 1500 }));

  test('allows at least the rate that was asked for', () => {
    fc.assert(
      fc.property(BANDWIDTH, RTT, CONTEXTS, (bandwidth, microseconds, context) => {
        const { bdp, rtt } = pathOf(bandwidth, microseconds / 1000);
        fc.pre(bdp.low <= LARGEST_WINDOW);
        const received = windowOf(upTo(receiveBufferFor(bdp, 'autotuned', context).recommended), context);
        const sent = inFlightOf(upTo(sendBufferFor(bdp).recommended));
        expect(rateOf(received, rtt).low).toBeGreaterThanOrEqual(bandwidth);
        expect(rateOf(sent, rtt).low).toBeGreaterThanOrEqual(bandwidth);
      }),
    );
  });

  test('never falls when the rate or the round trip rises', () => {
    fc.assert(
      fc.property(
        BANDWIDTH,
        RTT,
        fc.nat(1e6),
        fc.nat(1e6),
        CONTEXTS,
        (bandwidth, rtt, more, longer, context) => {
          const [less, rest] = [
            pathOf(bandwidth, rtt / 1000),
            pathOf(bandwidth + more, (rtt + longer) / 1000),
          ];
          expect(less.bdp.low).toBeLessThanOrEqual(rest.bdp.low);
          const [a, b] = [less, rest].map(
            ({ bdp }) => receiveBufferFor(bdp, 'autotuned', context).recommended.low,
          );
          expect(a).toBeLessThanOrEqual(b ?? -1);
        },
      ),
    );
  });

  test('the longer the round trip, the lower the rate of a window', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), RTT, RTT, (window, one, other) => {
        const at = (rtt: number) =>
          rateOf(given('n', window, 'bytes', 'test'), pathOf(1, rtt / 1000).rtt).low;
        expect(at(Math.max(one, other))).toBeLessThanOrEqual(at(Math.min(one, other)));
      }),
    );
  });
});
