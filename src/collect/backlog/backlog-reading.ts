import { type Fact, known, type Unknown, unknown } from '../../core/fact.ts';
import type { FileLine } from '../../snapshot/fact.ts';
import type { BacklogSource } from '../../snapshot/listener.ts';

/** A process that holds the socket. `exe` is what the link leads to; null where it may not be read. */
export type ListenerOwner = {
  readonly comm: string;
  readonly pid: number;
  readonly exe: string | null;
  readonly commandLine: readonly string[];
  readonly unit: string | null;
};

/**
 * What a listener asked for. `backlog` says where from as a BacklogSource, `backlogAt` is set for `config` only, and
 * `unit` is the .socket unit where systemd listens. None of it holds any text of a command line.
 */
export type BacklogReading = {
  readonly server?: string;
  readonly backlog?: Fact<number>;
  readonly backlogAt?: FileLine;
  readonly unit?: string;
};

/** listen(fd, -1), compared as unsigned: as much as somaxconn allows. */
export const UNBOUNDED = 4_294_967_295;

/** How the kernel compares a number that a program hands to listen(2) as an int; null where it is none. */
export function asBacklog(text: string): number | null {
  if (!/^[+-]?\d{1,10}$/.test(text)) return null;
  const number = Number(text);
  if (number > UNBOUNDED || number < -(2 ** 31)) return null;
  return number < 0 ? number + 2 ** 32 : number;
}

export function backlogFrom(source: BacklogSource, value: number): Fact<number> {
  return known(value, source);
}

/** A part of the configuration that could not be read may hold the setting. */
export function unreadConfig(problem: Unknown): Unknown {
  const reason = problem.detail === undefined ? '' : `: ${problem.detail}`;
  return unknown(problem.why, `its configuration could not be read${reason}`);
}
