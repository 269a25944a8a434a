/**
 * Lines of sysctl files, as the loaders read them. What the loaders do differently stands in ReadingRules; which
 * loader follows which rules is src/resolve/loader-traits.ts's to say.
 */
export type ReadingRules = {
  /**
   * What ends a line. `any`: \n, \r, NUL and their combinations (systemd). `newline`: only \n, and a NUL makes the
   * rest of the line invisible (everything that is built on C strings).
   */
  readonly lineEnds: 'newline' | 'any';
  /** Characters that are cut off around a line, a key and a value. */
  readonly blanks: string;
  /** First characters that make a line a comment. */
  readonly comments: string;
  /** What a `-` before the key is: a flag, or a character like any other (busybox). */
  readonly dash: 'flag' | 'character';
  /** Whether `- key = value` is read as `-key = value`; else the blank belongs to the key. */
  readonly blankAfterDash: boolean;
  /** Whether `\` before the line's end joins the next line to it. */
  readonly continuation: boolean;
  /**
   * Where a line falls into key and value. `first-equals`: at the first `=`. `strtok`: leading `=` are skipped, and a
   * value ends at \r (procps 3.3). `shell-word`: at the first `=` of the first word, with ` = ` taken for `=`; what
   * stands behind the word is lost (the loop of OpenRC's sysctl script around busybox).
   */
  readonly split: 'first-equals' | 'strtok' | 'shell-word';
  /** Whether `key =` assigns an empty value; else the line is a bad one. */
  readonly emptyValues: boolean;
  /** Lines with fewer characters, the newline included, are passed over. */
  readonly shortest: number;
  /** The first line with that many bytes ends the reading of its file. */
  readonly longest: number | null;
};

type Said =
  /** `ignoreFailure`: it is written `-key = value`. */
  | {
      readonly kind: 'assignment';
      readonly key: string;
      readonly value: string;
      readonly ignoreFailure: boolean;
    }
  /** `-key` */
  | { readonly kind: 'exclusion'; readonly key: string }
  /** Neither an assignment nor an exclusion. */
  | { readonly kind: 'bad'; readonly text: string }
  /** The loader writes something that does not stand in the file to the key. */
  | { readonly kind: 'garbled'; readonly key: string }
  /** Nothing behind this line is read. */
  | { readonly kind: 'too-long' };

type At = { readonly line: number };

export type SysctlLine = At & Said;

type PhysicalLine = { readonly line: number; readonly text: string; readonly newline: boolean };

/** One or more characters that end one line together; each of \n and \r at most once, NUL last. */
const ANY_LINE_END = /(?:\n\r|\r\n|\n|\r)\0?|\0/g;

function* splitAtAny(content: string): Generator<PhysicalLine> {
  let start = 0;
  let line = 1;
  for (const end of content.matchAll(ANY_LINE_END)) {
    yield { line, text: content.slice(start, end.index), newline: true };
    start = end.index + end[0].length;
    line += 1;
  }
  if (start < content.length) yield { line, text: content.slice(start), newline: false };
}

function* splitAtNewline(content: string): Generator<PhysicalLine> {
  let line = 1;
  for (let start = 0; start < content.length; line += 1) {
    const newline = content.indexOf('\n', start);
    const end = newline === -1 ? content.length : newline;
    const whole = content.slice(start, end);
    const nul = whole.indexOf('\0');
    yield { line, text: nul === -1 ? whole : whole.slice(0, nul), newline: newline !== -1 && nul === -1 };
    start = end + 1;
  }
}

function* joinContinued(lines: Iterable<PhysicalLine>): Generator<PhysicalLine> {
  let open: PhysicalLine | null = null;
  for (const each of lines) {
    const joined: PhysicalLine =
      open === null ? each : { ...each, line: open.line, text: open.text + each.text };
    open = joined.text.endsWith('\\') ? { ...joined, text: joined.text.slice(0, -1) } : null;
    if (open === null) yield joined;
  }
  if (open !== null) yield open;
}

function physicalLines(content: string, rules: ReadingRules): Iterable<PhysicalLine> {
  const lines = rules.lineEnds === 'any' ? splitAtAny(content) : splitAtNewline(content);
  return rules.continuation ? joinContinued(lines) : lines;
}

