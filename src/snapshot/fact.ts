import * as z from 'zod';

/** The JSON form of a Fact of core/fact.ts. */
export function factOf<T extends z.ZodType>(value: T) {
  return z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), value, from: z.exactOptional(z.string()) }),
    z.object({
      ok: z.literal(false),
      why: z.enum(['absent', 'denied', 'malformed', 'timed-out', 'not-collected']),
      detail: z.exactOptional(z.string()),
    }),
  ]);
}

/** A line of a file on the host; lines count from 1. */
export const FileLine = z.object({ file: z.string(), line: z.int().min(1) });
export type FileLine = z.infer<typeof FileLine>;
