import { type Figure, given } from '../core/figure.ts';
import type { KernelTraits } from '../model/kernel-traits.ts';
import type { AcceptQueue, SynQueue } from '../model/queue-figures.ts';
import { acceptQueue, acceptQueueOfLimit, synQueue } from '../model/queues.ts';
import { findServer } from '../servers/registry.ts';
import type { ServerEntry } from '../servers/server-entry.ts';
import type { Environment } from '../snapshot/host.ts';
import type { Listener } from '../snapshot/listener.ts';
import type { Namespace } from '../snapshot/namespace.ts';
import type { ListenerAssessment, RequestedBacklog } from './assessment.ts';
import { requestedBacklog } from './backlog.ts';
import { boundBy } from './bound-by.ts';
import { memoized } from './lazy.ts';
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
    const queues = queuesOf(listener);
    return assessListener(listener, { id: ids[index] ?? '', server, backlog, queues, around });
  });
}

/**
 * From the live limit only: what listen() would store now says nothing of a socket that called it before somebody
 * changed a number, so a limit that was not read is not known.
 */
function queueFinder(around: ListenerSurroundings): (listener: Listener) => Queues | null {
  const live = memoized((number: number): Queues => {
    const accept = acceptQueueOfLimit(liveLimit(number));
    return { accept, syn: synQueue({ ...around, limit: accept.limit }) };
  });
  return ({ limit }) => (limit === undefined ? null : live(limit));
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
  const bound = boundBy({ limit: listener.limit ?? null, backlog, somaxconn: around.somaxconn });
  return {
    id,
    label: labelOf(listener),
    listener,
    server,
    who: listener.server ?? listener.processes?.[0]?.name ?? '?',
    backlog,
    acceptQueue: queues?.accept ?? null,
    afterListen: () => afterListen(backlog, around),
    synQueue: listener.protocol === 'tcp' ? (queues?.syn ?? null) : null,
    boundBy: bound,
    relisten: {
      needed: gainsByListening(listener, backlog, around),
      ...relistenStep(listener, server, changeFor(bound, backlog), around.environment),
    },
    full: listener.length !== undefined && listener.limit !== undefined && listener.length > listener.limit,
  };
}

/** Whether another listen() would store more: one that would store less cuts the queue, and nobody needs that. */
function gainsByListening(
  { limit }: Listener,
  backlog: RequestedBacklog,
  around: ListenerSurroundings,
): boolean {
  const next = afterListen(backlog, around)?.limit.low;
  return limit !== undefined && next !== undefined && next > limit;
}

function liveLimit(limit: number): Figure {
  return given('accept queue limit', limit, 'connections', 'Send-Q of ss, which is sk_max_ack_backlog');
}

/** The largest backlog there is, as the kernel compares it: what a program asks for that leaves it to somaxconn. */
const UNLIMITED = 2 ** 32 - 1;

function afterListen(
  { requested, followsSomaxconn, source, at }: RequestedBacklog,
  { somaxconn, traits }: ListenerSurroundings,
): AcceptQueue | null {
  const amount = requested ?? (followsSomaxconn ? UNLIMITED : null);
  if (amount === null || somaxconn === null) return null;
  const place = at === null ? '' : `, ${at.file}:${at.line}`;
  return acceptQueue({
    backlog: given('backlog', amount, 'connections', `${source}${place}`),
    somaxconn: given('somaxconn', somaxconn, 'connections', 'net.core.somaxconn now'),
    traits,
  });
}
