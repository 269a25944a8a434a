import * as z from 'zod';
import { INT_MAX, INT_MIN, UINT_MAX } from '../core/integers.ts';
import { LOAD_KINDS, MOST_CONNECTIONS } from './load.ts';

const MOST_SOCKETS = 4096;

const Integer = z.int().min(INT_MIN).max(INT_MAX);
const Connections = z.int().min(0).max(MOST_CONNECTIONS);
/** What a person or a program asks the model. Only the first three have to be there. */
export const ModelRequest = z.strictObject({
  /** A release, `uname -rv` or `uname -a`, the line of /proc/version or of /proc/version_signature. */
  kernel: z.string().max(1000),
  /** As it is passed to listen(): negative numbers and their unsigned form alike. */
  backlog: z.int().min(INT_MIN).max(UINT_MAX),
  somaxconn: z.int().min(0).max(INT_MAX),
  maxSynBacklog: z.exactOptional(Integer),
  syncookies: z.exactOptional(Integer),
  abortOnOverflow: z.exactOptional(Integer),
  synackRetries: z.exactOptional(z.int().min(0).max(255)),
  deferAccept: z.exactOptional(z.boolean()),
  /** Sockets of one SO_REUSEPORT group. */
  sockets: z.exactOptional(z.int().min(1).max(MOST_SOCKETS)),
  /** The value of the socket option TCP_FASTOPEN. */
  fastOpen: z.exactOptional(z.int().min(INT_MIN).max(UINT_MAX)),
  load: z.exactOptional(
    z.strictObject({
      kind: z.enum(LOAD_KINDS),
      connections: Connections,
      prefilled: z.exactOptional(Connections),
    }),
  ),
});
export type ModelRequest = z.infer<typeof ModelRequest>;
