import * as z from 'zod';

export const Interval = z.tuple([z.number(), z.number()]);

/** An uncertain number stands beside its range; `n` is the lower end then. */
export const AcceptQueueLimits = z.object({
  limit: z.number(),
  limitRange: z.exactOptional(Interval),
  capacity: z.number(),
  capacityRange: z.exactOptional(Interval),
});

export const SynQueue = z.object({
  hardLimit: z.number(),
  hardLimitRange: z.exactOptional(Interval),
  unprovenCapacity: z.number(),
  unprovenCapacityRange: z.exactOptional(Interval),
  provenCapacity: z.number(),
  provenCapacityRange: z.exactOptional(Interval),
  whenFull: z.enum(['cookies', 'drop']),
});
