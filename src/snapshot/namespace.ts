import * as z from 'zod';
import { factOf } from './fact.ts';
import { Environment } from './host.ts';
import { Listener } from './listener.ts';

/** Counters of /proc/net/netstat at one moment; `at` in seconds from the first sample. */
export const Sample = z.object({
  at: z.number().nonnegative(),
  counters: z.record(z.string(), z.number()),
});
export type Sample = z.infer<typeof Sample>;

/** A network namespace: /proc/sys/net, the sockets and the counters are its own. */
export const Namespace = z.object({
  /** Inode of the namespace, as in /proc/PID/ns/net. */
  id: z.string(),
  name: z.string(),
  environment: z.exactOptional(Environment),
  /** False where the sysctl files of the snapshot are applied to another namespace, which is the host's own. */
  initial: z.exactOptional(z.boolean()),
  /** Raw text by dotted key: some values exceed 2^53. */
  sysctls: z.record(z.string(), factOf(z.string())),
  listeners: z.exactOptional(z.array(Listener)),
  samples: z.exactOptional(z.array(Sample)),
});
export type Namespace = z.infer<typeof Namespace>;
