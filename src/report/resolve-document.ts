import * as z from 'zod';
import { OtherWriter } from '../snapshot/other-writer.ts';

const Origin = z.object({ file: z.string(), line: z.int() });

export const Shadowed = z.array(
  Origin.extend({
    value: z.string(),
    reason: z.enum([
      'masked-file',
      'file-not-read',
      'volatile-file',
      'later-file',
      'later-line',
      'repeated',
      'glob-beaten-by-key',
      'pattern-kept-off',
      'excluded',
      'unknown-key',
      'before-module',
      'refused-value',
      'not-writable',
      'passed-over',
      'not-reached',
      'side-effect',
    ]),
  }),
);

const Value = z.object({
  /** As the kernel shows it after the boot; null where that is not known. */
  value: z.string().nullable(),
  /** `unset`: no line sets it, and the kernel's own value stands. */
  kind: z.enum(['set', 'unset', 'unknown']),
  /** The line that decides, and the value as it has it; null where none does. */
  from: Origin.extend({ value: z.string() }).nullable(),
  /** The key whose write changes this one along with its own. */
  through: z.string().nullable(),
  /** Whether the interface of the key is not there, and this is what the key is once it is added. */
  whenAdded: z.boolean(),
  /** The line that takes the key back, or keeps patterns off it; null where none does. */
  excludedBy: Origin.nullable(),
  shadowed: Shadowed,
  /** Why it is unknown. */
  why: z.string().nullable(),
  /** Null where no kernel runs, or it may not be read. */
  live: z.string().nullable(),
  /** Who else sets it on this host, in the order in which they come at boot. */
  writers: z.array(OtherWriter),
  /** What stands once all have come; null where nobody is certain to change what the files leave. `through`: as above. */
  ending: z.object({ value: z.string(), by: OtherWriter, through: z.string().nullable() }).nullable(),
});

const Side = Value.pick({ value: true, kind: true, from: true, through: true });

/** What `sysctl resolve --json` prints. schemas/sysctl-resolution.schema.json is generated from here. */
export const ResolutionDocument = z.object({
  kind: z.literal('sysctl-resolution'),
  schemaVersion: z.literal(0),
  loader: z.string(),
  /** The files that the loader opens, in its order. */
  files: z.array(z.string()),
  /** A FIFO that keeps the loader from setting anything. */
  blocking: z.string().nullable(),
  /** Whose keys the lines were held against: `other-kernel` is the running one, for a tree without any. */
  keysOf: z.enum(['host', 'list', 'other-kernel', 'snapshot']),
  /** The writes that it tries, in its order. Keys in dotted form. */
  attempts: z.array(Origin.extend({ key: z.string(), value: z.string(), ignoreFailure: z.boolean() })),
  values: z.record(z.string(), Value),
  exitStatus: z.int(),
  messages: z.array(
    z.object({
      /** What the loader makes of it: `silent` is what it passes over without a word. */
      severity: z.enum(['silent', 'info', 'warning', 'error', 'abort']),
      file: z.string().nullable(),
      line: z.int().nullable(),
      message: z.string(),
    }),
  ),
  /** What could not be seen. */
  unseen: z.array(z.object({ what: z.string(), why: z.string() })),
});
export type ResolutionDocument = z.infer<typeof ResolutionDocument>;

/** What `sysctl resolve --compare --json` prints. schemas/sysctl-comparison.schema.json is generated from here. */
export const ComparisonDocument = z.object({
  kind: z.literal('sysctl-comparison'),
  schemaVersion: z.literal(0),
  boot: z.object({ loader: z.string(), exitStatus: z.int() }),
  byHand: z.object({ loader: z.string(), exitStatus: z.int() }),
  disagreements: z.array(
    z.object({
      key: z.string(),
      boot: Side,
      /** What another program leaves behind the boot's loader; null where none changes it. */
      later: z.string().nullable(),
      byHand: Side,
    }),
  ),
});
export type ComparisonDocument = z.infer<typeof ComparisonDocument>;
