import type { Figure } from '../core/figure.ts';

/** The accept queue of one listener: `limit` is what the kernel stored, `capacity` how many connections it holds. */
export type AcceptQueue = { readonly limit: Figure; readonly capacity: Figure };

/**
 * The SYN queue of one listener, in half-open requests. `unprovenCapacity` holds for peers without a tcp_metrics
 * entry, `provenCapacity` for the others; `whenFull` is what a SYN meets beyond them.
 */
export type SynQueue = {
  readonly hardLimit: Figure;
  readonly unprovenCapacity: Figure;
  readonly provenCapacity: Figure;
  readonly whenFull: 'cookies' | 'drop';
};
