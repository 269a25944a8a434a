import * as z from 'zod';
import { PROFILE_NAME } from '../core/profile-name.ts';

export const PROFILE_SCHEMA_VERSION = 0;

export const RELATIONS = ['at-least', 'at-most', 'exactly'] as const;

const Name = z
  .string('expected a name such as web-frontend')
  .regex(PROFILE_NAME, 'expected a name of lower-case letters, digits and -, such as web-frontend');

function sentence(what: string) {
  return z.string(`expected ${what}`).regex(/\S/, `expected ${what}`);
}

const OneNumber = z.union(
  [z.number(), z.string()],
  'expected a number, alone or with a unit such as MiB, or keep',
);

const Value = z
  .union(
    [z.number(), z.string(), z.array(OneNumber)],
    'expected a number, alone or with a unit such as MiB, a list of them, or auto',
  )
  .describe('16384, 16MiB, [keep, keep, 16MiB], auto');

const When = z.strictObject(
  {
    kernel: z.exactOptional(z.string('expected bounds such as ">=5.4"').describe('>=5.4, >=4.15 <6.6')),
    memory: z.exactOptional(z.string('expected a bound such as ">=2GiB"').describe('>=2GiB')),
  },
  'expected kernel or memory',
);

const EXPECTED_ENTRY = 'expected at-least, at-most or exactly, with because and source';

const Entry = z
  .strictObject(
    {
      'at-least': z.exactOptional(Value),
      'at-most': z.exactOptional(Value),
      exactly: z.exactOptional(Value),
      because: sentence('a reason').describe('why this value: a part of a sentence, shown to users'),
      source: sentence('a source').describe('a man page, a kernel document, a commit, a measurement'),
      when: z.exactOptional(When),
      unchecked: z.exactOptional(
        z.literal(true, 'expected true').describe('the catalogue does not know the key; root vouches for it'),
      ),
    },
    EXPECTED_ENTRY,
  )
  .meta({ oneOf: RELATIONS.map((relation) => ({ required: [relation] })) });
export type Entry = z.infer<typeof Entry>;

/** A profile as it is written. What a value may be depends on its key: src/profile/value.ts. */
export const ProfileDocument = z.strictObject(
  {
    kind: z.literal('profile', "expected 'profile'"),
    schemaVersion: z.literal(PROFILE_SCHEMA_VERSION, `expected ${PROFILE_SCHEMA_VERSION}`),
    name: Name,
    summary: sentence('what the profile is for, in a sentence'),
    extends: z.exactOptional(z.array(Name, 'expected a list of profiles')),
    settings: z.exactOptional(
      z.record(
        z.string(),
        z.union([Entry, z.array(Entry).min(1, 'expected at least one setting')], EXPECTED_ENTRY),
        'expected sysctl keys with their settings',
      ),
    ),
    protect: z.exactOptional(
      z.record(z.string(), sentence('a reason'), 'expected sysctl keys, each with a reason'),
    ),
  },
  'expected the fields of a profile',
);

/** Every field that there is, to say which one was meant. */
export const PROFILE_FIELDS: readonly string[] = [
  ...Object.keys(ProfileDocument.shape),
  ...Object.keys(Entry.shape),
  ...Object.keys(When.shape),
];
