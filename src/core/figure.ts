/**
 * Numbers that know how they came about. A distribution's kernel leaves some of them open by one, so a figure is
 * an interval from the start: `low` equals `high` where it is known. The combinators compute the interval and
 * record the step in one call; `explain` prints the record, so no formula is written twice.
 */
export type Unit =
  | 'connections'
  | 'requests'
  | 'bytes'
  | 'pages'
  | 'entries'
  | 'count'
  | 'microseconds'
  | 'bits-per-second';

export type Operation =
  | 'min'
  | 'max'
  | 'plus'
  | 'minus'
  | 'times'
  | 'over'
  | 'over-up'
  | 'quarter'
  | 'less-shifted'
  | 'shifted-left'
  | 'log2'
  | 'low-16-bits'
  | 'power-of-two-above';

type How =
  | { readonly kind: 'given'; readonly origin: string }
  | { readonly kind: 'constant'; readonly source: string }
  | { readonly kind: 'formula'; readonly op: Operation; readonly of: readonly Figure[] }
  | { readonly kind: 'byKernel'; readonly trait: string; readonly of: readonly Figure[] };

export type Figure = {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly unit: Unit;
  readonly how: How;
};

export function given(name: string, amount: number, unit: Unit, origin: string): Figure {
  return { name, low: amount, high: amount, unit, how: { kind: 'given', origin } };
}

export function givenRange(name: string, low: number, high: number, unit: Unit, origin: string): Figure {
  return { name, low, high, unit, how: { kind: 'given', origin } };
}

export function constant(amount: number, unit: Unit, source: string): Figure {
  return { name: String(amount), low: amount, high: amount, unit, how: { kind: 'constant', source } };
}

/** The same figure under the name by which the reader knows it. */
export function named(name: string, figure: Figure): Figure {
  return { ...figure, name };
}

export function isExact(figure: Figure): boolean {
  return figure.low === figure.high;
}

/** The same figure in the unit that it has from here on: a limit in connections that also bounds requests. */
export function inUnit(unit: Unit, figure: Figure): Figure {
  return { ...figure, unit };
}

/** `511`, or `511 to 512` where the kernel version leaves it open. */
export function formatFigure(figure: Figure): string {
  return isExact(figure) ? String(figure.low) : `${figure.low} to ${figure.high}`;
}

/** Of an operation that never falls when one of its operands rises. */
function monotone(
  op: Operation,
  of: readonly [Figure, ...Figure[]],
  compute: (values: readonly number[]) => number,
): Figure {
  return {
    name: op,
    low: compute(of.map((figure) => figure.low)),
    high: compute(of.map((figure) => figure.high)),
    unit: of[0].unit,
    how: { kind: 'formula', op, of },
  };
}

export function min(...of: readonly [Figure, ...Figure[]]): Figure {
  return monotone('min', of, (values) => Math.min(...values));
}

export function max(...of: readonly [Figure, ...Figure[]]): Figure {
  return monotone('max', of, (values) => Math.max(...values));
}

export function plus(...of: readonly [Figure, ...Figure[]]): Figure {
  return monotone('plus', of, (values) => values.reduce((sum, each) => sum + each, 0));
}

/** Of figures that are not negative. */
export function times(...of: readonly [Figure, ...Figure[]]): Figure {
  return monotone('times', of, (values) => values.reduce((product, each) => product * each, 1));
}

export function minus(from: Figure, subtrahend: Figure): Figure {
  return {
    name: 'minus',
    low: from.low - subtrahend.high,
    high: from.high - subtrahend.low,
    unit: from.unit,
    how: { kind: 'formula', op: 'minus', of: [from, subtrahend] },
  };
}

/** The kernel's `x >> 2`: rounds towards minus infinity. */
export function quarter(of: Figure): Figure {
  return monotone('quarter', [of], ([only = 0]) => Math.floor(only / 4));
}

/** Rounded down, as in C. Of figures that are not negative, by one that is above 0. */
export function over(dividend: Figure, divisor: Figure): Figure {
  return {
    name: 'over',
    low: Math.floor(dividend.low / divisor.high),
    high: Math.floor(dividend.high / divisor.low),
    unit: dividend.unit,
    how: { kind: 'formula', op: 'over', of: [dividend, divisor] },
  };
}

/** Rounded up. Of figures that are not negative, by one that is above 0. */
export function overUp(dividend: Figure, divisor: Figure): Figure {
  return {
    name: 'over-up',
    low: Math.ceil(dividend.low / divisor.high),
    high: Math.ceil(dividend.high / divisor.low),
    unit: dividend.unit,
    how: { kind: 'formula', op: 'over-up', of: [dividend, divisor] },
  };
}

/** The kernel's `x - (x >> by)`, in one step, as neither a larger x nor a larger shift makes it smaller. A negative x takes an exact shift. */
export function lessShifted(from: Figure, by: Figure): Figure {
  return monotone('less-shifted', [from, by], ([x = 0, shift = 0]) => x - Math.floor(x / 2 ** shift));
}

/** The kernel's `x << by`, of figures that are not negative. */
export function shiftedLeft(of: Figure, by: Figure): Figure {
  return monotone('shifted-left', [of, by], ([x = 0, shift = 0]) => x * 2 ** shift);
}

/** The kernel's ilog2(): the exponent of the largest power of two that is not above the figure; 0 for less than 1. */
export function log2(of: Figure): Figure {
  return inUnit(
    'count',
    monotone('log2', [of], ([only = 1]) => {
      // As in powerOfTwoAbove(): the logarithm only gives a place to start.
      let exponent = Math.max(0, Math.floor(Math.log2(Math.max(1, only))) - 1);
      while (2 ** (exponent + 1) <= only) exponent += 1;
      return exponent;
    }),
  );
}

const SIXTEEN_BITS = 2 ** 16;

/** What a 16-bit field keeps of the figure, which is not negative: the remainder by 65536. */
export function low16Bits(of: Figure): Figure {
  const wraps = Math.floor(of.low / SIXTEEN_BITS) !== Math.floor(of.high / SIXTEEN_BITS);
  return {
    name: 'low-16-bits',
    low: wraps ? 0 : of.low % SIXTEEN_BITS,
    high: wraps ? SIXTEEN_BITS - 1 : of.high % SIXTEEN_BITS,
    unit: of.unit,
    how: { kind: 'formula', op: 'low-16-bits', of: [of] },
  };
}

/** The smallest power of two that is not below the figure: the kernel's roundup_pow_of_two(). */
export function powerOfTwoAbove(of: Figure): Figure {
  return monotone('power-of-two-above', [of], ([only = 1]) => {
    // A logarithm is off by a rounding near large powers of two, so it only gives a place to start.
    let power = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, only))) - 1);
    while (power < only) power *= 2;
    return power;
  });
}

/**
 * One figure per behaviour that the kernel may have; more than one where its version does not tell.
 * @param trait what differs between kernels, as a name that a reader can look up in docs/model.md
 */
export function byKernel(trait: string, of: readonly [Figure, ...Figure[]]): Figure {
  return {
    name: of[0].name,
    low: Math.min(...of.map((figure) => figure.low)),
    high: Math.max(...of.map((figure) => figure.high)),
    unit: of[0].unit,
    how: { kind: 'byKernel', trait, of },
  };
}
