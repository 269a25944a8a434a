import { inputError } from '../core/errors.ts';
import { type DocumentKind, describeIssues, parseJsonDocument } from '../core/json-document.ts';
import { findJsonValue } from '../core/json-position.ts';
import { SNAPSHOT_SCHEMA_VERSION, Snapshot } from './snapshot.ts';

const SNAPSHOT: DocumentKind = {
  kind: 'snapshot',
  schemaVersion: SNAPSHOT_SCHEMA_VERSION,
  called: 'a snapshot',
  howToMakeOne: '`backlogctl snapshot --out FILE` makes a snapshot',
};

/**
 * Reads a snapshot that somebody saved, or wrote by hand: fields that it does not know are ignored, and one that is
 * null counts as left out.
 * @param file its name, for messages only
 * @throws UserError in one sentence for anything else: no JSON, another kind, a later schema, a field that does not fit
 */
export function parseSnapshot(text: string, file: string): Snapshot {
  const json = text.replace(/^\ufeff/, '');
  const document = parseJsonDocument(json, file, SNAPSHOT);
  const parsed = Snapshot.safeParse(withoutNulls(document));
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const at = findJsonValue(json, issues[0]?.path ?? []);
  throw inputError('malformed-document', { file, ...at }, describeIssues(issues, SNAPSHOT));
}

/** Iterative, for JSON may be nested deeper than the stack. Elements of lists stay: one that is null fits nowhere. */
function withoutNulls(document: object): object {
  const pending: object[] = [document];
  for (let holder = pending.pop(); holder !== undefined; holder = pending.pop()) {
    for (const [name, value] of Object.entries(holder)) {
      if (typeof value === 'object' && value !== null) pending.push(value);
      if (value === null && !Array.isArray(holder)) Reflect.deleteProperty(holder, name);
    }
  }
  return document;
}
