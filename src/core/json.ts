/** What JSON.stringify leaves as it is: DEL, the controls of Latin-1, marks without a shape of their own, odd blanks. */
const ACTS_ON_TERMINALS = /[\x7f-\x9f\p{Cf}\u2028\u2029]|(?! )\p{Zs}/gu;

function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/**
 * JSON that may be looked at: text from the host stays the same text to whoever parses it, and acts on no terminal.
 * @param indent blanks a level; everything on one line without it
 */
export function jsonText(document: unknown, indent?: number): string {
  return JSON.stringify(document, null, indent).replace(ACTS_ON_TERMINALS, escaped);
}

/** Levels of a document that are written piece by piece; what is further in is small. */
const SPLIT_LEVELS = 2;
const LEAST_CHUNK = 64 * 1024;

function margin(indent: number, level: number): string {
  return `\n${' '.repeat(indent * level)}`;
}

function* pieces(value: unknown, indent: number, level: number): Generator<string> {
  if (level === SPLIT_LEVELS || typeof value !== 'object' || value === null) {
    yield jsonText(value, indent).replaceAll('\n', margin(indent, level));
    return;
  }
  const isList = Array.isArray(value);
  const [open, close] = isList ? '[]' : '{}';
  // What is undefined is left out of an object, and null in a list.
  const entries = Object.entries(value).filter(([, each]) => isList || each !== undefined);
  yield open ?? '';
  for (const [index, [name, each]] of entries.entries()) {
    yield `${index === 0 ? '' : ','}${margin(indent, level + 1)}${isList ? '' : `${jsonText(name)}: `}`;
    yield* pieces(each ?? null, indent, level + 1);
  }
  yield `${entries.length === 0 ? '' : margin(indent, level)}${close}`;
}

/** The same text in parts, because that of one large document as a whole takes several times its memory. */
export function* jsonChunks(document: unknown, indent: number): Generator<string> {
  let chunk = '';
  for (const piece of pieces(document, indent, 0)) {
    chunk += piece;
    if (chunk.length < LEAST_CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}
