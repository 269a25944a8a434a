import * as z from 'zod';
import { INT_MAX } from '../core/integers.ts';
import { LOAD_COUNTERS } from '../model/load.ts';

/** What real sockets can do without raw ones: no client answers a SYN-ACK late. */
const LAB_LOADS = ['syn', 'handshake'] as const;

/** One listener and what is sent to it. */
export const LabPoint = z.strictObject({
  backlog: z.int().min(-1).max(INT_MAX),
  somaxconn: z.int().min(0).max(INT_MAX),
  maxSynBacklog: z.int().min(-INT_MAX).max(INT_MAX),
  syncookies: z.int().min(0).max(255),
  abortOnOverflow: z.int().min(0).max(1),
  load: z.strictObject({
    kind: z.enum(LAB_LOADS),
    connections: z.int().min(0),
    prefilled: z.int().min(0),
  }),
});
export type LabPoint = z.infer<typeof LabPoint>;

const Count = z.int();

/** What this kernel did, in the numbers that the model predicts. */
export const Measurement = z.strictObject({
  /** Send-Q of the listener. */
  limit: Count,
  acceptQueue: Count,
  synRecv: Count,
  synAcks: Count,
  resets: Count,
  socketDrops: Count,
  counters: z.strictObject(
    Object.fromEntries(LOAD_COUNTERS.map((name) => [name, Count])) as Record<
      (typeof LOAD_COUNTERS)[number],
      typeof Count
    >,
  ),
});
export type Measurement = z.infer<typeof Measurement>;

/** From the bench to whoever started it, one for each point. */
export const BenchAnswer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('measured'), measurement: Measurement }),
  z.strictObject({ kind: z.literal('failed'), why: z.string() }),
]);

export type BenchAnswer = z.infer<typeof BenchAnswer>;

/** From the bench to the clients' network namespace. */
export const ClientOrder = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('link-up') }),
  z.strictObject({ kind: z.literal('load'), load: z.enum(LAB_LOADS), port: z.int(), connections: z.int() }),
  z.strictObject({ kind: z.literal('close') }),
]);
export type ClientOrder = z.infer<typeof ClientOrder>;

export const ClientAnswer = z.discriminatedUnion('kind', [
  /** `resent`: SYNs that were sent again meanwhile, or were about to be: nobody answered within a second. */
  z.strictObject({ kind: z.literal('done'), resent: z.int() }),
  z.strictObject({ kind: z.literal('failed'), why: z.string() }),
]);
export type ClientAnswer = z.infer<typeof ClientAnswer>;
