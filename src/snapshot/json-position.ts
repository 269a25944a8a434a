/**
 * Where a text stops being JSON: JSON.parse says so in words that differ between versions of Node, and not at all
 * for a text that is cut off.
 */
export type JsonFault = { readonly line: number; readonly column: number; readonly cutOff: boolean };

/** A mark, a string (of characters from the blank up, without quote and backslash, and escapes), or another value. */
const STRING = /"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\uffff]*)*"/.source;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/.source;
const TOKEN = new RegExp(`[ \\t\\n\\r]*(?:([{}[\\]:,])|(${STRING})|(${NUMBER}|true|false|null))`, 'y');

type Expecting = 'value' | 'value-or-end' | 'name' | 'name-or-end' | 'colon' | 'comma-or-end' | 'nothing';

/** @returns null for a text that is JSON */
export function findJsonFault(text: string): JsonFault | null {
  const open: ('{' | '[')[] = [];
  let expecting: Expecting = 'value';
  let at = 0;
  while (expecting !== 'nothing') {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text);
    const kind = token?.[1] ?? (token?.[2] === undefined ? 'value' : 'string');
    const next: Expecting | null = token === null ? null : step(expecting, kind, open);
    if (next === null) return faultAt(text, at);
    expecting = next;
    at = TOKEN.lastIndex;
  }
  if (/^[ \t\n\r]*$/.test(text.slice(at))) return null;
  return { ...positionOf(text, firstMark(text, at)), cutOff: false };
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
      if (token === 'string' && (expecting === 'name' || expecting === 'name-or-end')) return 'colon';
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
  const cutOff = isBeginning(text.slice(begin));
  return { ...positionOf(text, cutOff ? text.length : begin), cutOff };
}

function isBeginning(rest: string): boolean {
  const ofWord = ['true', 'false', 'null'].some((word) => word.startsWith(rest));
  return ofWord || /^"[^"\\\n]*(?:\\.[^"\\\n]*)*\\?$/.test(rest) || /^[-+.\deE]*$/.test(rest);
}

function firstMark(text: string, at: number): number {
  return at + (/^[ \t\n\r]*/.exec(text.slice(at))?.[0].length ?? 0);
}

function positionOf(text: string, position: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, position);
  return { line: before.split('\n').length, column: position - before.lastIndexOf('\n') };
}
