import type { BoundBy, RequestedBacklog } from './assessment.ts';

export type LimitFacts = {
  /** sk_max_ack_backlog; null where not known. */
  readonly limit: number | null;
  readonly backlog: RequestedBacklog;
  /** net.core.somaxconn of the listener's network namespace now; null where not known. */
  readonly somaxconn: number | null;
};

/** null where not known. A server that leaves it to somaxconn asks for more than any somaxconn. */
function wanted({ requested, followsSomaxconn }: RequestedBacklog): number | null {
  return requested ?? (followsSomaxconn ? Number.POSITIVE_INFINITY : null);
}

/** Which number decides the limit. The kernel's own rule is the smaller of backlog and somaxconn, once, in listen(). */
export function boundBy({ limit, backlog, somaxconn }: LimitFacts): BoundBy {
  const requested = wanted(backlog);
  // A limit above the request: the configuration changed since the program called listen().
  if (limit === null || requested === null || somaxconn === null || limit > requested) return 'unknown';
  if (limit === requested && limit === somaxconn) return 'both';
  if (limit === requested && limit < somaxconn) return 'backlog';
  if (limit === somaxconn) return 'somaxconn';
  return 'somaxconn-at-listen';
}
