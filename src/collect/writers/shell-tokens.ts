/** `text` without its quotes; a quoted word is none of the shell's own. */
export type Word = {
  readonly kind: 'word';
  readonly text: string;
  readonly isQuoted: boolean;
  readonly line: number;
};

/** What a here-document holds; `isLiteral` where the shell expands nothing in it. */
export type Body = { readonly text: string; readonly line: number; readonly isLiteral: boolean };

/** `2>/dev/null`: `to` is the word behind it, and `body` what stands in for a file. */
export type Redirect = {
  readonly kind: 'redirect';
  readonly descriptor: string;
  readonly operator: string;
  readonly to: string;
  body: Body | null;
};

type Operator = { readonly kind: 'operator'; readonly text: string };

export type Token = Word | Redirect | Operator;

type Cursor = { readonly text: string; at: number; line: number };

type Waiting = { readonly redirect: Redirect; readonly isLiteral: boolean };

const BLANK = /(?:[ \t\r\f\v]|\\\n)+/y;
const COMMENT = /#[^\n]*/y;
const REDIRECT = /(\d*)(<<<|<<-|<<|<&|<>|<|>>|>\||>&|>)|(&)(>>|>)/y;
const OPERATOR = /&&|\|\||\|&|;;&|;;|;&|[;|&()\n]/y;
const PLAIN = /[^\s\\'"`$<>|&;()]+/y;
const ARITHMETIC = /\(\([^\n]{0,200}?\)\)/y;
const NO_ARGUMENTS = /\([ \t]*\)/y;

function matchAt(pattern: RegExp, { text, at }: Cursor): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function advance(cursor: Cursor, end: number): string {
  const passed = cursor.text.slice(cursor.at, end);
  for (const character of passed) if (character === '\n') cursor.line += 1;
  cursor.at = end;
  return passed;
}

const CLOSER: Readonly<Record<string, string>> = { '(': ')', '{': '}' };

/** Where what opens at `start` ends: quotes, `$(…)`, `${…}` and brackets, one in the other. */
function endOfGroup(text: string, start: number): number {
  const open: string[] = [];
  let at = start;
  do {
    const character = text[at] ?? '';
    const top = open.at(-1);
    const opened = character === '$' ? CLOSER[text[at + 1] ?? ''] : undefined;
    if (character === '\\') at += 1;
    else if (character === top) open.pop();
    else if (character === '"' || character === '`') open.push(character);
    else if (opened !== undefined) {
      open.push(opened);
      at += 1;
    } else if (character === "'" && top !== '"') {
      const end = text.indexOf("'", at + 1);
      at = end < 0 ? text.length : end;
    } else if (character === '(' && top !== '"') open.push(')');
    at += 1;
  } while (open.length > 0 && at < text.length);
  return Math.min(at, text.length);
}

function withoutEscapes(quoted: string): string {
  return quoted.replace(/\\([\\"`\n])/g, (_, escaped: string) => (escaped === '\n' ? '' : escaped));
}

/** A quoted part of a word without its quotes; null for what is none. */
function quotedPart(cursor: Cursor): string | null {
  const { text, at } = cursor;
  switch (text[at]) {
    case "'":
    case '"': {
      const end = endOfGroup(text, at);
      const inner = advance(cursor, end).slice(
        1,
        text[end - 1] === text[at] && end - at > 1 ? -1 : undefined,
      );
      return text[at] === '"' ? withoutEscapes(inner) : inner;
    }
    case '\\':
      return advance(cursor, at + 2)
        .slice(1)
        .replace('\n', '');
    default:
      return null;
  }
}

/** A part of a word as it stands; null where the word has ended. */
function barePart(cursor: Cursor, isInside: boolean): string | null {
  const { text, at } = cursor;
  const plain = matchAt(PLAIN, cursor);
  if (plain !== null) return advance(cursor, at + plain[0].length);
  const character = text[at];
  // `$'…'` is a quoted part behind a sign that says nothing more.
  if (character === '$') return advance(cursor, CLOSER[text[at + 1] ?? ''] ? endOfGroup(text, at) : at + 1);
  const isGroup = character === '(' && isInside && matchAt(NO_ARGUMENTS, cursor) === null;
  return character === '`' || isGroup ? advance(cursor, endOfGroup(text, at)) : null;
}

function wordAt(cursor: Cursor): Word | null {
  const { at: start, line } = cursor;
  let text = '';
  let isQuoted = false;
  while (cursor.at < cursor.text.length) {
    const quoted = quotedPart(cursor);
    const part = quoted ?? barePart(cursor, cursor.at > start);
    if (part === null) break;
    isQuoted ||= quoted !== null;
    text += part;
  }
  return cursor.at === start ? null : { kind: 'word', text, isQuoted, line };
}

function redirectAt(cursor: Cursor, waiting: Waiting[]): Redirect | null {
  const found = matchAt(REDIRECT, cursor);
  if (found === null) return null;
  advance(cursor, cursor.at + found[0].length);
  const blank = matchAt(BLANK, cursor);
  if (blank !== null) advance(cursor, cursor.at + blank[0].length);
  const [, descriptor = '', first, , second] = found;
  const operator = first ?? second ?? '';
  const to = wordAt(cursor);
  const redirect: Redirect = { kind: 'redirect', descriptor, operator, to: to?.text ?? '', body: null };
  if (operator === '<<' || operator === '<<-') {
    waiting.push({ redirect, isLiteral: to?.isQuoted === true });
  }
  return redirect;
}

/** The here-documents whose operators stand on the line that has just ended. */
function readBodies(cursor: Cursor, waiting: Waiting[]): void {
  for (const { redirect, isLiteral } of waiting.splice(0)) {
    const { line, at: start } = cursor;
    let end = start;
    while (cursor.at < cursor.text.length) {
      const newline = cursor.text.indexOf('\n', cursor.at);
      const each = advance(cursor, newline < 0 ? cursor.text.length : newline + 1).replace(/\n$/, '');
      if ((redirect.operator === '<<-' ? each.replace(/^\t+/, '') : each).trimEnd() === redirect.to) break;
      end = cursor.at;
    }
    redirect.body = { text: cursor.text.slice(start, end), line, isLiteral };
  }
}

/** Words, redirections and operators of a shell's language (POSIX.1-2017, XCU 2.3), as far as commands go. */
export function tokensOf(text: string): readonly Token[] {
  const cursor: Cursor = { text, at: 0, line: 1 };
  const tokens: Token[] = [];
  const waiting: Waiting[] = [];
  while (cursor.at < text.length) {
    const passed = matchAt(BLANK, cursor) ?? matchAt(COMMENT, cursor) ?? matchAt(ARITHMETIC, cursor);
    if (passed !== null) {
      advance(cursor, cursor.at + passed[0].length);
      continue;
    }
    const token = redirectAt(cursor, waiting) ?? operatorAt(cursor) ?? wordAt(cursor);
    if (token === null) break;
    tokens.push(token);
    if (token.kind === 'operator' && token.text === '\n') readBodies(cursor, waiting);
  }
  return tokens;
}

function operatorAt(cursor: Cursor): Operator | null {
  const found = matchAt(OPERATOR, cursor);
  return found === null ? null : { kind: 'operator', text: advance(cursor, cursor.at + found[0].length) };
}
