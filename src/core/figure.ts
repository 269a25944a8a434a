/**
 * Numbers that know how they came about. A distribution's kernel leaves some of them open by one, so a figure is
 * an interval from the start: `low` equals `high` where it is known. The combinators compute the interval and
 * record the step in one call; `explain` prints the record, so no formula is written twice.
 */
export type Unit = 'connections' | 'requests' | 'bytes' | 'pages' | 'entries' | 'count';

export type Operation = 'min' | 'max' | 'plus' | 'minus' | 'times' | 'quarter' | 'power-of-two-above';

export type How =
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

/** The smallest power of two that is not below the figure: the kernel's roundup_pow_of_two(). */
export function powerOfTwoAbove(of: Figure): Figure {
  return monotone('power-of-two-above', [of], ([only = 1]) => 2 ** Math.ceil(Math.log2(Math.max(1, only))));
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
