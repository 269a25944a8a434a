import stringWidth from 'fast-string-width';
import { wrapAnsi } from 'fast-wrap-ansi';

/** How wide a line of prose may get, however wide the terminal is: longer ones are hard to read. */
const MOST_COLUMNS = 120;
/** Below it the table of listeners says too little, so a narrower terminal has to wrap. */
const FEWEST_COLUMNS = 80;

export function usableColumns(columns: number): number {
  return Math.min(MOST_COLUMNS, Math.max(FEWEST_COLUMNS, columns));
}

/** Wraps to the width, the first line after `head`, the others indented as far. */
export function hanging(head: string, body: string, columns: number): readonly string[] {
  const indent = stringWidth(head);
  const lines = wrapAnsi(body, columns - indent, { hard: true }).split('\n');
  return lines.map((line, index) => (index === 0 ? head : ' '.repeat(indent)) + line);
}

/** Cuts in the middle: paths and unit names tell most at their ends. */
export function shorten(label: string, columns: number): string {
  if (stringWidth(label) <= columns) return label;
  const characters = [...label];
  const kept = Math.max(2, columns - 1);
  const head = Math.ceil(kept / 2);
  return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (kept - head)).join('')}`;
}

export function padEnd(label: string, columns: number): string {
  return label + ' '.repeat(Math.max(0, columns - stringWidth(label)));
}

export function padStart(label: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - stringWidth(label))) + label;
}
