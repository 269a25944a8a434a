import type { Span } from '../../core/span.ts';

type Format = (amount: number) => string;

/** `528 to 713 Mbit/s`: the unit once, where both ends have the same. */
export function spanText({ low, high }: Span, format: Format = String): string {
  const [from, to] = [format(low), format(high)];
  if (from === to) return from;
  const [amount, unit] = from.split(' ');
  return unit !== undefined && to.endsWith(` ${unit}`) ? `${amount} to ${to}` : `${from} to ${to}`;
}
