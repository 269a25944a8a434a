import type * as z from 'zod';
import { inputError } from '../core/errors.ts';
import { findJsonFault, findJsonValue } from './json-position.ts';
import { SNAPSHOT_SCHEMA_VERSION, Snapshot } from './snapshot.ts';

/**
 * Reads a snapshot that somebody saved, or wrote by hand: fields that it does not know are ignored, and one that is
 * null counts as left out.
 * @param file its name, for messages only
 * @throws UserError in one sentence for anything else: no JSON, another kind, a later schema, a field that does not fit
 */
export function parseSnapshot(text: string, file: string): Snapshot {
  const json = text.replace(/^\ufeff/, '');
  const document = parseJson(json, file);
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw inputError('wrong-kind', { file }, 'not a snapshot: it holds no JSON object', HOW_TO_MAKE_ONE);
  }
  checkKind('kind' in document ? document.kind : undefined, file);
  checkVersion('schemaVersion' in document ? document.schemaVersion : undefined, file);
  const parsed = Snapshot.safeParse(withoutNulls(document));
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const at = findJsonValue(json, issues[0]?.path ?? []);
  throw inputError('malformed-document', { file, ...at }, describeIssues(issues));
}

const HOW_TO_MAKE_ONE = '`backlogctl snapshot --out FILE` makes a snapshot';

function parseJson(text: string, file: string): unknown {
  if (text.trim() === '') throw inputError('malformed-document', { file }, 'it is empty', HOW_TO_MAKE_ONE);
  if (looksBinary(text)) {
    throw inputError('malformed-document', { file }, 'not JSON but binary data', HOW_TO_MAKE_ONE);
  }
  try {
    return JSON.parse(text);
  } catch {
    const fault = findJsonFault(text);
    if (fault === null) throw inputError('malformed-document', { file }, 'not readable as JSON');
    const { line, column, cutOff } = fault;
    const message = cutOff ? 'the JSON is cut off here' : 'not JSON from here on';
    throw inputError('malformed-document', { file, line, column }, message);
  }
}

/** A NUL never stands in JSON; bytes that are no UTF-8 have become U+FFFD. */
function looksBinary(text: string): boolean {
  const start = text.slice(0, 4096);
  return start.includes('\0') || (start.match(/\ufffd/g)?.length ?? 0) > start.length / 10;
}

function checkKind(kind: unknown, file: string): void {
  if (kind === 'snapshot') return;
  const what =
    typeof kind === 'string' ? `a document of kind '${kind.slice(0, 40)}'` : "a document without a 'kind'";
  throw inputError('wrong-kind', { file }, `not a snapshot but ${what}`, HOW_TO_MAKE_ONE);
}

function checkVersion(version: unknown, file: string): void {
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 0) {
    const what = version === undefined ? "it has no 'schemaVersion'" : "its 'schemaVersion' is no version";
    throw inputError(
      'malformed-document',
      { file },
      `${what}: this version reads ${SNAPSHOT_SCHEMA_VERSION}`,
      HOW_TO_MAKE_ONE,
    );
  }
  if (version <= SNAPSHOT_SCHEMA_VERSION) return;
  throw inputError(
    'later-schema',
    { file },
    `its schema version ${version} is later than ${SNAPSHOT_SCHEMA_VERSION}, the last that this version reads`,
    'read it with the version that wrote it, or a later one',
  );
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

type Issue = z.core.$ZodIssue;

function describeIssues(issues: readonly Issue[]): string {
  const [first, ...others] = issues;
  if (first === undefined) return 'not a snapshot';
  const more = others.length === 0 ? '' : ` (and ${others.length} more like it)`;
  return `${fieldPath(first.path)}: ${expectation(first)}${more}`;
}

/** `namespaces[0].sysctls["net.core.somaxconn"].value` */
function fieldPath(path: readonly PropertyKey[]): string {
  return path
    .map((step) => {
      if (typeof step === 'number') return `[${step}]`;
      const name = String(step);
      return /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
    })
    .join('')
    .replace(/^\./, '');
}

function expectation(issue: Issue): string {
  const message = issue.message
    .replace(/^Invalid input: /, '')
    .replace(/^(expected .*), received undefined$/, 'missing, $1');
  return `${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}
