import * as z from 'zod';

/**
 * What a host is asked to carry: from the answers of a person, or from watching it. A field left out is not known,
 * and nothing is derived from it.
 */
export const Workload = z.object({
  /** New connections to the busiest listener, in a burst. */
  connectionsPerSecond: z.exactOptional(z.number().positive()),
  /** How long its program may go without an accept(). */
  longestStallMilliseconds: z.exactOptional(z.number().positive()),
  /** Of one connection that is to be filled, not of the network card. */
  bandwidthBitsPerSecond: z.exactOptional(z.number().positive()),
  roundTripMilliseconds: z.exactOptional(z.number().positive()),
});
export type Workload = z.infer<typeof Workload>;
