import { distance } from 'fastest-levenshtein';
import { type ErrorStatus, EXIT } from './exit-status.ts';

export const ERROR_CODES = [
  'usage',
  'unknown-name',
  'unreadable',
  'unwritable',
  'malformed-document',
  'later-schema',
  'wrong-kind',
  'refused',
  'busy',
] as const;
type ErrorCode = (typeof ERROR_CODES)[number];

export type Position = { readonly file: string; readonly line?: number; readonly column?: number };

type Details = {
  readonly code: ErrorCode;
  readonly status: ErrorStatus;
  readonly message: string;
  readonly at?: Position | undefined;
  /** One sentence: what to type or look at next. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Thrown when something of the host had been changed already, or may have been. */
  readonly afterChange?: boolean;
};

/**
 * A failure that the user can do something about: one sentence, no stack. Everything else that is thrown is a
 * bug of ours and ends as EXIT.internal at the boundary in main.ts.
 */
export class UserError extends Error {
  readonly code: ErrorCode;
  readonly status: ErrorStatus;
  readonly at: Position | undefined;
  readonly hint: string | undefined;
  readonly afterChange: boolean;

  constructor(details: Details) {
    super(details.message, { cause: details.cause });
    this.name = 'UserError';
    this.code = details.code;
    this.status = details.status;
    this.at = details.at;
    this.hint = details.hint;
    this.afterChange = details.afterChange ?? false;
  }
}

/** Recognised by name: an error may come from another realm, where `instanceof` answers no. */
export function isUserError(thrown: unknown): thrown is UserError {
  return typeof thrown === 'object' && thrown !== null && 'name' in thrown && thrown.name === 'UserError';
}

/** The same error, of a run that had changed something before. */
export function afterChange({ code, status, message, at, hint, cause }: UserError): UserError {
  return new UserError({
    code,
    status,
    message,
    cause,
    afterChange: true,
    at,
    hint,
  });
}

/** What was thrown, in its own words: anything can be. */
export function messageOf(thrown: unknown): string {
  const speaks = typeof thrown === 'object' && thrown !== null && 'message' in thrown;
  return String(speaks ? thrown.message : thrown);
}

export function usageError(message: string, hint?: string): UserError {
  return new UserError({
    code: 'usage',
    status: EXIT.badInput,
    message,
    hint,
  });
}

/** What cannot be done here, and takes a person to decide. */
export function refusedError(message: string, hint?: string): UserError {
  return new UserError({
    code: 'refused',
    status: EXIT.refused,
    message,
    hint,
  });
}

/**
 * A command, option, key, rule, loader or target that does not exist; names the nearest ones that do.
 * @param lister the command that lists them, for where none is near
 */
export function unknownNameError(
  what: string,
  given: string,
  candidates: readonly string[],
  lister?: string,
): UserError {
  const listed = lister === undefined ? undefined : `${lister} lists what there is`;
  const hint = didYouMean(nearest(given, candidates)) ?? listed;
  return new UserError({
    code: 'unknown-name',
    status: EXIT.badInput,
    message: `unknown ${what} '${given}'`,
    hint,
  });
}

export function inputError(
  code: Extract<
    ErrorCode,
    'unreadable' | 'unwritable' | 'malformed-document' | 'later-schema' | 'wrong-kind'
  >,
  at: Position,
  message: string,
  hint?: string,
): UserError {
  return new UserError({ code, status: EXIT.badInput, at, message, hint });
}

export function positionText({ file, line, column }: Position): string {
  return [file, line, column].filter((part) => part !== undefined).join(':');
}

export function didYouMean(near: readonly string[]): string | undefined {
  return near.length === 0 ? undefined : `did you mean ${near.map((each) => `'${each}'`).join(' or ')}?`;
}

/** At most three candidates that a typing error could have turned into `given`, nearest first. */
export function nearest(given: string, candidates: readonly string[]): readonly string[] {
  const typed = given.toLowerCase();
  // Two letters in the wrong order count as two edits, so a short word has that much reach too.
  const reach = typed.length < 4 ? 1 : Math.max(2, Math.floor(typed.length / 3));
  return candidates
    .map((candidate) => ({ candidate, away: distance(typed, candidate.toLowerCase()) }))
    .filter(
      ({ candidate, away }) =>
        away <= reach || (typed.length >= 4 && candidate.toLowerCase().includes(typed)),
    )
    .sort((a, b) => a.away - b.away)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}
