import type { KernelTraits } from './kernel-traits.ts';

/** TCP_RTO_MAX: no step between two SYN-ACKs is longer. */
const LONGEST_STEP_SECONDS = 120;

/** TCP_TIMEOUT_INIT */
const FIRST_STEP_SECONDS = 1;

export type HalfOpen = {
  /** When the SYN-ACK is sent again, in seconds after the first. */
  readonly synAckSeconds: readonly number[];
  /** When the request is given up; measured a second or two later. */
  readonly lifetimeSeconds: number;
  /**
   * What becomes of old requests while more than half of the queue is taken: all but `kept` are given up early. null
   * where tcp_synack_retries leaves nothing to shorten, and up to 4.3, whose rule is another one.
   */
  readonly pruning: { readonly kept: number; readonly afterSeconds: number } | null;
};

/** The queue is never pruned below half of this. */
const LEAST_QUEUE = 8;
/** Retries that are never cut. */
const LEAST_RETRIES = 2;

/** Seconds after the SYN when the timer of a request expires for the n-th time, n from 1. */
function expirySeconds(expiry: number): number {
  let seconds = 0;
  for (let n = 0; n < expiry; n += 1) seconds += Math.min(FIRST_STEP_SECONDS * 2 ** n, LONGEST_STEP_SECONDS);
  return seconds;
}

/** Of a request that nobody completes. Measured on 6.18: 64.4 to 65.0 s for the nominal 63. */
export function requestLifetime(synackRetries: number): Pick<HalfOpen, 'synAckSeconds' | 'lifetimeSeconds'> {
  return {
    synAckSeconds: Array.from({ length: synackRetries }, (_, index) => expirySeconds(index + 1)),
    lifetimeSeconds: expirySeconds(synackRetries + 1),
  };
}

/** Measured on 6.18: 4 of 9 requests left after 7.2 s with a limit of 8. */
export function pruningOf(
  limit: number,
  synackRetries: number,
  { synQueueFull }: KernelTraits,
): HalfOpen['pruning'] {
  if (synackRetries <= LEAST_RETRIES || synQueueFull.includes('power-of-two')) return null;
  return {
    kept: Math.floor(Math.max(LEAST_QUEUE, limit) / 2),
    afterSeconds: expirySeconds(LEAST_RETRIES + 1),
  };
}

/**
 * What becomes of half-open requests that nobody completes: reqsk_timer_handler().
 * @param limit of the accept queue
 * @param synackRetries tcp_synack_retries, or TCP_SYNCNT of the listener
 */
export function halfOpen(limit: number, synackRetries: number, traits: KernelTraits): HalfOpen {
  return { ...requestLifetime(synackRetries), pruning: pruningOf(limit, synackRetries, traits) };
}
