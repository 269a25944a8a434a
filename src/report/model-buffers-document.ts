import * as z from 'zod';
import { Interval } from './queues-document.ts';

const From = z.enum(['given', 'default', 'default-by-memory']);

const Integer = z.object({ value: z.number(), valueRange: z.exactOptional(Interval), from: From });

const Buffer = z.object({
  min: z.number(),
  minRange: z.exactOptional(Interval),
  default: z.number(),
  defaultRange: z.exactOptional(Interval),
  max: z.number(),
  maxRange: z.exactOptional(Interval),
  from: From,
});

const Pages = z.object({
  low: z.number(),
  lowRange: z.exactOptional(Interval),
  pressure: z.number(),
  pressureRange: z.exactOptional(Interval),
  high: z.number(),
  highRange: z.exactOptional(Interval),
  from: From,
});

const Bound = z.enum(['receiver', 'sender', 'window-scale']);
const Verdict = z.enum(['enough', 'short', 'open']);

const Need = z.object({
  /** Bytes, as far as measured. */
  minimum: z.number(),
  minimumRange: z.exactOptional(Interval),
  recommended: z.number(),
  recommendedRange: z.exactOptional(Interval),
});

const End = z.enum(['receiver', 'sender']);
const Vector = z.enum(['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']);

const Change = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('sysctl'),
    end: End,
    key: Vector,
    member: z.literal('max'),
    atLeast: z.number(),
  }),
  z.object({
    kind: z.literal('socket-option'),
    end: End,
    option: z.enum(['SO_RCVBUF', 'SO_SNDBUF']),
    atLeast: z.number(),
    /** The sysctl that bounds the option, where it is too small. */
    cap: z
      .object({ key: z.enum(['net.core.rmem_max', 'net.core.wmem_max']), atLeast: z.number() })
      .nullable(),
    /** What is needed where the program does not set its buffer. */
    otherwise: z.object({ key: Vector, atLeast: z.number() }),
  }),
  /** No value of the key is large enough. */
  z.object({ kind: z.literal('out-of-reach'), end: End, key: z.literal('net.ipv4.tcp_rmem') }),
]);

/** Connections whose buffers are full. */
const Fit = z.object({
  receiving: z.number(),
  receivingRange: z.exactOptional(Interval),
  sending: z.number(),
  sendingRange: z.exactOptional(Interval),
});

/** What `model buffers --json` prints. schemas/model-buffers.schema.json is generated from here. */
export const BuffersDocument = z.object({
  kind: z.literal('model-buffers'),
  schemaVersion: z.literal(0),
  kernel: z.object({
    release: z.string(),
    version: z.string().nullable(),
    versionRange: z.tuple([z.string(), z.string()]).nullable(),
  }),
  memoryBytes: z.number().nullable(),
  mtu: z.int(),
  connections: z.int().nullable(),
  sysctls: z.object({
    'net.ipv4.tcp_rmem': Buffer.nullable(),
    'net.ipv4.tcp_wmem': Buffer.nullable(),
    'net.ipv4.tcp_mem': Pages.nullable(),
    'net.core.rmem_max': Integer.nullable(),
    'net.core.wmem_max': Integer.nullable(),
    'net.ipv4.tcp_adv_win_scale': Integer.nullable(),
    'net.core.somaxconn': Integer.nullable(),
  }),
  receiver: z.object({
    /** Whether the kernel sizes the buffer; false after SO_RCVBUF. */
    autotuned: z.boolean(),
    /** sk_rcvbuf at most. */
    rcvbuf: z.number(),
    rcvbufRange: z.exactOptional(Interval),
    window: z.number(),
    windowRange: z.exactOptional(Interval),
    firstWindow: z.number(),
    firstWindowRange: z.exactOptional(Interval),
    wscale: z.int(),
    wscaleRange: z.exactOptional(Interval),
    largestWindow: z.number(),
    largestWindowRange: z.exactOptional(Interval),
  }),
  sender: z.object({
    autotuned: z.boolean(),
    /** sk_sndbuf at most. */
    sndbuf: z.number(),
    sndbufRange: z.exactOptional(Interval),
    inFlight: z.number(),
    inFlightRange: z.exactOptional(Interval),
  }),
  /** What may be the least of what the ends allow. */
  boundBy: z.array(Bound),
  /** Null without a round trip. */
  path: z
    .object({
      roundTripMilliseconds: z.number(),
      bitsPerSecond: z.number(),
      bitsPerSecondRange: z.exactOptional(Interval),
      /** Null where no rate was asked for. */
      need: z
        .object({
          bandwidthBitsPerSecond: z.number(),
          bdp: z.number(),
          /** How many connections it takes at least. */
          connections: z.int(),
          /** Beyond the largest window of TCP. */
          impossible: z.boolean(),
          verdict: Verdict,
          verdicts: z.object({ receiver: Verdict, sender: Verdict, 'window-scale': Verdict }),
          receiver: Need,
          sender: Need.extend({ withBbr: z.number().nullable() }),
          changes: z.array(Change),
        })
        .nullable(),
    })
    .nullable(),
  memory: z.object({
    measuredOn: z.string(),
    requestBytes: z.number(),
    queuedConnectionBytes: z.number(),
    idleConnectionBytes: z.number(),
    synQueueBytes: z.number(),
    synQueueBytesRange: z.exactOptional(Interval),
    acceptQueueBytes: z.number(),
    acceptQueueBytesRange: z.exactOptional(Interval),
    /** Full buffers until the pressure of tcp_mem; null where that is not known. */
    untilPressure: Fit.extend({ recommended: Fit.nullable() }).nullable(),
  }),
  derivation: z.array(z.unknown()),
});
export type BuffersDocument = z.infer<typeof BuffersDocument>;
