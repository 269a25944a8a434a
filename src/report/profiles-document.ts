import * as z from 'zod';

/** What the subcommands of `profiles` print with --json. The schemas are generated from here. */

const Place = z.object({ file: z.string(), line: z.int() });

export const ProfilesDocument = z.object({
  kind: z.literal('profiles'),
  schemaVersion: z.literal(0),
  profiles: z.array(
    z.object({
      name: z.string(),
      /** Null where the file cannot be used, and `problem` says why. */
      summary: z.string().nullable(),
      origin: z.enum(['shipped', 'own']),
      file: z.string(),
      problem: z.string().nullable(),
    }),
  ),
});
export type ProfilesDocument = z.infer<typeof ProfilesDocument>;

const Setting = z.object({
  key: z.string(),
  relation: z.enum(['at-least', 'at-most', 'exactly']),
  /** As it is written. */
  value: z.string(),
  /** Conditions, such as `kernel >=5.4`. */
  when: z.array(z.string()),
  because: z.string(),
  source: z.string(),
  unchecked: z.boolean(),
  /** The one that says so, which may be a parent. */
  profile: z.string(),
  at: Place,
  /** What it comes to on this host. */
  here: z.object({
    value: z.string().nullable(),
    because: z.string().nullable(),
    notApplied: z
      .object({
        kind: z.enum(['condition', 'unsupported', 'no-memory-for-it', 'no-facts']),
        why: z.string(),
      })
      .nullable(),
    live: z.string().nullable(),
  }),
});

export const ProfileReport = z.object({
  kind: z.literal('profile-report'),
  schemaVersion: z.literal(0),
  name: z.string(),
  summary: z.string(),
  file: z.string(),
  /** Parents first, itself last. */
  lineage: z.array(z.string()),
  settings: z.array(Setting),
  protect: z.array(z.object({ key: z.string(), because: z.string(), by: z.string() })),
});
export type ProfileReport = z.infer<typeof ProfileReport>;

export const ProfileValidation = z.object({
  kind: z.literal('profile-validation'),
  schemaVersion: z.literal(0),
  name: z.string(),
  file: z.string(),
  lineage: z.array(z.string()),
  keys: z.array(z.string()),
});
export type ProfileValidation = z.infer<typeof ProfileValidation>;
