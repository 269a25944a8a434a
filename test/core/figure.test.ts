import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  byKernel,
  constant,
  type Figure,
  formatFigure,
  given,
  givenRange,
  inUnit,
  isExact,
  lessShifted,
  log2,
  low16Bits,
  max,
  min,
  minus,
  named,
  over,
  overUp,
  plus,
  powerOfTwoAbove,
  quarter,
  shiftedLeft,
  times,
} from '../../src/core/figure.ts';

function exactly(amount: number): Figure {
  return given('n', amount, 'requests', 'test');
}

/** An interval and a number inside it. */
function intervals(least: number, most: number) {
  return fc
    .tuple(
      fc.integer({ min: least, max: most }),
      fc.integer({ min: least, max: most }),
      fc.integer({ min: least, max: most }),
    )
    .map((numbers) => {
      const [low = 0, inside = 0, high = 0] = [...numbers].sort((a, b) => a - b);
      return { figure: givenRange('n', low, high, 'requests', 'test'), inside };
    });
}

const SIGNED = intervals(-(2 ** 31), 2 ** 31 - 1);
const NATURAL = intervals(0, 2 ** 32 - 1);
const DIVISOR = intervals(1, 2 ** 20);

type Case = {
  readonly name: string;
  readonly left: typeof SIGNED;
  readonly right: typeof SIGNED;
  readonly combine: (a: Figure, b: Figure) => Figure;
  readonly compute: (a: number, b: number) => number;
};

const CASES: readonly Case[] = [
  { name: 'min', left: SIGNED, right: SIGNED, combine: min, compute: Math.min },
  { name: 'max', left: SIGNED, right: SIGNED, combine: max, compute: Math.max },
  { name: 'minus', left: SIGNED, right: SIGNED, combine: minus, compute: (a, b) => a - b },
  { name: 'plus', left: SIGNED, right: SIGNED, combine: plus, compute: (a, b) => a + b },
  { name: 'times', left: NATURAL, right: DIVISOR, combine: times, compute: (a, b) => a * b },
  { name: 'over', left: NATURAL, right: DIVISOR, combine: over, compute: (a, b) => Math.floor(a / b) },
  { name: 'over, up', left: NATURAL, right: DIVISOR, combine: overUp, compute: (a, b) => Math.ceil(a / b) },
  {
    name: 'less itself shifted',
    left: intervals(0, 2 ** 31 - 1),
    right: intervals(0, 31),
    combine: lessShifted,
    compute: (a, b) => a - (a >> b),
  },
  {
    name: 'shifted left',
    left: intervals(0, 2 ** 16 - 1),
    right: intervals(0, 14),
    combine: shiftedLeft,
    compute: (a, b) => a << b,
  },
  {
    name: 'binary logarithm',
    left: NATURAL,
    right: NATURAL,
    combine: (a) => log2(a),
    compute: (a) => (a === 0 ? 0 : 31 - Math.clz32(a)),
  },
  { name: 'quarter', left: SIGNED, right: SIGNED, combine: (a) => quarter(a), compute: (a) => a >> 2 },
  {
    name: 'low 16 bits',
    left: NATURAL,
    right: NATURAL,
    combine: (a) => low16Bits(a),
    compute: (a) => (a & 0xffff) >>> 0,
  },
];

describe('an interval holds what any member of its operands gives', () => {
  test.each(CASES)('$name', ({ left, right, combine, compute }) => {
    fc.assert(
      fc.property(left, right, (a, b) => {
        const { low, high } = combine(a.figure, b.figure);
        const result = compute(a.inside, b.inside);
        expect(low).toBeLessThanOrEqual(result);
        expect(high).toBeGreaterThanOrEqual(result);
      }),
    );
  });

  test.each(CASES)('$name of exact figures is exact', ({ left, right, combine, compute }) => {
    fc.assert(
      fc.property(left, right, (a, b) => {
        const result = combine(exactly(a.inside), exactly(b.inside));
        expect([result.low, result.high]).toEqual([compute(a.inside, b.inside), compute(a.inside, b.inside)]);
      }),
    );
  });

  test('a behaviour of one kernel or another', () => {
    fc.assert(
      fc.property(SIGNED, SIGNED, (a, b) => {
        const either = byKernel('trait', [a.figure, b.figure]);
        for (const inside of [a.inside, b.inside]) {
          expect(either.low).toBeLessThanOrEqual(inside);
          expect(either.high).toBeGreaterThanOrEqual(inside);
        }
      }),
    );
  });

  test('an interval is never upside down', () => {
    fc.assert(
      fc.property(NATURAL, NATURAL, (a, b) => {
        const deep = max(quarter(minus(a.figure, b.figure)), low16Bits(plus(a.figure, b.figure)));
        expect(deep.low).toBeLessThanOrEqual(deep.high);
      }),
    );
  });
});

describe('powers of two', () => {
  test.each([
    [-5, 1],
    [0, 1],
    [1, 1],
    [2, 2],
    [3, 4],
    [9, 16],
    [129, 256],
    [2 ** 31 - 1, 2 ** 31],
    [2 ** 31 + 1, 2 ** 32],
    [2 ** 52 - 1, 2 ** 52],
    [2 ** 52, 2 ** 52],
    [2 ** 52 + 1, 2 ** 53],
  ])('above %i is %i', (amount, expected) => {
    expect(powerOfTwoAbove(exactly(amount)).low).toBe(expected);
  });

  test('is the smallest that is not below', () => {
    fc.assert(
      fc.property(NATURAL, ({ figure, inside }) => {
        const of = powerOfTwoAbove(exactly(inside)).low;
        expect(of).toBeGreaterThanOrEqual(inside);
        expect(of === 1 || of / 2 < inside).toBe(true);
        expect(powerOfTwoAbove(figure).low).toBeLessThanOrEqual(of);
        expect(powerOfTwoAbove(figure).high).toBeGreaterThanOrEqual(of);
      }),
    );
  });
});

test('a combinator records its operands, so that the arithmetic can be told', () => {
  const limit = given('limit', 511, 'connections', 'ss');
  const one = constant(1, 'connections', 'source');
  expect(named('capacity', plus(limit, one))).toEqual({
    name: 'capacity',
    low: 512,
    high: 512,
    unit: 'connections',
    how: { kind: 'formula', op: 'plus', of: [limit, one] },
  });
});

test('another unit leaves the record alone', () => {
  const limit = given('limit', 511, 'connections', 'ss');
  expect(inUnit('requests', limit)).toEqual({ ...limit, unit: 'requests' });
});

test.each([
  [givenRange('n', 511, 512, 'requests', 'test'), '511 to 512', false],
  [exactly(511), '511', true],
])('an interval is written out: %#', (figure, written, exact) => {
  expect([formatFigure(figure), isExact(figure)]).toEqual([written, exact]);
});
