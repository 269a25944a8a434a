import * as z from 'zod';
import { Conflict, Plan, Skipped } from '../plan/plan.ts';

/** Something of a step that was not put back. */
export const Left = z.object({
  step: z.string(),
  why: z.enum(['foreign', 'failed', 'reboot', 'gone']),
  detail: z.string(),
});

/** What became of a transaction that an earlier run left unfinished. */
const Recovery = z.object({
  id: z.string(),
  was: z.enum(['applying', 'rolling-back']),
  left: z.array(Left),
});

/** Who has to call listen() again for the change to count. */
const Restart = z.object({
  unit: z.string().nullable(),
  subject: z.string(),
  /** Null where no `systemctl` does it. */
  action: z.enum(['restart', 'reload']).nullable(),
  command: z.string().nullable(),
  disruptive: z.boolean(),
});

/** What `apply --json` prints, of a dry run too. schemas/receipt.schema.json is generated from here. */
export const Receipt = z.object({
  kind: z.literal('receipt'),
  schemaVersion: z.literal(0),
  changed: z.boolean(),
  dryRun: z.boolean(),
  outcome: z.enum([
    'applied',
    'unchanged',
    'stale',
    'no-journal',
    'lock-lost',
    'undone',
    'declined',
    'conflict',
    'planned',
  ]),
  transaction: z.string().nullable(),
  /** What failed, where something did. */
  why: z.string().nullable(),
  left: z.array(Left),
  stale: z.array(z.object({ step: z.string(), planned: z.string().nullable(), found: z.string() })),
  recovered: z.array(Recovery),
  restart: z.array(Restart),
  leftOut: z.array(
    z.object({
      /** Null where it is about the drop-in as a whole. */
      key: z.string().nullable(),
      why: z.enum([...Conflict.shape.kind.options, ...Skipped.shape.why.exclude(['condition']).options]),
      message: z.string(),
    }),
  ),
  plan: Plan,
});
export type Receipt = z.infer<typeof Receipt>;

/** What `rollback --json` prints. */
export const RollbackDocument = z.object({
  kind: z.literal('rollback'),
  schemaVersion: z.literal(0),
  changed: z.boolean(),
  /** Why it ended before the last of its transactions. */
  stopped: z.enum(['SIGINT', 'SIGTERM', 'lock-lost', 'damaged']).nullable(),
  /** What is wrong with the transaction before which it ended; null where it did not end at one. */
  damaged: z.string().nullable(),
  transactions: z.array(
    z.object({
      id: z.string(),
      finished: z.boolean(),
      /** `to` is what a live value went back to; null for a file. */
      restored: z.array(z.object({ step: z.string(), to: z.string().nullable() })),
      left: z.array(Left),
    }),
  ),
  recovered: z.array(Recovery),
});
export type RollbackDocument = z.infer<typeof RollbackDocument>;

const Verdict = z.enum([
  'in-step',
  /** As it was set, and written to no file. */
  'until-boot',
  /** The live value was changed. */
  'drifted-live',
  /** It is as it should be, and the next boot brings another value. */
  'changes-at-boot',
  /** The line that sets it loses to another, or its file is not read. */
  'shadowed',
  'unknown-to-kernel',
  /** The sysctl files are read before the kernel module of the key is loaded. */
  'before-module',
  /** The live value, or what decides at boot, could not be read. */
  'unknown',
]);

/** What a run left in the middle, and what the next apply or rollback does about it first. */
export const Unfinished = z.object({
  id: z.string(),
  was: z.enum(['applying', 'rolling-back']),
  begunAt: z.string(),
  /** How many live values and files are put back. */
  values: z.int(),
  files: z.int(),
  /** How many are left as they are, for somebody else changed them since. */
  leftAlone: z.int(),
});

const Standing = z.object({
  key: z.string(),
  live: z.string().nullable(),
  boot: z.string().nullable(),
  /** The line that decides at boot; null where none does, and the kernel's own value comes. */
  bootFrom: z.object({ file: z.string(), line: z.int() }).nullable(),
  verdict: Verdict,
  /** A sentence, where the values do not say it. */
  why: z.string().nullable(),
});

/** What `status --json` prints. */
export const StatusDocument = z.object({
  kind: z.literal('status'),
  schemaVersion: z.literal(0),
  keys: z.array(
    Standing.extend({
      planned: z.string(),
      /** What a person may do about it, as instructions. */
      ways: z.array(z.string()),
    }),
  ),
  unfinished: z.array(Unfinished),
  journalSeen: z.boolean(),
  /** False where there are no live values at all, as of an image, whose kernel does not run. */
  liveSeen: z.boolean(),
  /** Keys that are none of ours, that sysctl files set and whose live value is another one. */
  othersDiffer: z.array(z.string()),
  /** With --all: every key that is none of ours and that a sysctl file sets. */
  others: z.array(Standing).nullable(),
});
export type StatusDocument = z.infer<typeof StatusDocument>;
