import type { Reverter } from '../../src/core/ports.ts';

/** Where nothing is to be confirmed. */
export const NO_REVERTER: Reverter = {
  prove: async () => 'there is none here',
  arm: async () => 'there is none here',
  isArmed: async () => true,
  disarm: async () => undefined,
};

type RecordingReverter = Reverter & { readonly calls: readonly string[] };

/** Notes what is asked of it, and does nothing. */
export function recordingReverter(
  answers: { readonly prove?: string; readonly arm?: string; readonly isArmed?: boolean } = {},
) {
  const calls: string[] = [];
  const reverter: RecordingReverter = {
    calls,
    prove: async (id) => {
      calls.push(`prove ${id}`);
      return answers.prove ?? null;
    },
    arm: async (id, milliseconds) => {
      calls.push(`arm ${id} ${milliseconds}`);
      return answers.arm ?? null;
    },
    isArmed: async () => answers.isArmed ?? true,
    disarm: async (id) => {
      calls.push(`disarm ${id}`);
    },
  };
  return reverter;
}
