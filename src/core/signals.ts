/** What asks a run to end; a terminal that is closed (SIGHUP) asks for it as SIGTERM does. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Which of the two a run says it was ended by. */
export type Signal = 'SIGINT' | 'SIGTERM';

/** null for a signal that is none of those. */
export function endingSignal(signal: NodeJS.Signals): Signal | null {
  if (signal === 'SIGINT') return signal;
  return signal === 'SIGTERM' || signal === 'SIGHUP' ? 'SIGTERM' : null;
}
