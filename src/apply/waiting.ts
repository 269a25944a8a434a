import { valueOr } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';
import type { Transaction } from './journal.ts';
import type { Deadline } from './records.ts';

/** This moment, as deadlines count. */
export type Moment = {
  /** null where /proc does not tell, and for an image. */
  readonly bootId: string | null;
  /** Milliseconds of CLOCK_BOOTTIME; null where /proc does not tell. */
  readonly bootTimeMs: number | null;
};

/** The first number of /proc/uptime: seconds of CLOCK_BOOTTIME, with two decimals (proc_uptime(5)). */
export function readBootTimeMs(reader: HostReader): number | null {
  const match = /^(\d+)\.(\d\d) /.exec(valueOr(reader.readText('/proc/uptime'), ''));
  return match === null ? null : Number(match[1]) * 1000 + Number(match[2]) * 10;
}

/** Milliseconds until the deadline; 0 once it is over, in a later boot too; null where nobody can tell. */
export function timeLeftMs({ bootId, bootTimeMs }: Deadline, now: Moment): number | null {
  if (now.bootId === null || now.bootTimeMs === null) return null;
  return now.bootId === bootId ? Math.max(0, bootTimeMs - now.bootTimeMs) : 0;
}

/** Whether the transaction may still be confirmed. */
export function isWaiting({ state }: Transaction, now: Moment): boolean {
  return state.kind === 'waiting' && (timeLeftMs(state.deadline, now) ?? 0) > 0;
}

/** What waits to be confirmed, and the milliseconds until it goes back. */
export type Waiting = { readonly id: string; readonly leftMs: number };

/** There is at most one: while it waits nothing else is applied. */
export function waitingOf(transactions: readonly Transaction[], now: Moment): Waiting | null {
  for (const { intent, state } of transactions) {
    const leftMs = state.kind === 'waiting' ? (timeLeftMs(state.deadline, now) ?? 0) : 0;
    if (leftMs > 0) return { id: intent.id, leftMs };
  }
  return null;
}
