import * as z from 'zod';

export const PLAN_SCHEMA_VERSION = 0;

const Place = z.strictObject({ file: z.string(), line: z.int().min(1) });

/**
 * What a rule required when it was planned. Its finding goes once the plan is carried out, and the requirement has to
 * outlive it, or the next plan would take the change back.
 */
export const Standing = z.strictObject({
  netns: z.string(),
  key: z.string(),
  relation: z.enum(['at-least', 'at-most', 'exactly']),
  value: z.string(),
  rule: z.string(),
  finding: z.string(),
  text: z.string(),
});
export type Standing = z.infer<typeof Standing>;

/** Who asks for a change and why, in words that can be read without us. */
export const Reason = z.strictObject({
  by: z.enum(['profile', 'rule', 'withdrawn']),
  /** Of the profile or the rule; of a `withdrawn` one, what it was that no longer asks for it. */
  name: z.string(),
  text: z.string(),
  source: z.exactOptional(z.string()),
  at: z.exactOptional(Place),
});
export type Reason = z.infer<typeof Reason>;

/** Bytes, mode and owner of a regular file: `text` where the bytes are UTF-8, else `base64`. */
export const FileState = z
  .strictObject({
    text: z.exactOptional(z.string()),
    base64: z.exactOptional(z.string()),
    mode: z.string().regex(/^0[0-7]{3}$/, 'expected a mode such as 0644'),
    uid: z.int().nonnegative(),
    gid: z.int().nonnegative(),
  })
  .refine(
    ({ text, base64 }) => (text === undefined) !== (base64 === undefined),
    'expected text or base64, and not both',
  );
export type FileState = z.infer<typeof FileState>;

/** `from` is the difference, the precondition, what undo restores and the test for a no-op, all in one. */
export const LiveStep = z.strictObject({
  id: z.string(),
  kind: z.literal('live'),
  target: z.strictObject({ netns: z.string(), key: z.string() }),
  from: z.string(),
  to: z.string(),
  /** The key stands in no catalogue, and a profile of root's vouched for it. */
  unchecked: z.exactOptional(z.literal(true)),
  because: z.array(Reason),
});
export type LiveStep = z.infer<typeof LiveStep>;

/**
 * A line of somebody else's file that would win a key of ours back. The step leaves it commented out, as it found it or
 * not, or gives it back.
 */
export const TakenLine = z.strictObject({
  file: z.string(),
  /** As the file was before the step. */
  line: z.int().min(1),
  text: z.string(),
  /** Its bytes, where they are no UTF-8. */
  base64: z.exactOptional(z.string()),
  /** The key of ours. */
  key: z.string(),
  change: z.enum(['comment-out', 'keep', 'restore']),
});
export type TakenLine = z.infer<typeof TakenLine>;

/** null: no file stands there. */
export const FileStep = z.strictObject({
  id: z.string(),
  kind: z.literal('file'),
  target: z.strictObject({ path: z.string() }),
  from: FileState.nullable(),
  to: FileState.nullable(),
  because: z.array(Reason),
  /** Of a file that is somebody else's: all that the step changes in it. */
  takeover: z.exactOptional(z.array(TakenLine)),
});
export type FileStep = z.infer<typeof FileStep>;

export const Step = z.discriminatedUnion('kind', [LiveStep, FileStep]);
export type Step = z.infer<typeof Step>;

/** A requirement that is met already. */
export const NoOp = z.strictObject({
  netns: z.string(),
  key: z.string(),
  value: z.string(),
  why: z.enum(['live-and-boot', 'kernel-default', 'set-by-file']),
  at: z.exactOptional(Place),
  because: z.array(Reason),
});
export type NoOp = z.infer<typeof NoOp>;

/** A key that a line of the drop-in is about and whose live value is right already: what undoing must not touch. */
export const Kept = z.strictObject({ netns: z.string(), key: z.string(), value: z.string() });
export type Kept = z.infer<typeof Kept>;

const ConflictKind = z.enum([
  /** Two requirements that no value meets. */
  'contradiction',
  /** A line that is read after the drop-in sets another value. */
  'shadowed',
  /** Another program sets another value after the loader has run. */
  'won-back',
  /** The value would fall, and nobody said --allow-lower. */
  'lowers',
  /** The members of a vector would be out of order, or the value out of range. */
  'invalid',
  /** Nothing reads the drop-in at boot. */
  'no-loader',
  /** No drop-in can be written, or none would last. */
  'not-kept',
  /** What decides at boot, or what is set now, could not be read. */
  'unknown',
]);

/** Something that a person has to decide. The steps leave its key out. */
export const Conflict = z.strictObject({
  kind: ConflictKind,
  netns: z.string(),
  /** null where it is about the drop-in as a whole. */
  key: z.string().nullable(),
  message: z.string(),
  at: z.exactOptional(Place),
  /** What a person may do about it, as instructions. */
  ways: z.array(z.string()),
  /** The `--file-name` under which our lines would decide these and all other keys of the plan at boot. */
  fileName: z.exactOptional(z.string()),
  /** With `--takeover` the lines that win are commented out, and ours decides. */
  takeover: z.exactOptional(z.literal(true)),
  because: z.array(Reason),
});
export type Conflict = z.infer<typeof Conflict>;

/** A requirement that this host does not take, with the reason; nobody has to decide anything. */
export const Skipped = z.strictObject({
  netns: z.string(),
  key: z.string(),
  why: z.enum([
    'protected',
    'unsupported',
    'not-in-catalogue',
    'read-only-here',
    'no-memory-for-it',
    'no-facts',
    'condition',
  ]),
  message: z.string(),
  because: z.array(Reason),
});
export type Skipped = z.infer<typeof Skipped>;

/** What a person has to do beside or after the steps. */
export const Manual = z.strictObject({
  kind: z.enum([
    'relisten',
    'edit-config',
    'set-in-container',
    'delete-line',
    'change-other-manager',
    'investigate',
  ]),
  subject: z.string(),
  instruction: z.string(),
  command: z.string().nullable(),
  unit: z.string().nullable(),
  disruptive: z.boolean(),
  /** Whether it only makes sense once the steps are done. */
  after: z.boolean(),
  at: z.exactOptional(Place),
});
export type Manual = z.infer<typeof Manual>;

/** Said before anything is written: what a step does besides, or what cannot be taken back. */
export const Warning = z.strictObject({ key: z.string(), message: z.string() });
export type Warning = z.infer<typeof Warning>;

/** The exact change set. A pure value: carrying it out needs nothing else of whoever made it. */
export const Plan = z.strictObject({
  kind: z.literal('plan'),
  schemaVersion: z.literal(PLAN_SCHEMA_VERSION),
  madeAt: z.string(),
  host: z.strictObject({
    machineId: z.string().nullable(),
    kernel: z.string(),
    memoryBytes: z.number().nullable(),
  }),
  profiles: z.array(z.string()),
  standing: z.array(Standing),
  steps: z.array(Step),
  kept: z.array(Kept),
  noOps: z.array(NoOp),
  conflicts: z.array(Conflict),
  skipped: z.array(Skipped),
  manual: z.array(Manual),
  warnings: z.array(Warning),
});
export type Plan = z.infer<typeof Plan>;
