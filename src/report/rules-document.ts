import * as z from 'zod';

export const RuleFacts = z.object({
  id: z.string(),
  title: z.string(),
  why: z.string(),
  references: z.array(z.string()),
});

/** What `rules --json` and `rules show --json` print. schemas/rules.schema.json is generated from here. */
export const RulesDocument = z.object({
  kind: z.literal('rules'),
  schemaVersion: z.literal(0),
  /** `page` is a file of this project. */
  rules: z.array(RuleFacts.extend({ page: z.string() })),
});
export type RulesDocument = z.infer<typeof RulesDocument>;
