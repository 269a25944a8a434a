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
   * where tcp_synack_retries leaves nothing to shorten.
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

/**
 * What becomes of half-open requests that nobody completes: reqsk_timer_handler(). Measured on 6.18: 64.4 to 65.0 s for
 * the nominal 63, and 4 of 9 left after 7.2 s with a limit of 8.
 * @param limit of the accept queue; @param synackRetries tcp_synack_retries, or TCP_SYNCNT of the listener
 */
export function halfOpen(limit: number, synackRetries: number): HalfOpen {
  const expiries = Array.from({ length: synackRetries }, (_, index) => expirySeconds(index + 1));
  return {
    synAckSeconds: expiries,
    lifetimeSeconds: expirySeconds(synackRetries + 1),
    pruning:
      synackRetries > LEAST_RETRIES
        ? {
            kept: Math.floor(Math.max(LEAST_QUEUE, limit) / 2),
            afterSeconds: expirySeconds(LEAST_RETRIES + 1),
          }
        : null,
  };
}
