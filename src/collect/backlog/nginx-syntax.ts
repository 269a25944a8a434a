/**
 * The syntax of an nginx configuration, as ngx_conf_read_token() reads it: words, quotes, `;`, blocks, comments.
 * Forgiving where nginx refuses: a file that it would not load is not what it runs with, and must not stop us.
 */
export type NginxDirective = {
  readonly words: readonly string[];
  readonly file: string;
  /** Of the first word. */
  readonly line: number;
  /** null for a directive that ends in `;`. */
  readonly block: readonly NginxDirective[] | null;
};

type Token =
  | { readonly kind: 'word'; readonly text: string; readonly line: number }
  | { readonly kind: ';' | '{' | '}' };

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['t', '\t'],
  ['r', '\r'],
  ['n', '\n'],
]);

function withoutEscapes(raw: string): string {
  return raw.includes('\\')
    ? raw.replace(/\\([\s\S])/g, (both, character: string) => ESCAPES.get(character) ?? both)
    : raw;
}

const BLANK = /[ \t\r\n]/;

/** Behind the next occurrence, or the end. */
function after(text: string, wanted: string, from: number): number {
  const found = text.indexOf(wanted, from);
  return found < 0 ? text.length : found + wanted.length;
}

function newlineFrom(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  return found < 0 ? Number.POSITIVE_INFINITY : found;
}

/** Where the quoted text that begins behind `start` ends: its closing quote, or the end. */
function quoteEnd(text: string, start: number): number {
  const quote = text[start];
  let at = start + 1;
  while (at < text.length && text[at] !== quote) at += text[at] === '\\' ? 2 : 1;
  return Math.min(at, text.length);
}

/** A bare word goes up to a blank, `;`, or a `{` that does not open a variable's name. */
function wordEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === ';' || BLANK.test(character)) break;
    if (character === '{' && text[at - 1] !== '$') break;
    at += character === '\\' ? 2 : 1;
  }
  return Math.min(at, text.length);
}

class Scanner {
  private at = 0;
  private line = 1;
  /** The next line end, so that a file without any is not searched again for each word. */
  private newline: number;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
    this.newline = newlineFrom(text, 0);
  }

  next(): Token | null {
    this.skipBlanks();
    const character = this.text[this.at];
    if (character === undefined) return null;
    if (character === ';' || character === '{' || character === '}') {
      this.at += 1;
      return { kind: character };
    }
    const { line, at: start } = this;
    if (character === '"' || character === "'") {
      const end = quoteEnd(this.text, start);
      this.moveTo(end + 1);
      return { kind: 'word', text: withoutEscapes(this.text.slice(start + 1, end)), line };
    }
    this.moveTo(wordEnd(this.text, start));
    return { kind: 'word', text: withoutEscapes(this.text.slice(start, this.at)), line };
  }

  /** Passes over a block in Lua, whose braces, quotes and comments are not those of nginx. */
  skipLua(): void {
    let depth = 1;
    while (depth > 0 && this.at < this.text.length) {
      const character = this.text.charAt(this.at);
      if (character === '{') depth += 1;
      if (character === '}') depth -= 1;
      this.moveTo(this.luaEnd(character));
    }
  }

  private luaEnd(character: string): number {
    const { text, at } = this;
    const isComment = text.startsWith('--', at);
    const long = /\[(=*)\[/y;
    long.lastIndex = isComment ? at + 2 : at;
    const bracket = isComment || character === '[' ? long.exec(text) : null;
    if (bracket !== null) return after(text, `]${bracket[1]}]`, long.lastIndex);
    if (isComment) return after(text, '\n', at);
    return character === '"' || character === "'" ? quoteEnd(text, at) + 1 : at + 1;
  }

  private skipBlanks(): void {
    for (;;) {
      const character = this.text[this.at];
      if (character === '#') this.moveTo(after(this.text, '\n', this.at));
      else if (character !== undefined && BLANK.test(character)) this.moveTo(this.at + 1);
      else return;
    }
  }

  private moveTo(end: number): void {
    while (this.newline < end) {
      this.line += 1;
      this.newline = newlineFrom(this.text, this.newline + 1);
    }
    this.at = end;
  }
}

/** The directives of a file in order. Unclosed blocks end with the file; a `}` too many is passed over. */
export function parseNginx(text: string, file: string): readonly NginxDirective[] {
  const scanner = new Scanner(text);
  const top: NginxDirective[] = [];
  const open: NginxDirective[][] = [top];
  let words: string[] = [];
  let line = 1;
  for (let token = scanner.next(); token !== null; token = scanner.next()) {
    if (token.kind === 'word') {
      if (words.length === 0) line = token.line;
      words.push(token.text);
      continue;
    }
    const block: NginxDirective[] | null = token.kind === '{' ? [] : null;
    if (words.length > 0 && token.kind !== '}') open.at(-1)?.push({ words, file, line, block });
    const isLua = words[0]?.endsWith('_by_lua_block') === true;
    words = [];
    if (token.kind === '{' && isLua) scanner.skipLua();
    else if (block !== null) open.push(block);
    else if (token.kind === '}' && open.length > 1) open.pop();
  }
  return top;
}
