import { inputError, isUserError, UserError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import { type DocumentKind, describeIssues, parseJsonDocument } from '../core/json-document.ts';
import { Step } from '../plan/plan.ts';
import { Intent, StepKinds, TRANSACTION_SCHEMA_VERSION } from './transaction.ts';

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

const STEP_KINDS: readonly unknown[] = Step.options.map(({ shape }) => shape.kind.value);

/** @throws UserError for a step that only a later version can undo */
function checkStepKinds(document: object, file: string): void {
  const parsed = StepKinds.safeParse(document);
  const steps = parsed.success ? parsed.data.plan.steps : [];
  const unknown = steps.find(({ kind }) => !STEP_KINDS.includes(kind));
  if (unknown === undefined) return;
  throw inputError('later-schema', { file }, `a step of a later version: '${unknown.kind.slice(0, 40)}'`);
}

function checked(text: string, file: string): Intent {
  const document = parseJsonDocument(text, file, TRANSACTION);
  checkStepKinds(document, file);
  const parsed = Intent.safeParse(document);
  if (parsed.success) return parsed.data;
  throw inputError('malformed-document', { file }, describeIssues(parsed.error.issues, TRANSACTION));
}
