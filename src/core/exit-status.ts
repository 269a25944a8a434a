import type { Signal } from './signals.ts';

/** What the process answers to its caller. The whole contract stands in docs/exit-status.md. */
export const EXIT = {
  done: 0,
  findings: 1,
  badInput: 2,
  failedAndRestored: 3,
  failedNotRestored: 4,
  refused: 5,
  changesPending: 6,
  internal: 70,
  tryAgain: 75,
  interrupted: 130,
  terminated: 143,
} as const;

/** What a run ends with that a signal interrupted, once nothing of it is left in the middle. */
export function signalStatus(signal: Signal): ExitStatus {
  return signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
}

/** What a run ends with that says no more than what went wrong. */
export const ERROR_STATUSES = [
  EXIT.badInput,
  EXIT.failedNotRestored,
  EXIT.refused,
  EXIT.internal,
  EXIT.tryAgain,
] as const;
export type ErrorStatus = (typeof ERROR_STATUSES)[number];

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];
