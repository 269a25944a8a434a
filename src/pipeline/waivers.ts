import * as z from 'zod';
import { didYouMean, inputError, nearest, type Position, type UserError } from '../core/errors.ts';
import { fieldError, parseYaml } from '../core/yaml-document.ts';
import type { Waiver } from '../rules/finding.ts';
import { findRule, RULES } from '../rules/registry.ts';

const WaiverEntry = z.strictObject({
  rule: z.string('expected the id of a rule'),
  subject: z.exactOptional(z.string('expected the id of a listener, or a key')),
  until: z.exactOptional(z.iso.date('expected a date such as 2027-01-31')),
  reason: z.string('expected a reason').min(1, 'expected a reason'),
});

const Config = z.strictObject(
  { ignore: z.exactOptional(z.array(WaiverEntry, 'expected a list of waivers')) },
  'expected fields such as ignore',
);

const FIELDS = [...Object.keys(Config.shape), ...Object.keys(WaiverEntry.shape)];

/**
 * Reads /etc/backlogctl/config.yaml.
 * @throws UserError with file:line:column for bad YAML, unknown fields and a waiver without a reason
 */
export function parseWaivers(text: string, file: string): readonly Waiver[] {
  const document = parseYaml(text, file);
  const parsed = Config.safeParse(document.content ?? {});
  if (!parsed.success) throw fieldError(parsed.error, document, FIELDS);
  const ignore = parsed.data.ignore ?? [];
  for (const [index, { rule }] of ignore.entries()) {
    if (findRule(rule) === undefined) throw unknownRule(rule, document.at(['ignore', index, 'rule']));
  }
  return ignore.map(({ rule, subject, until, reason }) => ({
    rule,
    subject: subject ?? null,
    until: until ?? null,
    reason,
  }));
}

/** A waiver for a rule that does not exist would never hold, and nobody would notice. */
function unknownRule(rule: string, at: Position): UserError {
  const near = nearest(
    rule,
    RULES.map(({ id }) => id),
  );
  return inputError('malformed-document', at, `unknown rule '${rule}'`, didYouMean(near));
}
