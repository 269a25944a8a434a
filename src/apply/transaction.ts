import * as z from 'zod';
import { Plan } from '../plan/plan.ts';

export const TRANSACTION_SCHEMA_VERSION = 0;

/** Who ran us: the user that logged in stays known through sudo and su. */
export const Who = z.strictObject({
  uid: z.int(),
  loginUid: z.int().nullable(),
  sudoUser: z.string().nullable(),
});
export type Who = z.infer<typeof Who>;

/** intent.json of a transaction: everything that was meant, and on which host, before anything was done. */
export const Intent = z.strictObject({
  kind: z.literal('transaction'),
  schemaVersion: z.literal(TRANSACTION_SCHEMA_VERSION),
  id: z.string().regex(/^\d{6}$/),
  at: z.string(),
  who: Who,
  why: z.string().nullable(),
  machineId: z.string().nullable(),
  bootId: z.string().nullable(),
  /** Inode of the network namespace; null for an image. It says nothing in a later boot. */
  netns: z.string().nullable(),
  /**
   * When the first process of this system was started, in clock ticks since the boot (field 22 of /proc/1/stat): another
   * one in the same boot is a container that was started again. Null for an image.
   */
  initStart: z.int().nullable(),
  kernel: z.string(),
  memoryBytes: z.number().nullable(),
  plan: Plan,
});
export type Intent = z.infer<typeof Intent>;

/** As much of an intent as tells whether we know the kinds of its steps. */
export const StepKinds = z.looseObject({
  plan: z.looseObject({ steps: z.array(z.looseObject({ kind: z.string() })) }),
});

/** What a transaction has to know of the host, to tell later whether its old values still count. */
export type HostFacts = Pick<
  Intent,
  'machineId' | 'bootId' | 'netns' | 'initStart' | 'kernel' | 'memoryBytes'
>;

/** The same, and who runs us. */
export type RunFacts = HostFacts & Pick<Intent, 'who'>;

/** As much of it as tells whether what was set may stand. */
export type Whereabouts = Pick<HostFacts, 'bootId' | 'netns' | 'initStart'>;
