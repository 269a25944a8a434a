import { CLIENT_VIEWS, type ClientView, LOAD_COUNTERS, type LoadCounter } from './load.ts';

/** What a load leaves behind: a number each, or an interval where the kernel's version leaves it open. */
export type OutcomeOf<T> = {
  /** Half-open requests: without Fast Open children, which `ss` shows as SYN-RECV too. */
  readonly synRecv: T;
  readonly acceptQueue: T;
  readonly synAcks: T;
  readonly resets: T;
  /** sk_drops of the listener: `d` in `ss -m`. */
  readonly socketDrops: T;
  readonly counters: Readonly<Record<LoadCounter, T>>;
  readonly clients: Readonly<Record<ClientView, T>>;
};

export type Outcome = OutcomeOf<number>;

/** What an outcome says besides counters and clients. */
export const AMOUNTS = ['acceptQueue', 'synRecv', 'synAcks', 'resets', 'socketDrops'] as const;

function fields<K extends string, T>(names: readonly K[], make: (name: K) => T): Record<K, T> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<K, T>;
}

/** One outcome of several, number by number. */
export function combine<T>(
  outcomes: readonly Outcome[],
  combined: (values: readonly number[]) => T,
): OutcomeOf<T> {
  return {
    ...fields(AMOUNTS, (name) => combined(outcomes.map((outcome) => outcome[name]))),
    counters: fields(LOAD_COUNTERS, (name) => combined(outcomes.map(({ counters }) => counters[name]))),
    clients: fields(CLIENT_VIEWS, (name) => combined(outcomes.map(({ clients }) => clients[name]))),
  };
}
