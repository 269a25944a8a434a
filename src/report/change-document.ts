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
  /** `waiting`: for a confirmation that did not come. */
  was: z.enum(['applying', 'waiting', 'confirming', 'rolling-back']),
  left: z.array(Left),
});

/** A step whose target is not as it was planned from, or set. */
const Stale = z.object({ step: z.string(), planned: z.string().nullable(), found: z.string() });

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
    /** Live values are set, and go back unless they are confirmed. */
    'waiting',
    'unchanged',
    'stale',
    'no-journal',
    'lock-lost',
    'undone',
    'declined',
    /** A signal came before anything was begun. */
    'interrupted',
    'conflict',
    'planned',
  ]),
  transaction: z.string().nullable(),
  /** Until it goes back by itself; null where nothing waits to be confirmed. */
  secondsLeft: z.number().nullable(),
  /** What failed, where something did. */
  why: z.string().nullable(),
  left: z.array(Left),
  stale: z.array(Stale),
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

/** What `confirm --json` prints. */
export const ConfirmDocument = z.object({
  kind: z.literal('confirm'),
  schemaVersion: z.literal(0),
  /**
   * `changed`: somebody changed something since, and it still waits. `no-record`: it could not be noted, and goes back
   * when its time is over, or with the next run.
   * `interrupted`: a signal came before anything was begun, and it waits.
   */
  outcome: z.enum(['applied', 'changed', 'no-record', 'interrupted', 'undone']),
  transaction: z.string(),
  why: z.string().nullable(),
  left: z.array(Left),
  stale: z.array(Stale),
  restart: z.array(Restart),
});
export type ConfirmDocument = z.infer<typeof ConfirmDocument>;

/** What `recover --json` prints. */
export const RecoveryDocument = z.object({
  kind: z.literal('recovery'),
  schemaVersion: z.literal(0),
  changed: z.boolean(),
  /** Why what is older was not looked at, where a part of the journal is damaged. */
  damaged: z.string().nullable(),
  recovered: z.array(Recovery),
});
export type RecoveryDocument = z.infer<typeof RecoveryDocument>;

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
      restored: z.array(
        z.object({
          step: z.string(),
          to: z.string().nullable(),
          /** Of a file that somebody else changed since the lines that we commented out were given back alone. */
          linesOnly: z.exactOptional(z.literal(true)),
        }),
      ),
      left: z.array(Left),
    }),
  ),
  recovered: z.array(Recovery),
});
export type RollbackDocument = z.infer<typeof RollbackDocument>;

const Verdict = z.enum([
  'in-step',
  'set-at-boot',
  'set-when-added',
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

/** What goes back by itself unless somebody confirms it. */
export const Waiting = z.object({ id: z.string(), secondsLeft: z.number() });

/** What a run left in the middle, and what the next apply or rollback does about it first. */
export const Unfinished = z.object({
  id: z.string(),
  was: z.enum(['applying', 'waiting', 'confirming', 'rolling-back']),
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
  waiting: Waiting.nullable(),
  journalSeen: z.boolean(),
  /** False where there are no live values at all, as of an image, whose kernel does not run. */
  liveSeen: z.boolean(),
  /** Keys that are none of ours, that sysctl files set and whose live value is another one. */
  othersDiffer: z.array(z.string()),
  /** With --all: every key that is none of ours and that a sysctl file sets. */
  others: z.array(Standing).nullable(),
});
export type StatusDocument = z.infer<typeof StatusDocument>;
