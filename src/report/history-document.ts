import * as z from 'zod';
import { Who } from '../apply/transaction.ts';
import { Step } from '../plan/plan.ts';
import { Left, Unfinished, Waiting } from './change-document.ts';

const State = z.enum([
  'begun',
  /** It may still be confirmed, or its time is over: then it is among the unfinished. */
  'waiting',
  'confirming',
  'committed',
  'undoing',
  'undone',
  'rolling-back',
  'rolled-back',
]);

/** What restores by hand, by its path in the directory of the transaction. */
const Kept = z.object({
  file: z.string(),
  /** As SHA256SUMS tells. `unchecked`: it is there, and nothing tells. */
  condition: z.enum(['whole', 'altered', 'missing', 'unchecked']),
});

/** A transaction that cannot be read, or several in a row that are missing. */
const Damaged = z.object({
  id: z.string(),
  lastId: z.string(),
  kind: z.enum(['damaged', 'later', 'missing']),
  at: z.object({ file: z.string(), line: z.exactOptional(z.int()), column: z.exactOptional(z.int()) }),
  why: z.string(),
  kept: z.array(Kept),
  /** What a person may do about it, and what to type for it. */
  ways: z.array(z.object({ instruction: z.string(), command: z.string().nullable() })),
});

/** What `history --json` prints. */
export const HistoryDocument = z.object({
  kind: z.literal('history'),
  schemaVersion: z.literal(0),
  transactions: z.array(
    z.object({
      id: z.string(),
      at: z.string(),
      state: State,
      who: Who,
      why: z.string().nullable(),
      profiles: z.array(z.string()),
      steps: z.array(Step),
      endedAt: z.string().nullable(),
      left: z.array(Left),
    }),
  ),
  unfinished: z.array(Unfinished),
  waiting: Waiting.nullable(),
  damaged: z.array(Damaged),
  /** Numbers that are not in the list: pruned, for they were over, or put aside by hand as `lost`. */
  setAside: z.array(z.object({ first: z.int(), last: z.int(), how: z.enum(['pruned', 'lost']) })),
});
export type HistoryDocument = z.infer<typeof HistoryDocument>;

const Id = z.string().nullable();

/** `by`: the transaction that did it since; null for somebody else, or where nothing was done. */
const Now = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('as-set'), by: Id }),
  z.object({ kind: z.literal('as-before'), by: Id }),
  z.object({ kind: z.literal('changed'), found: z.string(), by: Id }),
  /** This kernel has no such key. */
  z.object({ kind: z.literal('gone') }),
  z.object({ kind: z.literal('not-seen'), why: z.string() }),
]);

/** What `history show --json` prints. */
export const TransactionDocument = z.object({
  kind: z.literal('transaction-report'),
  schemaVersion: z.literal(0),
  id: z.string(),
  state: State,
  who: Who.extend({
    /** Of the uid and of the login, as /etc/passwd names them. */
    userName: z.string().nullable(),
    loginName: z.string().nullable(),
  }),
  why: z.string().nullable(),
  kernel: z.string(),
  /** `none` of an image, of which no kernel runs; `unknown` where no kernel runs here. */
  boot: z.enum(['this', 'earlier', 'none', 'unknown']),
  profiles: z.array(z.string()),
  /** The oldest first. */
  events: z.array(
    z.object({
      at: z.string(),
      kind: State,
      /** Why it is being undone. */
      why: z.string().nullable(),
    }),
  ),
  steps: z.array(z.object({ step: Step, started: z.boolean(), now: Now })),
  left: z.array(Left),
  /** What takes it back, and the transactions that are taken back before; null where nothing is to be. */
  undo: z
    .object({
      command: z.enum(['rollback', 'recover']),
      options: z.array(z.string()),
      before: z.array(z.string()),
    })
    .nullable(),
  /** Until it goes back by itself; null where it does not wait to be confirmed. */
  secondsLeft: z.number().nullable(),
  byHand: z.object({
    directory: z.string(),
    /** As they are typed in the directory; of an image in a chroot. */
    commands: z.array(z.string()),
    kept: z.array(Kept),
  }),
});
export type TransactionDocument = z.infer<typeof TransactionDocument>;
