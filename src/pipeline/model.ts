import { inputError, type Position, type UserError, usageError } from '../core/errors.ts';
import { type Figure, given, named, times } from '../core/figure.ts';
import { isAnyKernel, type KernelRelease, parseKernelText } from '../core/kernel-release.ts';
import type { Span } from '../core/span.ts';
import { fastOpenLimit } from '../model/fast-open.ts';
import { type HalfOpen, halfOpen } from '../model/half-open.ts';
import { type KernelTraits, kernelTraits } from '../model/kernel-traits.ts';
import type { Load } from '../model/load.ts';
import type { OutcomeOf } from '../model/outcome.ts';
import { predict } from '../model/predict.ts';
import type { AcceptQueue, SynQueue } from '../model/queue-figures.ts';
import { acceptQueue, asUnsigned, synQueue } from '../model/queues.ts';
import type { ModelRequest } from '../model/request.ts';
import { catalogueEntry } from '../sysctl/catalogue.ts';
import type { Range } from '../sysctl/catalogue-entry.ts';

/** What the numbers come to for a load; `kernel-too-old` up to 4.3, whose events were not modelled. */
export type LoadAnswer =
  | { readonly kind: 'none' }
  | { readonly kind: 'kernel-too-old'; readonly load: Load }
  | { readonly kind: 'predicted'; readonly load: Load; readonly after: OutcomeOf<Span> };

/** A question whose kernel is known. */
export type Numbers = Omit<ModelRequest, 'kernel'>;

export type ModelAnswer = {
  readonly request: Numbers;
  readonly traits: KernelTraits;
  readonly acceptQueue: AcceptQueue;
  readonly synQueue: SynQueue;
  readonly halfOpen: HalfOpen;
  /** null where the socket does not take Fast Open. */
  readonly fastOpen: Figure | null;
  /** Of all sockets of a SO_REUSEPORT group together; null for one socket. */
  readonly group: { readonly acceptQueue: Figure; readonly synQueue: Figure } | null;
  readonly load: LoadAnswer;
};

/** Where nobody gives tcp_max_syn_backlog: max(128, buckets / 128) with at most 524288 buckets. */
const DEFAULT_MAX_SYN_BACKLOG: Span = { low: 128, high: 4096 };

/** The kernel's own; see the catalogue. */
const DEFAULT_SYNCOOKIES = 1;
const DEFAULT_SYNACK_RETRIES = 5;

export type KernelSource = (text: string) => KernelTraits | null;

const MOST_REMEMBERED = 256;

/** Traits of kernels as they are named; those of the same text are computed once. */
export function rememberedKernels(): KernelSource {
  const known = new Map<string, KernelTraits | null>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const release = parseKernelText(text);
    const traits = release === null || !isDescribed(release) ? null : kernelTraits(release);
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(text, traits);
    return traits;
  };
}

const OLDEST = { major: 3, minor: 10 };

/** Older kernels stand in no table of ours. */
function isDescribed({ range }: KernelRelease): boolean {
  const { major, minor } = range.low;
  return !isAnyKernel(range) && (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor));
}

/**
 * A kernel as somebody names it.
 * @param at where it stands, for messages; null where it was typed
 * @throws UserError for a kernel that nobody knows
 */
export function traitsOf(text: string, kernels: KernelSource, at: Position | null): KernelTraits {
  const traits = kernels(text);
  if (traits !== null) return traits;
  throw refusal(
    `kernel: expected a release from 3.10 on, such as 6.1.153 or 5.15.0-91-generic, not '${text.slice(0, 80)}'`,
    at,
  );
}

function refusal(message: string, at: Position | null): UserError {
  return at === null ? usageError(message) : inputError('malformed-document', at, message);
}

/** Fields that kernels keep in a byte from some version on: more than that no write ever brought there. */
const BYTES = [
  ['syncookies', 'net.ipv4.tcp_syncookies'],
  ['abortOnOverflow', 'net.ipv4.tcp_abort_on_overflow'],
] as const;

/** @throws UserError for a value that no such kernel takes */
export function checkTaken(request: Numbers, traits: KernelTraits, at: Position | null): void {
  for (const [field, key] of BYTES) {
    const number = request[field];
    const ranges = traits.current(catalogueEntry(key)?.range ?? []);
    const isTaken = ({ min, max }: Range) => number === undefined || (number >= min && number <= max);
    const [range] = ranges;
    if (range !== undefined && !ranges.some(isTaken))
      throw refusal(`${field}: this kernel takes ${range.min} to ${range.max} for ${key}, not ${number}`, at);
  }
}

function loadAnswer(request: Numbers, traits: KernelTraits, limit: number, pending: number): LoadAnswer {
  if (request.load === undefined) return { kind: 'none' };
  const load = { prefilled: 0, ...request.load };
  const prediction = predict({
    traits,
    limit,
    maxSynBacklog:
      request.maxSynBacklog === undefined
        ? DEFAULT_MAX_SYN_BACKLOG
        : { low: request.maxSynBacklog, high: request.maxSynBacklog },
    syncookies: request.syncookies ?? DEFAULT_SYNCOOKIES,
    abortOnOverflow: (request.abortOnOverflow ?? 0) !== 0,
    deferAccept: request.deferAccept ?? false,
    fastOpenLimit: pending,
    sockets: request.sockets ?? 1,
    load,
  });
  return prediction.kind === 'predicted'
    ? { kind: 'predicted', load, after: prediction.after }
    : { ...prediction, load };
}

/** What the model says of given numbers. */
export function model(request: Numbers, traits: KernelTraits): ModelAnswer {
  const origin = request.backlog < 0 ? `listen(${request.backlog}), compared unsigned` : 'listen()';
  const backlog = given('backlog', asUnsigned(request.backlog), 'connections', origin);
  const somaxconn = given('somaxconn', request.somaxconn, 'connections', 'net.core.somaxconn');
  const accept = acceptQueue({ backlog, somaxconn, traits });
  const syn = synQueue({
    limit: accept.limit,
    maxSynBacklog: request.maxSynBacklog ?? DEFAULT_MAX_SYN_BACKLOG,
    syncookies: request.syncookies ?? DEFAULT_SYNCOOKIES,
    traits,
  });
  const queueLength = request.fastOpen;
  const fastOpen =
    queueLength === undefined
      ? null
      : fastOpenLimit(
          given('queue length', asUnsigned(queueLength), 'connections', 'TCP_FASTOPEN'),
          somaxconn,
          traits,
        );
  return {
    request,
    traits,
    acceptQueue: accept,
    synQueue: syn,
    halfOpen: halfOpen(accept.limit.low, request.synackRetries ?? DEFAULT_SYNACK_RETRIES, traits),
    fastOpen,
    group: groupOf(request.sockets ?? 1, accept, syn),
    load: loadAnswer(request, traits, accept.limit.low, fastOpen?.low ?? 0),
  };
}

function groupOf(sockets: number, accept: AcceptQueue, syn: SynQueue): ModelAnswer['group'] {
  if (sockets === 1) return null;
  const together = (name: string, each: Figure) =>
    named(name, times(each, given('sockets', sockets, 'count', 'SO_REUSEPORT')));
  return {
    acceptQueue: together('accept queues together', accept.capacity),
    synQueue: together('SYN queues together', syn.unprovenCapacity),
  };
}
