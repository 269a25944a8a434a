import type { Span } from '../core/span.ts';
import type { KernelTraits } from './kernel-traits.ts';
import { type Behaviour, outcomeOf, type SocketSettings } from './listen-socket.ts';
import type { Load } from './load.ts';
import { combine, type Outcome, type OutcomeOf } from './outcome.ts';
import { maxSynBacklogFor } from './queues.ts';

export type PredictionInputs = Omit<SocketSettings, 'maxSynBacklog'> & {
  readonly maxSynBacklog: Span;
  readonly traits: KernelTraits;
  /** Sockets of one SO_REUSEPORT group, among which the kernel spreads by hash: taken as even here. */
  readonly sockets: number;
  readonly load: Load;
};

export type Prediction =
  | {
      readonly kind: 'predicted';
      readonly after: OutcomeOf<Span>;
      /** Each outcome that the interval is made of: one, where nothing is open. */
      readonly each: readonly Outcome[];
    }
  /** Up to 4.3 SYNs and ACKs pass through a queue of the socket's, and the events were not modelled. */
  | { readonly kind: 'kernel-too-old' };

/** Every combination of what the version leaves open; null where it may be one before 4.4. */
function behavioursOf(traits: KernelTraits): readonly Behaviour[] | null {
  const tests = traits.synQueueFull.flatMap((test) => (test === 'power-of-two' ? [] : [test]));
  if (tests.length < traits.synQueueFull.length) return null;
  return tests.flatMap((synQueueFull) =>
    traits.fullAcceptQueueDropsEverySyn.flatMap((fullAcceptQueueDropsEverySyn) =>
      traits.exemptsProvenPeers.flatMap((exemptsProvenPeers) =>
        traits.countsSocketDrops.map((countsSocketDrops) => ({
          synQueueFull,
          fullAcceptQueueDropsEverySyn,
          exemptsProvenPeers,
          countsSocketDrops,
        })),
      ),
    ),
  );
}

/** The part of a load that each of several sockets gets, and how many get it. */
function shares({ connections, ...load }: Load, sockets: number): readonly (readonly [Load, number])[] {
  const part = (amount: number, index: number) =>
    Math.floor(amount / sockets) + (index < amount % sockets ? 1 : 0);
  const groups = new Map<string, [Load, number]>();
  for (let index = 0; index < sockets; index += 1) {
    const share = {
      ...load,
      connections: part(connections, index),
      prefilled: part(load.prefilled, index),
    };
    const known = groups.get(`${share.connections} ${share.prefilled}`);
    if (known === undefined) groups.set(`${share.connections} ${share.prefilled}`, [share, 1]);
    else known[1] += 1;
  }
  return [...groups.values()];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}

function onGroup(settings: SocketSettings, behaviour: Behaviour, load: Load, sockets: number): Outcome {
  const outcomes = shares(load, sockets).map(([share, times]) => ({
    outcome: outcomeOf(settings, behaviour, share),
    times,
  }));
  const [only] = outcomes;
  if (only !== undefined && outcomes.length === 1 && only.times === 1) return only.outcome;
  return combine(
    outcomes.map(({ outcome, times }) => combine([outcome], ([value = 0]) => value * times)),
    sum,
  );
}

/**
 * All that can matter of a range of tcp_max_syn_backlog. An outcome depends on how many requests it lets in, and rises or
 * falls evenly with that between the numbers at which a queue is full or the load is through.
 */
function boundsThatMatter(
  { low, high }: Span,
  { limit, sockets, load }: PredictionInputs,
): readonly number[] {
  const shared = shares(load, sockets).map(([share]) => share);
  const turns = shared.flatMap(({ connections, prefilled }) => [
    Math.max(0, limit + 1 - prefilled),
    limit,
    limit + 1,
    connections,
    connections + prefilled,
  ]);
  const near = turns.flatMap((turn) => [turn - 1, turn, turn + 1].filter((requests) => requests >= 0));
  const within = near.map(maxSynBacklogFor).filter((bound) => bound > low && bound < high);
  return [...new Set([low, ...within, high])];
}

/**
 * What a load leaves behind, as an interval where the kernel's version or tcp_max_syn_backlog is not known.
 */
export function predict(request: PredictionInputs): Prediction {
  const { traits, sockets, load, maxSynBacklog, ...inputs } = request;
  const behaviours = behavioursOf(traits);
  if (behaviours === null) return { kind: 'kernel-too-old' };
  const bounds = boundsThatMatter(maxSynBacklog, request);
  const outcomes = behaviours.flatMap((behaviour) =>
    bounds.map((bound) => onGroup({ ...inputs, maxSynBacklog: bound }, behaviour, load, sockets)),
  );
  const after = combine(outcomes, (values) => ({ low: Math.min(...values), high: Math.max(...values) }));
  return { kind: 'predicted', after, each: outcomes };
}
