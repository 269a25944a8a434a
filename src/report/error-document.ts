import * as z from 'zod';
import { ERROR_CODES } from '../core/errors.ts';
import { ERROR_STATUSES } from '../core/exit-status.ts';

/** What a command that fails prints with `--json`. schemas/error.schema.json is generated from here. */
export const ErrorDocument = z.object({
  kind: z.literal('error'),
  schemaVersion: z.literal(0),
  code: z.enum([...ERROR_CODES, 'internal']),
  /** The exit status. */
  status: z.literal(ERROR_STATUSES),
  message: z.string(),
  /** Null where something of the host may have been changed before. */
  changed: z.literal(false).nullable(),
  at: z
    .object({ file: z.string(), line: z.exactOptional(z.int()), column: z.exactOptional(z.int()) })
    .nullable(),
  hint: z.string().nullable(),
});
export type ErrorDocument = z.infer<typeof ErrorDocument>;
