import type { LabPoint } from './protocol.ts';

/** Limits where the formulas bend: around the powers of two and the usual values. */
const SMALL_LIMITS = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 17, 31, 32, 33, 50, 63, 64, 100, 127, 128, 129, 200, 255, 256,
  300, 400, 511, 512,
] as const;
/** Each takes thousands of connections. */
const LARGE_LIMITS = [1023, 1024, 2048, 4096] as const;
const MAX_SYN_BACKLOGS = [1, 2, 3, 4, 7, 8, 16, 64, 128, 341, 1024, 2048, 4096, 16_384] as const;
const SYNCOOKIES = [0, 1, 2] as const;
const LOADS = ['syn', 'handshake'] as const;
/** Beyond what fits, so that what happens then is seen too. */
const BEYOND = 6;

/** How much of the accept queue is taken before the load. */
const PREFILLS = ['none', 'some', 'all'] as const;

function prefilledOf(prefill: (typeof PREFILLS)[number], limit: number): number {
  switch (prefill) {
    case 'none':
      return 0;
    case 'some':
      return Math.ceil((limit + 1) / 2);
    case 'all':
      return limit + 1;
  }
}

/** The limit of an accept queue is the smaller of two numbers, and each of them decides in turn. */
function queueOf(limit: number, index: number): Pick<LabPoint, 'backlog' | 'somaxconn'> {
  // A program of ours cannot ask for a backlog of 0.
  if (limit === 0 || index % 3 === 0) return { backlog: limit + 1 + (index % 7), somaxconn: limit };
  if (index % 3 === 1) return { backlog: limit, somaxconn: limit + (index % 5) };
  return { backlog: -1, somaxconn: limit };
}

function pick<T>(values: readonly T[], index: number): T {
  const value = values[index % values.length];
  if (value === undefined) throw new RangeError('nothing to pick from');
  return value;
}

function pointOf(limit: number, index: number, mixed: number): LabPoint {
  const prefill = pick(PREFILLS, Math.floor(mixed / 84));
  return {
    ...queueOf(limit, index),
    maxSynBacklog: pick(MAX_SYN_BACKLOGS, mixed),
    syncookies: pick(SYNCOOKIES, Math.floor(mixed / 14)),
    abortOnOverflow: Math.floor(mixed / 42) % 2,
    load: {
      kind: pick(LOADS, index),
      connections: limit + 1 + BEYOND,
      prefilled: prefilledOf(prefill, limit),
    },
  };
}

/** All combinations of the settings: 14 of tcp_max_syn_backlog, 3 of tcp_syncookies, 2 of the abort, 3 of the prefill. */
const COMBINATIONS = 14 * 3 * 2 * 3;
/** Has no divisor in common with the combinations, so that it meets each of them once. */
const STRIDE = 55;

export const DEFAULT_GRID_POINTS = 240;

/**
 * A grid of so many points, always the same for the same number. Limits up to 512 in turn, and a few larger ones
 * at its end; the settings in steps that meet every combination.
 */
export function grid(points: number): readonly LabPoint[] {
  const large = Math.min(LARGE_LIMITS.length * 2, Math.floor(points / 30));
  return Array.from({ length: points }, (_, index) => {
    const fromEnd = points - 1 - index;
    const limit =
      fromEnd < large
        ? pick(LARGE_LIMITS, Math.floor(fromEnd / 2))
        : pick(SMALL_LIMITS, Math.floor(index / 2));
    return pointOf(limit, index, (index * STRIDE) % COMBINATIONS);
  });
}
