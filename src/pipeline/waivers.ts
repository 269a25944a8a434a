import { LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import { inputError } from '../core/errors.ts';
import type { Waiver } from '../rules/finding.ts';

const WaiverEntry = z.strictObject({
  rule: z.string(),
  subject: z.exactOptional(z.string()),
  until: z.exactOptional(z.iso.date('expected a date such as 2027-01-31')),
  reason: z.string().min(1, 'expected a reason'),
});

const Config = z.strictObject({ ignore: z.exactOptional(z.array(WaiverEntry)) });

type Place = { readonly line: number; readonly column: number };

/**
 * Reads /etc/backlogctl/config.yaml.
 * @throws UserError with file:line:column for bad YAML, unknown fields and a waiver without a reason
 */
export function parseWaivers(text: string, file: string): readonly Waiver[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: 'core', uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw inputError('malformed-document', { file, line, column: col }, firstLine(error.message));
  }
  const parsed = Config.safeParse(document.toJS({ maxAliasCount: 20 }) ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path ?? [];
    const node = document.getIn(
      where.filter((part) => typeof part !== 'symbol'),
      true,
    );
    throw inputError(
      'malformed-document',
      { file, ...positionOf(node, lines) },
      `${where.length === 0 ? 'the document' : where.join('.')}: ${issue?.message ?? 'not a configuration'}`,
    );
  }
  return (parsed.data.ignore ?? []).map(({ rule, subject, until, reason }) => ({
    rule,
    subject: subject ?? null,
    until: until ?? null,
    reason,
  }));
}

function firstLine(message: string): string {
  return message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message;
}

function positionOf(node: unknown, lines: LineCounter): Place | Record<string, never> {
  const hasRange = typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
  if (!hasRange) return {};
  // yaml's nodes carry [start, value end, node end] as offsets.
  const { line, col } = lines.linePos((node as { range: [number, number, number] }).range[0]);
  return { line, column: col };
}
