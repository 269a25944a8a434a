import { inputError, isUserError, UserError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import { type DocumentKind, describeIssues, parseJsonDocument } from '../core/json-document.ts';
import { Intent, TRANSACTION_SCHEMA_VERSION } from './transaction.ts';

const TRANSACTION: DocumentKind = {
  kind: 'transaction',
  schemaVersion: TRANSACTION_SCHEMA_VERSION,
  called: 'a transaction',
  howToMakeOne: 'what stood there before is kept in plain form beside it',
};

/**
 * Reads the intent.json of a transaction. A step of a kind that we do not know could not be undone, so it is refused.
 * @throws UserError (refused) in one sentence with the place: it is our own state, and no input that can be given anew
 */
export function parseIntent(text: string, file: string): Intent {
  try {
    return checked(text, file);
  } catch (thrown) {
    throw isUserError(thrown) ? asRefused(thrown) : thrown;
  }
}

function asRefused({ code, message, at, hint }: UserError): UserError {
  return new UserError({
    code,
    status: EXIT.refused,
    message,
    ...(at === undefined ? {} : { at }),
    ...(hint === undefined ? {} : { hint }),
  });
}

function checked(text: string, file: string): Intent {
  const parsed = Intent.safeParse(parseJsonDocument(text, file, TRANSACTION));
  if (parsed.success) return parsed.data;
  throw inputError('malformed-document', { file }, describeIssues(parsed.error.issues, TRANSACTION));
}
