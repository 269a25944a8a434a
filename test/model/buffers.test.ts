import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Figure, given, givenRange } from '../../src/core/figure.ts';
import {
  autotuned,
  LARGEST_WINDOW,
  lockedReceiveBuffer,
  lockedSendBuffer,
  type SocketBuffer,
} from '../../src/model/buffers.ts';
import { kernelTraitsOf } from '../../src/model/kernel-traits.ts';
import { windowScaleOf } from '../../src/model/window-scale.ts';
import { receiveBufferFor, type WindowContext, windowOf } from '../../src/model/windows.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const RELEASES = [
  '3.10.105',
  '4.19.90',
  '5.10.223',
  '6.1.153',
  '6.6.32',
  '6.8.1',
  '6.9.3',
  '6.18.44',
  '5.14.0-503.el9',
];

function bytes(amount: number): Figure {
  return given('n', amount, 'bytes', 'test');
}

function span({ low, high }: Figure) {
  return low === high ? low : [low, high];
}

function contextOf(release: string, more: Partial<WindowContext> = {}): WindowContext {
  return { traits: kernelTraitsOf(release, null), advWinScale: 1, mtu: 1500, ...more };
}

function upTo(limit: number, start = 131072): SocketBuffer {
  return autotuned(bytes(Math.min(start, limit)), bytes(limit));
}

describe('what setsockopt() makes of a number', () => {
  // 5,000,000 was measured on 6.18.
  test.each([
    [5_000_000, 4_194_304, 8_388_608],
    [65_536, 212_992, 131_072],
    [0, 212_992, 2304],
    [2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 2],
  ])('SO_RCVBUF %i with rmem_max %i', (asked, most, expected) => {
    expect(lockedReceiveBuffer(asked, bytes(most))).toMatchObject({
      kind: 'locked',
      limit: { low: expected, high: expected },
    });
  });

  test.each([
    [5_000_000, 4_194_304, 8_388_608],
    [1, 212_992, 4608],
  ])('SO_SNDBUF %i with wmem_max %i', (asked, most, expected) => {
    expect(span(lockedSendBuffer(asked, bytes(most)).limit)).toBe(expected);
  });
});

describe('the window of a buffer', () => {
  test.each([
    [1, 6 * MIB, 3 * MIB],
    [2, 6 * MIB, 4.5 * MIB],
    [31, 1_000_001, 1_000_001],
    [1, 1_000_001, 500_001],
    [0, 6 * MIB, 6 * MIB],
    [-2, 6 * MIB, 1.5 * MIB],
    [-2, 1_000_003, 250_000],
  ])('with tcp_adv_win_scale %i, up to 6.5: of %i', (advWinScale, buffer, expected) => {
    expect(span(windowOf(upTo(buffer), contextOf('6.1.153', { advWinScale })))).toBe(expected);
  });

  test('from 6.6 it is what was measured, whatever tcp_adv_win_scale says', () => {
    const measured = windowOf(upTo(32 * MIB), contextOf('6.18.44', { advWinScale: -2 }));
    expect(span(measured)).toEqual([16 * MIB, Math.floor((32 * MIB * 158) / 256)]);
    // 0.59 to 0.62 of the buffer were measured.
    expect(measured.high / (32 * MIB)).toBeCloseTo(0.62, 2);
  });

  test('a locked buffer of 524288 bytes gave 312 KB on 6.18', () => {
    const { low, high } = windowOf(lockedReceiveBuffer(262_144, bytes(4 * MIB)), contextOf('6.18.44'));
    expect(low).toBeLessThanOrEqual(312_000);
    expect(high).toBeGreaterThanOrEqual(312_000);
  });

  test.each([
    ['6.6.32', 65 / 256],
    ['6.6.33', 0.5],
    ['6.1.153', 0.5],
  ])('a locked buffer may stay at the share that it began with: %s', (release, share) => {
    const locked = lockedReceiveBuffer(65_536, bytes(212_992));
    expect(windowOf(locked, contextOf(release)).low).toBe(131_072 * share);
    expect(windowOf(upTo(131_072), contextOf(release)).low).toBe(65_536);
  });

  test.each([
    [576, [0.25, 158 / 256]],
    [9000, [0.5, 255 / 256]],
  ])('at MTU %i it is known less well', (mtu, shares) => {
    const figure = windowOf(upTo(MIB), contextOf('6.18.44', { mtu }));
    expect([figure.low / MIB, figure.high / MIB]).toEqual(shares);
  });
});

describe('the window scale', () => {
  // Measured on 6.18.
  test.each([
    [32 * MIB, 212_992, 10],
    [6 * MIB, 212_992, 7],
    [MIB, 4 * MIB, 7],
    [64 * MIB, 212_992, 11],
    [512 * MIB, 212_992, 14],
    [2 ** 31 - 1, 212_992, 14],
    [4096, 4096, 0],
  ])('with tcp_rmem max %i and rmem_max %i', (rmem, rmemMax, wscale) => {
    const limits = { rmemLimit: bytes(rmem), rmemMax: bytes(rmemMax) };
    const scale = windowScaleOf(upTo(rmem), limits, contextOf('6.18.44'));
    expect(span(scale.wscale)).toBe(wscale);
    expect(span(scale.largestWindow)).toBe(65_535 * 2 ** wscale);
  });

  test.each([
    ['6.18.44', 1],
    ['6.6.32', 0],
  ])('of a locked buffer follows from that alone: SO_RCVBUF 65536 on %s', (release, wscale) => {
    const limits = { rmemLimit: bytes(32 * MIB), rmemMax: bytes(4 * MIB) };
    const buffer = lockedReceiveBuffer(65_536, limits.rmemMax);
    expect(span(windowScaleOf(buffer, limits, contextOf(release)).wscale)).toBe(wscale);
  });

  // The first two of 6.18 were measured; 29200 is what SYNs up to 4.19 carry.
  test.each([
    ['6.18.44', 131_072, 1500, 64_240],
    ['6.18.44', 87_380, 1500, 42_340],
    ['6.6.32', 131_072, 1500, 32_120],
    ['6.18.44', 1_048_576, 1500, 65_535],
    ['6.18.44', 2048, 1500, 1024],
    ['4.15.1', 87_380, 1500, 29_200],
    ['4.15.1', 87_380, 9000, 26_880],
    ['4.19.90', 131_072, 1500, [29_200, 64_240]],
  ])('the first window on %s with tcp_rmem default %i at MTU %i', (release, start, mtu, expected) => {
    const limits = { rmemLimit: bytes(6 * MIB), rmemMax: bytes(212_992) };
    const { firstWindow } = windowScaleOf(upTo(6 * MIB, start), limits, contextOf(release, { mtu }));
    expect(span(firstWindow)).toEqual(expected);
  });
});

