import * as z from 'zod';
import { CLIENT_VIEWS, LOAD_COUNTERS, LOAD_KINDS } from '../model/load.ts';
import { AcceptQueueLimits, Interval, SynQueue } from './queues-document.ts';

/** Each number, and beside it its range where it is not certain. */
function numbers<const N extends string>(names: readonly N[]) {
  type Shape = { [K in N]: z.ZodNumber } & { [K in `${N}Range`]: z.ZodExactOptional<typeof Interval> };
  const fields = names.flatMap((name) => [
    [name, z.number()],
    [`${name}Range`, z.exactOptional(Interval)],
  ]);
  return Object.fromEntries(fields) as Shape;
}

const After = z.object({
  ...numbers(['synRecv', 'acceptQueue', 'synAcks', 'resets', 'socketDrops']),
  counters: z.object(numbers(LOAD_COUNTERS)),
  clients: z.object(numbers(CLIENT_VIEWS)),
});

/** What `model --json` prints, and `model --batch` for each line. schemas/model.schema.json is generated from here. */
export const ModelDocument = z.object({
  kind: z.literal('model'),
  schemaVersion: z.literal(0),
  kernel: z.object({
    release: z.string(),
    version: z.string().nullable(),
    versionRange: z.tuple([z.string(), z.string()]).nullable(),
    /** Measured from 5.10 on; older rows were read in source. */
    evidence: z.enum(['measured', 'source-derived']),
  }),
  acceptQueue: AcceptQueueLimits,
  synQueue: SynQueue,
  halfOpen: z.object({
    synAckSeconds: z.array(z.number()),
    lifetimeSeconds: z.number(),
    pruning: z.object({ kept: z.int(), afterSeconds: z.number() }).nullable(),
  }),
  /** Null where the socket does not take Fast Open. */
  fastOpen: z.object(numbers(['limit'])).nullable(),
  sockets: z.int(),
  /** Of all sockets of a SO_REUSEPORT group together; null for one socket. */
  group: z.object(numbers(['acceptQueueCapacity', 'synQueueCapacity'])).nullable(),
  load: z.object({ kind: z.enum(LOAD_KINDS), connections: z.int(), prefilled: z.int() }).nullable(),
  /** Null without a load, and on kernels before 4.4, whose events are not modelled. */
  after: After.nullable(),
});
export type ModelDocument = z.infer<typeof ModelDocument>;