function trimStart(text: string, blanks: string): string {
  let start = 0;
  while (start < text.length && blanks.includes(text.charAt(start))) start += 1;
  return text.slice(start);
}

function trimEnd(text: string, blanks: string): string {
  let end = text.length;
  while (end > 0 && blanks.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

function isTooLong(text: string, { longest }: ReadingRules): boolean {
  // A character of a string takes at most three bytes, so most lines need no counting.
  if (longest === null || text.length * 3 < longest) return false;
  return new TextEncoder().encode(text).length >= longest;
}

function assignment(text: string, equals: number, line: number, rules: ReadingRules): SysctlLine {
  const ignoreFailure = rules.dash === 'flag' && text.startsWith('-');
  const written = trimEnd(text.slice(ignoreFailure ? 1 : 0, equals), rules.blanks);
  const value = trimStart(text.slice(equals + 1), rules.blanks);
  if (value === '' && !rules.emptyValues) return { line, kind: 'bad', text };
  const key = rules.blankAfterDash ? trimStart(written, rules.blanks) : written;
  return { line, kind: 'assignment', key, value, ignoreFailure };
}

/**
 * Two calls of strtok(3): blanks are cut off on both sides of the line and on the right of the key alone. Without a `=`
 * the value is one that the buffer of the line holds, with whatever an earlier line left in it.
 */
function strtok(text: string, line: number, rules: ReadingRules): SysctlLine | null {
  if (text.length < 2) return null;
  const named = text.replace(/^=+/, '');
  if (named === '') return { line, kind: 'bad', text };
  const equals = named.indexOf('=');
  const ignoreFailure = named.startsWith('-');
  const key = trimEnd(named.slice(ignoreFailure ? 1 : 0, equals === -1 ? undefined : equals), rules.blanks);
  if (equals === -1) return { line, kind: 'garbled', key };
  const [value = ''] = named
    .slice(equals + 1)
    .replace(/^[\n\r]+/, '')
    .split(/[\n\r]/);
  const cut = trimStart(value, ' \t');
  return cut === ''
    ? { line, kind: 'bad', text }
    : { line, kind: 'assignment', key, value: cut, ignoreFailure };
}

/** `read` of sh(1) takes a `\` away and what stands behind it as it is; a blank ends the word. */
function shellWord(text: string, line: number): SysctlLine {
  const word = /^(?:\\.|[^\\ \t])*/.exec(text.replace(' = ', '='))?.[0].replace(/\\(.)/g, '$1') ?? '';
  const equals = word.indexOf('=');
  if (equals <= 0 || equals === word.length - 1) return { line, kind: 'bad', text };
  return {
    line,
    kind: 'assignment',
    key: word.slice(0, equals),
    value: word.slice(equals + 1),
    ignoreFailure: false,
  };
}

/** @param text without blanks around it */
function readLine(text: string, line: number, rules: ReadingRules): SysctlLine | null {
  if (text === '' || rules.comments.includes(text.charAt(0))) return null;
  if (rules.split === 'strtok') return strtok(text, line, rules);
  if (rules.split === 'shell-word') return shellWord(text, line);
  const equals = text.indexOf('=');
  if (equals !== -1) return assignment(text, equals, line, rules);
  if (rules.dash !== 'flag' || !text.startsWith('-')) return { line, kind: 'bad', text };
  const excluded = text.slice(1);
  const key = rules.blankAfterDash ? trimStart(excluded, rules.blanks) : excluded;
  return { line, kind: 'exclusion', key };
}

/**
 * The lines of one file that say something: no comments, no blank lines. Lines are counted from 1 by what the loader
 * takes for a line.
 */
export function* readLines(content: string, rules: ReadingRules): Generator<SysctlLine> {
  for (const { line, text, newline } of physicalLines(content, rules)) {
    if (isTooLong(text, rules)) {
      yield { kind: 'too-long', line };
      return;
    }
    const begun = trimStart(text, rules.blanks);
    if (begun.length + (newline ? 1 : 0) < rules.shortest) continue;
    const read = readLine(trimEnd(begun, rules.blanks), line, rules);
    if (read !== null) yield read;
  }
}

/**
 * The text of a file, for readLines: UTF-8 where its bytes are, with a byte order mark kept; else one character per
 * byte, so that no byte is lost and no two different keys become one.
 */
export function decodeSysctlFile(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  }
}
