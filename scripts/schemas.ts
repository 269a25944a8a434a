import * as z from 'zod';
import { AuditDocument } from '../src/report/audit-document.ts';
import { Snapshot } from '../src/snapshot/snapshot.ts';

function render(title: string, schema: z.ZodType, io: 'input' | 'output'): string {
  return `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io }) }, null, 2)}\n`;
}

/** The published schemas by file name under schemas/. A test holds that the files are these. */
export function renderSchemas(): ReadonlyMap<string, string> {
  return new Map([
    ['audit.schema.json', render('What backlogctl audit --json prints', AuditDocument, 'output')],
    ['snapshot.schema.json', render('The facts that backlogctl collects about a host', Snapshot, 'input')],
  ]);
}
