import * as z from 'zod';
import { FileLine, factOf } from './fact.ts';

export const Process = z.object({
  /** The kernel's comm, at most 15 bytes. */
  name: z.string(),
  pid: z.int().positive(),
});
export type Process = z.infer<typeof Process>;

/** Where a requested backlog comes from. */
export const BacklogSource = z.enum(['config', 'command-line', 'default', 'derived', 'inferred', 'unknown']);
export type BacklogSource = z.infer<typeof BacklogSource>;

const common = {
  /** Connections in the accept queue now: Recv-Q of `ss`. */
  length: z.exactOptional(z.int().nonnegative()),
  /** sk_max_ack_backlog: Send-Q of `ss`. Left out where only /proc/net could be read. */
  limit: z.exactOptional(z.int().nonnegative()),
  inode: z.exactOptional(z.int().nonnegative()),
  uid: z.exactOptional(z.int().nonnegative()),
  /** sk_drops of this socket: a pointer to which listener lost something, not a count of lost connections. */
  drops: z.exactOptional(z.int().nonnegative()),
  processes: z.exactOptional(z.array(Process)),
  /** Id of a server in src/servers, or whatever an earlier or later version of us calls it. */
  server: z.exactOptional(z.string()),
  /**
   * The `listen()` argument, -1 as 4294967295 (the kernel compares it unsigned); `from` is a BacklogSource.
   */
  backlog: z.exactOptional(factOf(z.int().min(-1).max(4294967295))),
  backlogAt: z.exactOptional(FileLine),
  unit: z.exactOptional(z.string()),
  cgroup: z.exactOptional(z.string()),
};

export const TcpListener = z.object({
  protocol: z.literal('tcp'),
  /** Without brackets or zone; `*` for a socket that takes IPv4 and IPv6. */
  address: z.string(),
  port: z.int().min(0).max(65535),
  zone: z.exactOptional(z.string()),
  v6only: z.exactOptional(z.boolean()),
  ...common,
});
export type TcpListener = z.infer<typeof TcpListener>;

export const UnixListener = z.object({
  protocol: z.literal('unix'),
  /** As `ss` writes it: an abstract name begins with `@`. May hold any character. */
  path: z.string(),
  ...common,
});
export type UnixListener = z.infer<typeof UnixListener>;

export const Listener = z.discriminatedUnion('protocol', [TcpListener, UnixListener]);
export type Listener = z.infer<typeof Listener>;
