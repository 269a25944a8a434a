import { isUserError, messageOf, positionText, type UserError } from '../core/errors.ts';
import { EXIT, type ExitStatus } from '../core/exit-status.ts';
import { jsonText } from '../core/json.ts';
import { escapeControls } from '../core/text.ts';
import type { ErrorDocument } from '../report/error-document.ts';
import { STANDARD_OUTPUT, type Terminal } from './terminal.ts';

/** Read off the raw arguments: parsing them may be what failed. */
export type ErrorStyle = { readonly json: boolean; readonly verbose: boolean };

export function errorStyleOf(argv: readonly string[]): ErrorStyle {
  const format = argv.indexOf('--format');
  return {
    json:
      argv.includes('--json') ||
      argv.includes('--format=json') ||
      (format >= 0 && argv[format + 1] === 'json'),
    verbose: argv.includes('--verbose') || argv.includes('-v'),
  };
}

function userErrorText({ at, message, hint }: UserError): string {
  const place = at === undefined ? '' : `${positionText(at)}: `;
  return escapeControls(`backlogctl: ${place}${message}${hint === undefined ? '' : `; ${hint}`}`);
}

function errorJson(error: Omit<ErrorDocument, 'kind' | 'schemaVersion'>): string {
  const document: ErrorDocument = { kind: 'error', schemaVersion: 0, ...error };
  return `${jsonText(document)}\n`;
}

export function userErrorJson({ code, status, message, afterChange, at, hint }: UserError): string {
  const changed = afterChange ? null : false;
  return errorJson({ code, status, message, changed, at: at ?? null, hint: hint ?? null });
}

function internalJson(message: string): string {
  return errorJson({ code: 'internal', status: EXIT.internal, message, changed: null, at: null, hint: null });
}

/** A stack begins with the message, which may hold text from the host; only its line ends are ours. */
function stackOf(thrown: unknown): string {
  const stack =
    typeof thrown === 'object' && thrown !== null && 'stack' in thrown ? String(thrown.stack) : 'no stack';
  return stack.split('\n').map(escapeControls).join('\n');
}

/** The only place where what was thrown becomes words and an exit status. */
export async function reportError(
  thrown: unknown,
  { json, verbose }: ErrorStyle,
  terminal: Terminal,
): Promise<ExitStatus> {
  if (isUserError(thrown)) {
    const canWrite = thrown.at?.file !== STANDARD_OUTPUT;
    if (json && canWrite) await terminal.write(userErrorJson(thrown));
    else terminal.note(`${userErrorText(thrown)}\n`);
    return thrown.status;
  }
  const message = messageOf(thrown);
  if (json) await terminal.write(internalJson(message));
  else terminal.note(`backlogctl: internal error: ${escapeControls(message)} (--verbose shows where)\n`);
  if (verbose) terminal.note(`${stackOf(thrown)}\n`);
  return EXIT.internal;
}
