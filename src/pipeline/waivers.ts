import { type Document, LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import { didYouMean, inputError, nearest, type Position } from '../core/errors.ts';
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
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: 'core', uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) {
    throw inputError(
      'malformed-document',
      positionAt(error.pos[0], lines, file),
      withoutPosition(error.message),
    );
  }
  const parsed = Config.safeParse(document.toJS({ maxAliasCount: 20 }) ?? {});
  if (!parsed.success) throw invalid(parsed.error, document, lines, file);
  const ignore = parsed.data.ignore ?? [];
  for (const [index, { rule }] of ignore.entries()) {
    if (findRule(rule) === undefined)
      throw unknownRule(rule, offsetOf(document, ['ignore', index, 'rule']), lines, file);
  }
  return ignore.map(({ rule, subject, until, reason }) => ({
    rule,
    subject: subject ?? null,
    until: until ?? null,
    reason,
  }));
}

function invalid({ issues }: z.ZodError, document: Document, lines: LineCounter, file: string) {
  const [issue] = issues;
  const path = issue?.path.filter((part) => typeof part !== 'symbol') ?? [];
  const at = positionAt(offsetOf(document, path), lines, file);
  if (issue?.code === 'unrecognized_keys') {
    const [field = ''] = issue.keys;
    return inputError(
      'malformed-document',
      at,
      `unknown field '${field}'`,
      didYouMean(nearest(field, FIELDS)),
    );
  }
  const where = path.length === 0 ? '' : `${path.join('.')}: `;
  return inputError('malformed-document', at, `${where}${issue?.message ?? 'not a configuration'}`);
}

/** A waiver for a rule that does not exist would never hold, and nobody would notice. */
function unknownRule(rule: string, offset: number, lines: LineCounter, file: string) {
  const near = nearest(
    rule,
    RULES.map(({ id }) => id),
  );
  return inputError(
    'malformed-document',
    positionAt(offset, lines, file),
    `unknown rule '${rule}'`,
    didYouMean(near),
  );
}

/** yaml says the place within the message as well; we say it in front. */
function withoutPosition(message: string): string {
  return message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message;
}

function positionAt(offset: number, lines: LineCounter, file: string): Position {
  const { line, col } = lines.linePos(offset);
  return { file, line, column: col };
}

/** Where the node begins, or the nearest one around it: a missing field has no place of its own. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
    return Number(node.range[0]);
  }
  return path.length === 0 ? 0 : offsetOf(document, path.slice(0, -1));
}
