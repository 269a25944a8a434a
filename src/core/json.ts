/** What JSON.stringify leaves as it is: DEL, the controls of Latin-1, marks without a shape of their own. */
const ACTS_ON_TERMINALS = /[\x7f-\x9f\p{Cf}\u2028\u2029]/gu;

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
