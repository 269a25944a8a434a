import { didYouMean, inputError, nearest, type UserError } from '../core/errors.ts';
import { describeIssues } from '../core/json-document.ts';
import { findJsonFault, findJsonValue } from '../core/json-position.ts';
import { ModelRequest } from '../model/request.ts';

/** Where a line of a batch stands. */
export type LinePlace = { readonly file: string; readonly line: number };

type Issues = NonNullable<ReturnType<typeof ModelRequest.safeParse>['error']>['issues'];

function fieldsBelow(path: readonly PropertyKey[]): readonly string[] {
  return Object.keys(path[0] === 'load' ? ModelRequest.shape.load.unwrap().shape : ModelRequest.shape);
}

function malformed(issues: Issues, json: string, place: LinePlace): UserError {
  // A name that is misspelt is missing too, and says more.
  const first = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  const at = { ...place, column: findJsonValue(json, first?.path ?? []).column };
  if (first?.code !== 'unrecognized_keys')
    return inputError(
      'malformed-document',
      at,
      describeIssues(issues, { called: 'a question to the model' }),
    );
  const [field = ''] = first.keys;
  const hint = didYouMean(nearest(field, fieldsBelow(first.path)));
  return inputError('malformed-document', at, `unknown field '${field}'`, hint);
}

function parseLine(json: string, place: LinePlace): unknown {
  try {
    return JSON.parse(json);
  } catch {
    const fault = findJsonFault(json);
    const column = fault === null ? {} : { column: fault.column };
    const message =
      json.trim() === ''
        ? 'an empty line'
        : fault?.cutOff
          ? 'the JSON is cut off here'
          : 'not JSON from here on';
    throw inputError('malformed-document', { ...place, ...column }, message);
  }
}

/** One line of a batch. @throws UserError in one sentence with line and column */
export function parseModelRequest(json: string, place: LinePlace): ModelRequest {
  const parsed = ModelRequest.safeParse(parseLine(json, place));
  if (parsed.success) return parsed.data;
  throw malformed(parsed.error.issues, json, place);
}
