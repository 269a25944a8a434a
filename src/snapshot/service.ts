import * as z from 'zod';
import { FileLine, factOf } from './fact.ts';

/** A service that matters although it may have no listener now, such as one that refused to start. */
export const Service = z.object({
  name: z.string(),
  state: z.exactOptional(z.string()),
  server: z.exactOptional(z.string()),
  backlog: z.exactOptional(factOf(z.int().min(-1).max(4294967295))),
  backlogAt: z.exactOptional(FileLine),
});
export type Service = z.infer<typeof Service>;
