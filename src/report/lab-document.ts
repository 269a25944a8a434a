import * as z from 'zod';
import { LabPoint } from '../lab/protocol.ts';

/** What `lab --json` prints. schemas/lab.schema.json is generated from here. */
export const LabDocument = z.object({
  kind: z.literal('lab'),
  schemaVersion: z.literal(0),
  kernel: z.object({
    release: z.string(),
    version: z.string().nullable(),
    versionRange: z.tuple([z.string(), z.string()]).nullable(),
  }),
  /** How many points agree in every number. */
  exact: z.int(),
  total: z.int(),
  points: z.array(
    LabPoint.extend({
      exact: z.boolean(),
      numbers: z.array(
        z.object({
          name: z.string(),
          /** From the least to the most that the model says. */
          predicted: z.tuple([z.number(), z.number()]),
          measured: z.number(),
          agrees: z.boolean(),
        }),
      ),
    }),
  ),
});
export type LabDocument = z.infer<typeof LabDocument>;
