import {
  byKernel,
  constant,
  type Figure,
  given,
  givenRange,
  inUnit,
  lessShifted,
  low16Bits,
  max,
  min,
  named,
  plus,
  powerOfTwoAbove,
} from '../core/figure.ts';
import { INT_MAX } from '../core/integers.ts';
import type { Span } from '../core/span.ts';
import type { KernelTraits, SynQueueFullTest } from './kernel-traits.ts';
import type { AcceptQueue, SynQueue } from './queue-figures.ts';

/** What `byKernel` figures of this file name; docs/model.md explains each. */
export const TRAIT = {
  limitWidth: 'limit-width',
  synQueueFull: 'syn-queue-full-test',
  provenPeers: 'proven-peers',
  alwaysCookies: 'always-cookies',
} as const;

const UNSIGNED_END = 2 ** 32;

/** As the kernel compares it: unsigned, so that any negative number is above every somaxconn. */
export function asUnsigned(amount: number): number {
  return amount < 0 ? amount + UNSIGNED_END : amount;
}

/** One figure per behaviour that the traits leave possible. */
export function onThisKernel<T>(
  trait: string,
  behaviours: readonly T[],
  figureOf: (behaviour: T) => Figure,
): Figure {
  const [first, ...rest] = behaviours.map(figureOf);
  if (first === undefined) throw new TypeError(`kernel traits without any behaviour for ${trait}`);
  return byKernel(trait, [first, ...rest]);
}

/** The accept queue that listen() makes: __sys_listen() clamps the backlog, compared unsigned, to somaxconn. */
export function acceptQueue(inputs: {
  readonly backlog: Figure;
  readonly somaxconn: Figure;
  readonly traits: KernelTraits;
}): AcceptQueue {
  const clamped = min(inputs.backlog, inputs.somaxconn);
  const { limitBits } = inputs.traits;
  const limit = limitBits.includes(16)
    ? onThisKernel(TRAIT.limitWidth, limitBits, (bits) => (bits === 16 ? low16Bits(clamped) : clamped))
    : clamped;
  return acceptQueueOfLimit(named('accept queue limit', limit));
}

/** The accept queue of a live socket, whose limit was read. */
export function acceptQueueOfLimit(limit: Figure): AcceptQueue {
  const beyond = constant(1, 'connections', 'sk_acceptq_is_full() is true above the limit, not at it');
  return { limit, capacity: named('accept queue capacity', plus(limit, beyond)) };
}

export type SynQueueInputs = {
  /** The accept queue's limit: the kernel keeps no other number for the SYN queue. */
  readonly limit: Figure;
  /** A range where it is not given, null where nothing is known; it matters up to 4.3, and with SYN cookies off. */
  readonly maxSynBacklog: number | Span | null;
  /** tcp_syncookies: 0 off, 2 a cookie for every SYN, any other number a cookie when full; null where not known. */
  readonly syncookies: number | null;
  readonly traits: KernelTraits;
};

/**
 * How many half-open requests a listener holds. Without tcp_max_syn_backlog the figures reach from the least to the most
 * that any value gives, where it counts. Without tcp_syncookies they are those of 1, with which kernels boot.
 */
export function synQueue(inputs: SynQueueInputs): SynQueue {
  const hardLimit = named('SYN queue hard limit', hardLimitOf(inputs));
  const capacities = capacitiesOf(inputs, hardLimit);
  return {
    hardLimit,
    unprovenCapacity: named('SYN queue capacity for unproven peers', capacities.unproven),
    provenCapacity: named('SYN queue capacity for proven peers', capacities.proven),
    whenFull: inputs.syncookies === 0 ? 'drop' : 'cookies',
  };
}

function hardLimitOf({ limit, maxSynBacklog, traits }: SynQueueInputs): Figure {
  const requests = inUnit('requests', limit);
  const figures: Readonly<Record<SynQueueFullTest, () => Figure>> = {
    'power-of-two': () => powerOfTwoLimit(requests, maxSynBacklog),
    'at-limit': () => requests,
    'above-limit': () =>
      named(
        'one above the accept queue limit',
        plus(
          requests,
          constant(1, 'requests', 'the SYN queue is full above the accept queue limit, not at it'),
        ),
      ),
  };
  return onThisKernel(TRAIT.synQueueFull, traits.synQueueFull, (test) => figures[test]());
}

