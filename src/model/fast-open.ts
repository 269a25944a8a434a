import { byKernel, type Figure, min, named } from '../core/figure.ts';
import type { KernelTraits } from './kernel-traits.ts';

export const FAST_OPEN_TRAIT = 'fast-open-cap';

/**
 * How many Fast Open connections that nobody has acknowledged yet a listener takes: fastopen_queue_tune(). One more
 * falls back to an ordinary handshake.
 * @param queueLength the value of the TCP_FASTOPEN socket option, unsigned
 */
export function fastOpenLimit(
  queueLength: Figure,
  somaxconn: Figure,
  { capsFastOpen }: KernelTraits,
): Figure {
  const capped = named('the smaller of the two', min(queueLength, somaxconn));
  const [first, ...rest] = capsFastOpen.map((caps) => (caps ? capped : queueLength));
  if (first === undefined) throw new TypeError('kernel traits without any behaviour of Fast Open');
  return named('pending Fast Open connections', byKernel(FAST_OPEN_TRAIT, [first, ...rest]));
}
