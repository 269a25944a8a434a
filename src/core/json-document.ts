import { looksBinary } from './binary.ts';
import { inputError } from './errors.ts';
import { findJsonFault } from './json-position.ts';

/** One kind of JSON document that we write and read. */
export type DocumentKind = {
  readonly kind: string;
  /** The last schema version that this version of ours reads. */
  readonly schemaVersion: number;
  /** As in `not a snapshot`. */
  readonly called: string;
  /** How to come by one. */
  readonly howToMakeOne: string;
};

/**
 * The object in a document of ours, its kind and version checked, its fields not.
 * @param file its name, for messages only
 * @throws UserError in one sentence with the place, for what is no JSON, of another kind or of a later version
 */
export function parseJsonDocument(json: string, file: string, expected: DocumentKind): object {
  const document = parseJson(json, file, expected);
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    const message = `not ${expected.called}: it holds no JSON object`;
    throw inputError('wrong-kind', { file }, message, expected.howToMakeOne);
  }
  checkKind('kind' in document ? document.kind : undefined, file, expected);
  checkVersion('schemaVersion' in document ? document.schemaVersion : undefined, file, expected);
  return document;
}

/** @throws UserError with the place, for what is no JSON */
export function parseJson(
  text: string,
  file: string,
  { howToMakeOne }: Pick<DocumentKind, 'howToMakeOne'>,
): unknown {
  if (text.trim() === '') throw inputError('malformed-document', { file }, 'it is empty', howToMakeOne);
  if (looksBinary(text)) {
    throw inputError('malformed-document', { file }, 'not JSON but binary data', howToMakeOne);
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

function checkKind(kind: unknown, file: string, expected: DocumentKind): void {
  if (kind === expected.kind) return;
  const what =
    typeof kind === 'string' ? `a document of kind '${kind.slice(0, 40)}'` : "a document without a 'kind'";
  throw inputError('wrong-kind', { file }, `not ${expected.called} but ${what}`, expected.howToMakeOne);
}

function checkVersion(version: unknown, file: string, { schemaVersion, howToMakeOne }: DocumentKind): void {
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 0) {
    const what = version === undefined ? "it has no 'schemaVersion'" : "its 'schemaVersion' is no version";
    const message = `${what}: this version reads ${schemaVersion}`;
    throw inputError('malformed-document', { file }, message, howToMakeOne);
  }
  if (version <= schemaVersion) return;
  throw inputError(
    'later-schema',
    { file },
    `its schema version ${version} is later than ${schemaVersion}, the last that this version reads`,
    'read it with the version that wrote it, or a later one',
  );
}

/** What zod says of a field that does not fit, as far as we repeat it; of a name that does not, `issues` says why. */
type Issue = {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly issues?: readonly { readonly message: string }[];
};

/** `namespaces[0].length: expected number, received string (and 3 more like it)` */
export function describeIssues(issues: readonly Issue[], { called }: Pick<DocumentKind, 'called'>): string {
  const [first, ...others] = issues;
  if (first === undefined) return `not ${called}`;
  const more = others.length === 0 ? '' : ` (and ${others.length} more like it)`;
  const where = first.path.length === 0 ? '' : `${fieldPath(first.path)}: `;
  return `${where}${expectation(first)}${more}`;
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
  const message = (issue.issues?.[0] ?? issue).message
    .replace(/^Invalid input: /, '')
    .replace(/^(expected .*), received undefined$/, 'missing, $1');
  return `${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}
