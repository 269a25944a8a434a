/**
 * A message as spans, so that rules say what a word is and reporters decide how it looks.
 * Text that came from the host may hold any character: only `plainText` and the reporters turn spans
 * into output, and both escape control characters first.
 */
export type SpanKind = 'plain' | 'key' | 'value' | 'path' | 'command' | 'name';

export type Span = { readonly kind: SpanKind; readonly text: string };

export type Text = readonly Span[];

type Part = Span | Text | string | number;

function isText(part: Span | Text): part is Text {
  return Array.isArray(part);
}

function spansOf(part: Part): Text {
  if (typeof part === 'string' || typeof part === 'number') return [{ kind: 'plain', text: String(part) }];
  return isText(part) ? part : [part];
}

/** Tagged template: the literal parts are plain, the inserted ones keep the kind that they were given. */
export function text(literals: TemplateStringsArray, ...parts: readonly Part[]): Text {
  return literals
    .flatMap((literal, index) => {
      const part = parts[index];
      return [{ kind: 'plain' as const, text: literal }, ...(part === undefined ? [] : spansOf(part))];
    })
    .filter((span) => span.text !== '');
}

function spanOf(kind: SpanKind) {
  return (content: string | number): Span => ({ kind, text: String(content) });
}

/** A sysctl key, a directive or an option. */
export const key = spanOf('key');
export const value = spanOf('value');
export const path = spanOf('path');
/** Something to type. */
export const command = spanOf('command');
/** A server, process, unit or listener. */
export const name = spanOf('name');

/** `a`, `a and b`, `a, b and c`, `a, b, c and 7 more`. */
export function list(items: readonly Text[], most = 5): Text {
  const shown = items.length > most ? items.slice(0, most) : items;
  const rest = items.length - shown.length;
  const last = rest > 0 ? text`${rest} more` : shown.at(-1);
  const head = rest > 0 ? shown : shown.slice(0, -1);
  if (last === undefined) return [];
  if (head.length === 0) return last;
  return [
    ...head.flatMap((item, index) => (index === 0 ? [...item] : [...text`, `, ...item])),
    ...text` and `,
    ...last,
  ];
}

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

function escapeOne(character: string): string {
  const short = SHORT_ESCAPES.get(character);
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** A value as a sentence or a file shows it: on one line, with one blank between its words. */
export function spaced(content: string): string {
  return content.trim().replace(/\s+/g, ' ');
}

/**
 * Makes text from the host safe for a terminal: control characters, the bidirectional and zero-width ones,
 * line separators and lone surrogates become visible escapes. Idempotent on what it returns.
 */
export function escapeControls(content: string): string {
  return content.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]|(?! )\p{Zs}/gu, escapeOne);
}

export function plainText(content: Text): string {
  return content.map((span) => escapeControls(span.text)).join('');
}
