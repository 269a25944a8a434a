/**
 * Where a text stops being JSON: JSON.parse says so in words that differ between versions of Node, and not at all
 * for a text that is cut off.
 */
export type JsonFault = { readonly line: number; readonly column: number; readonly cutOff: boolean };

/** A mark, the quote that begins a string, or another value. */
const TOKEN = /[ \t\n\r]*(?:([{}[\]:,"])|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;
/** What ends a string, or may not stand in one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them within strings
const SPECIAL = /["\\\0-\x1f]/g;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const CUT_ESCAPE = /^\\(?:u[0-9a-fA-F]{0,3})?$/;

type Expecting = 'value' | 'value-or-end' | 'name' | 'name-or-end' | 'colon' | 'comma-or-end' | 'nothing';

/** @returns null for a text that is JSON */
export function findJsonFault(text: string): JsonFault | null {
  const open: ('{' | '[')[] = [];
  let expecting: Expecting = 'value';
  let at = 0;
  while (expecting !== 'nothing') {
    const token = tokenAt(text, at);
    const next: Expecting | null = token === null ? null : step(expecting, token.kind, open);
    if (token === null || next === null) return faultAt(text, at);
    expecting = next;
    at = token.end;
  }
  if (/^[ \t\n\r]*$/.test(text.slice(at))) return null;
  return { ...positionOf(text, firstMark(text, at)), cutOff: false };
}

/** `kind` is the mark itself, `"` for a string, `value` for another value. */
function tokenAt(text: string, at: number): { readonly kind: string; readonly end: number } | null {
  TOKEN.lastIndex = at;
  const token = TOKEN.exec(text);
  if (token === null) return null;
  const kind = token[1] ?? 'value';
  if (kind !== '"') return { kind, end: TOKEN.lastIndex };
  const end = stringEnd(text, TOKEN.lastIndex);
  return typeof end === 'number' ? { kind, end } : null;
}

/**
 * Behind the closing quote of a string whose first character is at `from`. By steps, not as one expression: that
 * would need as much stack as the string has escapes.
 */
function stringEnd(text: string, from: number): number | 'cut off' | 'malformed' {
  SPECIAL.lastIndex = from;
  for (let special = SPECIAL.exec(text); special !== null; special = SPECIAL.exec(text)) {
    if (special[0] === '"') return SPECIAL.lastIndex;
    ESCAPE.lastIndex = special.index;
    if (!ESCAPE.test(text)) {
      return CUT_ESCAPE.test(text.slice(special.index, special.index + 6)) ? 'cut off' : 'malformed';
    }
    SPECIAL.lastIndex = ESCAPE.lastIndex;
  }
  return 'cut off';
}

/** What may follow a token, or null where the token itself may not stand there. Keeps `open` up to date. */
function step(expecting: Expecting, token: string, open: ('{' | '[')[]): Expecting | null {
  const inner = open.at(-1);
  switch (token) {
    case '{':
    case '[':
      if (!takesValue(expecting)) return null;
      open.push(token);
      return token === '{' ? 'name-or-end' : 'value-or-end';
    case '}':
    case ']': {
      const opener = token === '}' ? '{' : '[';
      const mayEnd =
        expecting === 'comma-or-end' || expecting === (token === '}' ? 'name-or-end' : 'value-or-end');
      if (inner !== opener || !mayEnd) return null;
      open.pop();
      return open.length === 0 ? 'nothing' : 'comma-or-end';
    }
    case ':':
      return expecting === 'colon' ? 'value' : null;
    case ',':
      if (expecting !== 'comma-or-end') return null;
      return inner === '{' ? 'name' : 'value';
    default:
      if (token === '"' && (expecting === 'name' || expecting === 'name-or-end')) return 'colon';
      if (!takesValue(expecting)) return null;
      return open.length === 0 ? 'nothing' : 'comma-or-end';
  }
}

function takesValue(expecting: Expecting): boolean {
  return expecting === 'value' || expecting === 'value-or-end';
}

/** A text that ends within a string, a number or a word is cut off as well. */
function faultAt(text: string, at: number): JsonFault {
  const begin = firstMark(text, at);
  const cutOff =
    text[begin] === '"' ? stringEnd(text, begin + 1) === 'cut off' : isBeginning(text.slice(begin));
  return { ...positionOf(text, cutOff ? text.length : begin), cutOff };
}

function isBeginning(rest: string): boolean {
  const ofWord = ['true', 'false', 'null'].some((word) => word.startsWith(rest));
  return ofWord || /^[-+.\deE]*$/.test(rest);
}

const BLANKS = /[ \t\n\r]*/y;

function firstMark(text: string, at: number): number {
  BLANKS.lastIndex = at;
  BLANKS.test(text);
  return Math.max(at, BLANKS.lastIndex);
}

export type JsonPosition = { readonly line: number; readonly column: number };

type Frame = {
  readonly isList: boolean;
  /** Whether the container itself stands on the path. */
  readonly onPath: boolean;
  step: string | number;
};

/**
 * Where a value stands in a text that is JSON; where it is not there, what should hold it. Of a name that stands
 * twice the last counts, as for JSON.parse.
 */
export function findJsonValue(text: string, path: readonly PropertyKey[]): JsonPosition {
  const frames: Frame[] = [];
  let found = { depth: 0, at: firstMark(text, 0) };
  let at = 0;
  for (let token = tokenAt(text, at); token !== null; token = tokenAt(text, at)) {
    const begin = firstMark(text, at);
    const frame = frames.at(-1);
    at = token.end;
    if (isMark(token.kind)) {
      if (token.kind === ',' && frame?.isList && typeof frame.step === 'number') frame.step += 1;
      if (token.kind === '}' || token.kind === ']') frames.pop();
    } else if (token.kind === '"' && isName(text, at, frame)) {
      frame.step = String(JSON.parse(text.slice(begin, at)));
    } else {
      const onPath = frame === undefined || (frame.onPath && frame.step === path[frames.length - 1]);
      if (onPath && frames.length >= found.depth) found = { depth: frames.length, at: begin };
      const isList = token.kind === '[';
      if (isList || token.kind === '{') frames.push({ isList, onPath, step: isList ? 0 : '' });
    }
    if (frames.length === 0 || at >= text.length) break;
  }
  return positionOf(text, found.at);
}

function isMark(kind: string): boolean {
  return kind.length === 1 && '}],:'.includes(kind);
}

function isName(text: string, end: number, frame: Frame | undefined): frame is Frame {
  return frame !== undefined && !frame.isList && text[firstMark(text, end)] === ':';
}

function positionOf(text: string, position: number): JsonPosition {
  const before = text.slice(0, position);
  return { line: before.split('\n').length, column: position - before.lastIndexOf('\n') };
}