const MAX_SYN_BACKLOG = 'net.ipv4.tcp_max_syn_backlog';

/** @param any all that the kernel could make of a number that nobody knows */
function maxSynBacklogRange(range: Span | null, any: Span): Figure {
  const { low, high } = range ?? any;
  const origin = range === null ? 'not known' : 'not given: what kernels compute from the memory';
  return givenRange('tcp_max_syn_backlog', low, high, 'requests', `${MAX_SYN_BACKLOG}, ${origin}`);
}

/**
 * reqsk_queue_alloc() sizes the table once, at the first listen(), and inet_csk_reqsk_queue_is_full() compares by a
 * shift, so the limit is a power of two. The C code compares with tcp_max_syn_backlog as unsigned.
 */
function powerOfTwoLimit(limit: Figure, maxSynBacklog: SynQueueInputs['maxSynBacklog']): Figure {
  const bound =
    typeof maxSynBacklog === 'number'
      ? given(
          'tcp_max_syn_backlog',
          asUnsigned(maxSynBacklog),
          'requests',
          `${MAX_SYN_BACKLOG} at the first listen(), unsigned`,
        )
      : maxSynBacklogRange(maxSynBacklog, { low: 0, high: UNSIGNED_END - 1 });
  const least = constant(8, 'requests', 'reqsk_queue_alloc() makes room for 8 at least');
  const one = constant(1, 'requests', 'reqsk_queue_alloc() rounds up from one more');
  const bounded = named('the smaller bound', min(limit, bound));
  const sized = named('requests to make room for', plus(named('at least 8', max(least, bounded)), one));
  return named('size of the request table', powerOfTwoAbove(sized));
}

type Capacities = { readonly unproven: Figure; readonly proven: Figure };

function capacitiesOf(inputs: SynQueueInputs, hardLimit: Figure): Capacities {
  const { syncookies, traits } = inputs;
  if (syncookies === null) {
    // Every distribution's kernel starts with 1, and few hosts change it.
    const assumed = named('hard limit, if tcp_syncookies is 1 as by default', hardLimit);
    return { unproven: assumed, proven: assumed };
  }
  if (syncookies === 2) {
    const none = constant(0, 'requests', 'tcp_syncookies = 2 answers every SYN with a cookie');
    const capacity = onThisKernel(TRAIT.alwaysCookies, traits.alwaysCookies, (always) =>
      always ? none : hardLimit,
    );
    return { unproven: capacity, proven: capacity };
  }
  if (syncookies !== 0) return { unproven: hardLimit, proven: hardLimit };
  const unproven = min(hardLimit, lastQuarterLimit(inputs.maxSynBacklog));
  const proven = onThisKernel(TRAIT.provenPeers, traits.exemptsProvenPeers, (exempt) =>
    exempt ? hardLimit : unproven,
  );
  return { unproven, proven };
}

/**
 * tcp_conn_request() keeps the last quarter for proven peers when SYN cookies are off: it drops where
 * `max_syn_backlog - qlen < max_syn_backlog >> 2`, so one more than three quarters get in.
 */
function lastQuarterLimit(maxSynBacklog: SynQueueInputs['maxSynBacklog']): Figure {
  const bound =
    typeof maxSynBacklog === 'number'
      ? given('tcp_max_syn_backlog', maxSynBacklog, 'requests', MAX_SYN_BACKLOG)
      : maxSynBacklogRange(maxSynBacklog, { low: -INT_MAX - 1, high: INT_MAX });
  const none = constant(0, 'requests', 'no queue is shorter');
  const one = constant(1, 'requests', 'the SYN that meets the bound still gets in');
  const two = constant(2, 'count', 'a quarter is kept');
  const free = named('what proven peers do not keep', lessShifted(bound, two));
  return named('last-quarter limit', max(none, named('with the last one', plus(free, one))));
}

/** The least tcp_max_syn_backlog whose last-quarter limit is not below so many requests. */
export function maxSynBacklogFor(requests: number): number {
  const free = Math.max(0, requests - 1);
  return free + Math.max(0, Math.floor((free - 1) / 3));
}
