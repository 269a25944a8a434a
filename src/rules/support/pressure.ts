import type { ListenerAssessment } from '../../assess/assessment.ts';
import type { Confidence, Outcome, RuleFacts } from '../rule.ts';

/**
 * What a queue in trouble suffers from. `short`: a longer queue would have taken the burst. `imbalance`: its
 * SO_REUSEPORT sisters have room. `overload`: long already, so the program does not accept fast enough.
 */
type Trouble = 'short' | 'imbalance' | 'overload';

/**
 * Why a listener is suspected. `full`: more in the queue than the limit now. `drops`: its own drop counter,
 * which also counts harmless duplicates. `only`: no other listener can have overflowed. `guess`: none of these.
 */
export type Clue = 'full' | 'drops' | 'only' | 'guess';

export type Suspect = {
  readonly listener: ListenerAssessment;
  readonly trouble: Trouble;
  readonly clue: Clue;
  readonly confidence: Confidence;
};

type Rates = RuleFacts['rates'];

/** From this limit on, which is the kernel's own since 5.4, a longer queue hides the problem instead of mending it. */
export const LONG_QUEUE = 4096;

const CONFIDENCE: Readonly<Record<Clue, Confidence>> = {
  full: 'measured',
  drops: 'inferred',
  only: 'inferred',
  guess: 'assumed',
};

function isTcp({ listener }: ListenerAssessment): boolean {
  return listener.protocol === 'tcp';
}

export function limitOf(listener: ListenerAssessment): number | null {
  return listener.acceptQueue?.limit.low ?? null;
}

export function lengthOf({ listener }: ListenerAssessment): number {
  return listener.length ?? 0;
}

/** Connections that wait, and that may, in those sockets of one address that are not full. */
type Room = { readonly held: number; readonly limits: number };

/** By address and port: one SYN may reach any of the TCP sockets that share one (SO_REUSEPORT). */
type Rooms = ReadonlyMap<string, Room>;

function roomsAmong(tcp: readonly ListenerAssessment[]): Rooms {
  const rooms = new Map<string, Room>();
  for (const one of tcp) {
    // One whose length is not known is no proof of room.
    if (one.full || one.listener.length === undefined) continue;
    const { held, limits } = rooms.get(one.label) ?? { held: 0, limits: 0 };
    rooms.set(one.label, { held: held + lengthOf(one), limits: limits + (limitOf(one) ?? 0) });
  }
  return rooms;
}

/** Full beside sisters that are on average less than half full. */
function isImbalance(one: ListenerAssessment, rooms: Rooms): boolean {
  const room = one.full && isTcp(one) ? rooms.get(one.label) : undefined;
  return room !== undefined && 2 * room.held < room.limits;
}

/** The program named a number and somaxconn cut it. */
function isCut({ boundBy, backlog }: ListenerAssessment): boolean {
  return boundBy === 'somaxconn' && !backlog.followsSomaxconn;
}

/** Below what the program asked for: the likeliest to overflow where nothing else tells. */
function isShortened(one: ListenerAssessment): boolean {
  return isCut(one) || one.boundBy === 'somaxconn-at-listen';
}

/** A stale listener becomes longer by the right limit, whatever it holds now; one that was cut and is not full may too. */
function isOverload(one: ListenerAssessment): boolean {
  const limit = limitOf(one);
  if (limit === null || limit < LONG_QUEUE || one.boundBy === 'somaxconn-at-listen') return false;
  return one.full || !isCut(one);
}

function troubleOf(one: ListenerAssessment, rooms: Rooms): Trouble {
  if (isImbalance(one, rooms)) return 'imbalance';
  return isOverload(one) ? 'overload' : 'short';
}

/** A server that listens on one port, whatever the number of addresses and sockets. */
function serverAndPort({ listener, who }: ListenerAssessment): string {
  return listener.protocol === 'tcp' ? `${who}:${listener.port}` : listener.path;
}

function guess(
  tcp: readonly ListenerAssessment[],
): readonly [clue: Clue, listeners: readonly ListenerAssessment[]] {
  const dropping = tcp.filter(({ listener }) => (listener.drops ?? 0) > 0);
  // Of several some may have dropped last month, and be idle now.
  const droppers = new Set(dropping.map(serverAndPort)).size;
  if (droppers > 0) return [droppers === 1 ? 'drops' : 'guess', dropping];
  if (new Set(tcp.map(serverAndPort)).size === 1) return ['only', tcp];
  const shortened = tcp.filter(isShortened);
  return ['guess', shortened.length > 0 ? shortened : tcp];
}

export function isRising(rates: Rates | null, counter: string): boolean {
  return (rates?.delta(counter)?.increase ?? 0) > 0;
}

/**
 * The listeners whose accept queue is in trouble, in the order given. ListenOverflows counts TCP only, for the whole
 * network namespace: it says that some listener overflows, not which. A unix listener shows it by its length alone.
 */
export function suspectsOf(
  listeners: readonly ListenerAssessment[],
  rates: Rates | null,
): readonly Suspect[] {
  const full = listeners.filter((one) => one.full);
  const tcp = listeners.filter(isTcp);
  const rooms = roomsAmong(tcp);
  const needsGuess = isRising(rates, 'ListenOverflows') && !full.some(isTcp);
  const [clue, guessed] = needsGuess ? guess(tcp) : (['guess', []] as const);
  const suspect = (listener: ListenerAssessment, why: Clue): Suspect => ({
    listener,
    clue: why,
    trouble: troubleOf(listener, rooms),
    confidence: CONFIDENCE[why],
  });
  return [...full.map((one) => suspect(one, 'full')), ...guessed.map((one) => suspect(one, clue))];
}

/** Evidence that a longer queue would help this listener; a mere guess is none. */
export function shortQueues(
  listeners: readonly ListenerAssessment[],
  rates: Rates | null,
): ReadonlyMap<string, Suspect> {
  return new Map(
    suspectsOf(listeners, rates)
      .filter(({ trouble, clue }) => trouble === 'short' && clue !== 'guess')
      .map((suspect) => [suspect.listener.id, suspect]),
  );
}

/** What a rule about limits says where it has found nothing: no verdict on limits that nobody could read. */
export function nothingFound(
  listeners: readonly ListenerAssessment[],
): Extract<Outcome, { readonly kind: 'pass' | 'unknown' }> {
  const unread = listeners.filter(({ acceptQueue }) => acceptQueue === null).length;
  if (unread === 0) return { kind: 'pass' };
  const which = unread === 1 ? 'limit of 1 listener is' : `limits of ${unread} listeners are`;
  return { kind: 'unknown', why: `the ${which} not known` };
}