const CONTEXTS = fc
  .tuple(fc.constantFrom(...RELEASES), fc.integer({ min: -31, max: 31 }), fc.constantFrom(576, 1500, 9000))
  .map(([release, advWinScale, mtu]) => contextOf(release, { advWinScale, mtu }));
/** Also those where one scale ends and the next begins. */
const WINDOWS = fc.oneof(
  fc.integer({ min: 1, max: LARGEST_WINDOW }),
  fc
    .tuple(fc.integer({ min: 0, max: 14 }), fc.integer({ min: -1, max: 1 }))
    .map(([scale, off]) => 65_535 * 2 ** scale + Math.min(off, 14 - scale)),
);
const KINDS = fc.constantFrom('autotuned' as const, 'locked' as const);

describe('the buffer for a window', () => {
  test.each([
    ['6.1.153', 1, 2e6],
    ['6.1.153', 2, (4 / 3) * 1e6],
    ['6.1.153', -2, 4e6],
    ['6.18.44', 1, 2e6],
    ['6.18.44', -2, 2e6],
    ['5.14.0-503.el9', 2, 2e6],
  ])('on %s with tcp_adv_win_scale %i', (release, advWinScale, expected) => {
    const { minimum, recommended } = receiveBufferFor(
      bytes(1e6),
      'autotuned',
      contextOf(release, { advWinScale }),
    );
    expect(recommended.high).toBe(Math.ceil(expected / 4096) * 4096);
    expect(minimum.low).toBeLessThanOrEqual(Math.ceil(expected));
  });

  test('on 6.18 at least the BDP over 0.62 to 0.59', () => {
    const { minimum } = receiveBufferFor(bytes(1e6), 'autotuned', contextOf('6.18.44'));
    expect(minimum.low / 1e6).toBeCloseTo(1 / 0.62, 1);
    expect(minimum.high / 1e6).toBeCloseTo(1 / 0.59, 2);
  });

  test('has at least that window, and a scale that can tell it', () => {
    fc.assert(
      fc.property(WINDOWS, CONTEXTS, KINDS, (window, context, kind) => {
        const limit = bytes(receiveBufferFor(bytes(window), kind, context).recommended.high);
        const buffer: SocketBuffer = { kind, start: limit, limit };
        expect(windowOf(buffer, context).low).toBeGreaterThanOrEqual(window);
        const limits =
          kind === 'locked'
            ? { rmemLimit: bytes(4096), rmemMax: bytes(Math.ceil(limit.low / 2)) }
            : { rmemLimit: limit, rmemMax: bytes(4096) };
        // Where more than half of a locked buffer is window, that is rounded down to segments before it counts.
        fc.pre(kind === 'autotuned' || context.advWinScale < 0 || context.advWinScale === 1);
        const { largestWindow } = windowScaleOf(buffer, limits, context);
        expect(largestWindow.low).toBeGreaterThanOrEqual(window);
      }),
    );
  });

  test('never falls when the window rises, and no interval is upside down', () => {
    fc.assert(
      fc.property(WINDOWS, WINDOWS, CONTEXTS, KINDS, (one, other, context, kind) => {
        const [small, large] = [Math.min(one, other), Math.max(one, other)].map((window) =>
          receiveBufferFor(bytes(window), kind, context),
        );
        for (const name of ['minimum', 'recommended'] as const) {
          const [less, more] = [small?.[name] ?? bytes(-1), large?.[name] ?? bytes(-1)];
          expect(less.low).toBeLessThanOrEqual(more.low);
          expect(less.high).toBeLessThanOrEqual(more.high);
          expect(less.low).toBeLessThanOrEqual(less.high);
        }
      }),
    );
  });
});

test('what is open in a buffer holds every window and scale that it may have', () => {
  const BUFFERS = fc.integer({ min: 4096, max: 2 ** 31 - 1 });
  fc.assert(
    fc.property(BUFFERS, BUFFERS, BUFFERS, CONTEXTS, (a, b, c, context) => {
      const [low = 0, inside = 0, high = 0] = [a, b, c].sort((x, y) => x - y);
      const start = bytes(4096);
      const wide = autotuned(start, givenRange('n', low, high, 'bytes', 'test'));
      const [open, exact] = [wide, autotuned(start, bytes(inside))].map((buffer) => {
        const limits = { rmemLimit: buffer.limit, rmemMax: bytes(212_992) };
        return [windowOf(buffer, context), ...Object.values(windowScaleOf(buffer, limits, context))];
      });
      exact?.forEach((figure, index) => {
        expect(open?.[index]?.low).toBeLessThanOrEqual(figure.low);
        expect(open?.[index]?.high).toBeGreaterThanOrEqual(figure.high);
      });
    }),
  );
});
