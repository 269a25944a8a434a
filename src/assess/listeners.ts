import { type Figure, given, isExact } from '../core/figure.ts';
import type { KernelTraits } from '../model/kernel-traits.ts';
import type { AcceptQueue, SynQueue } from '../model/queue-figures.ts';
import { acceptQueue, acceptQueueOfLimit, synQueue } from '../model/queues.ts';
import { findServer } from '../servers/registry.ts';
import type { ServerEntry } from '../servers/server-entry.ts';
import type { Environment } from '../snapshot/host.ts';
import type { BacklogSource, Listener } from '../snapshot/listener.ts';
import type { Namespace } from '../snapshot/namespace.ts';
import type { ListenerAssessment, RequestedBacklog } from './assessment.ts';
import { requestedBacklog } from './backlog.ts';
import { boundBy, isStale } from './bound-by.ts';
import { memoized, memoizedBy } from './lazy.ts';
import { idsOf, labelOf } from './listener-names.ts';
import { changeFor, relistenStep } from './relisten.ts';

/** What all listeners of a namespace share. */
export type ListenerSurroundings = {
  readonly traits: KernelTraits;
  readonly environment: Environment;
  /** Of this namespace; null where not known. */
  readonly somaxconn: number | null;
  readonly maxSynBacklog: number | null;
  readonly syncookies: number | null;
};

const INT_MAX = 2 ** 31 - 1;

/** Listeners with one limit share one set of figures, so that 10,000 alike cost little more than one. */
type Queues = { readonly accept: AcceptQueue; readonly syn: SynQueue };

export function assessListeners(
  { listeners = [] }: Namespace,
  around: ListenerSurroundings,
): readonly ListenerAssessment[] {
  const queuesOf = queueFinder(around);
  const ids = idsOf(listeners);
  return listeners.map((listener, index) => {
    const server = listener.server === undefined ? null : findServer(listener.server);
    const backlog = requestedBacklog(listener, server, around.somaxconn);
    const queues = queuesOf(listener, backlog);
    return assessListener(listener, { id: ids[index] ?? '', server, backlog, queues, around });
  });
}

/** From the live limit, else from what listen() would store now; null where neither is known. */
function queueFinder(
  around: ListenerSurroundings,
): (listener: Listener, backlog: RequestedBacklog) => Queues | null {
  const withSyn = (accept: AcceptQueue): Queues => ({
    accept,
    syn: synQueue({ ...around, limit: accept.limit }),
  });
  const live = memoized((limit: number) => withSyn(acceptQueueOfLimit(liveLimit(limit))));
  const predicted = memoizedBy(
    ({ amount, source, somaxconn }: Request) => `${amount} ${source} ${somaxconn}`,
    (request) => withSyn(predictedQueue(request, around.traits)),
  );
  return ({ limit }, backlog) => {
    if (limit !== undefined) return live(limit);
    const { somaxconn } = around;
    const amount = backlog.requested ?? (backlog.followsSomaxconn ? INT_MAX : null);
    return amount === null || somaxconn === null
      ? null
      : predicted({ amount, source: backlog.source, somaxconn });
  };
}

type Request = { readonly amount: number; readonly source: BacklogSource; readonly somaxconn: number };

function predictedQueue({ amount, source, somaxconn }: Request, traits: KernelTraits): AcceptQueue {
  return acceptQueue({
    backlog: given('backlog', amount, 'connections', ORIGINS[source]),
    somaxconn: given(
      'somaxconn',
      somaxconn,
      'connections',
      'net.core.somaxconn now: the live limit could not be read',
    ),
    traits,
  });
}

function assessListener(
  listener: Listener,
  facts: {
    readonly id: string;
    readonly server: ServerEntry | null;
    readonly backlog: RequestedBacklog;
    readonly queues: Queues | null;
    readonly around: ListenerSurroundings;
  },
): ListenerAssessment {
  const { id, server, backlog, queues, around } = facts;
  const limits = { limit: listener.limit ?? exactLimit(queues), backlog, somaxconn: around.somaxconn };
  const bound = boundBy(limits);
  return {
    id,
    label: labelOf(listener),
    listener,
    server,
    who: listener.server ?? listener.processes?.[0]?.name ?? '?',
    backlog,
    acceptQueue: queues?.accept ?? null,
    synQueue: listener.protocol === 'tcp' ? (queues?.syn ?? null) : null,
    boundBy: bound,
    relisten: {
      needed: isStale(limits),
      ...relistenStep(listener, server, changeFor(bound, backlog), around.environment),
    },
    full: listener.length !== undefined && listener.limit !== undefined && listener.length > listener.limit,
  };
}

function exactLimit(queues: Queues | null): number | null {
  return queues !== null && isExact(queues.accept.limit) ? queues.accept.limit.low : null;
}

function liveLimit(limit: number): Figure {
  return given('accept queue limit', limit, 'connections', 'Send-Q of ss, which is sk_max_ack_backlog');
}

const ORIGINS: Readonly<Record<BacklogSource, string>> = {
  config: "from the server's configuration",
  'command-line': "from the server's command line",
  default: "the server's default",
  derived: "follows from the server's other settings",
  inferred: 'inferred',
  unknown: 'of unknown origin',
};
