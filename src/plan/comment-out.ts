import type { SysctlKey } from '../sysctl/key.ts';

/**
 * Lines of somebody else's file, commented out and given back. Files are taken byte for byte, one character a byte, so
 * that what is no UTF-8 comes back as it was. A line that is commented out has a line of ours above it.
 */

/** A line by its number, and the key of ours that it would win back. */
type Mark = { readonly line: number; readonly key: SysctlKey };

/** What stands in the file for a line that we commented out: its bytes, one character each, and the key of our note. */
export type Pair = { readonly key: SysctlKey; readonly line: string };

type Line = { readonly text: string; readonly end: '\n' | '\r\n' | '' };

function charactersOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function bytesOf(characters: string): Buffer {
  return Buffer.from(characters, 'latin1');
}

function linesOf(characters: string): readonly Line[] {
  const lines = characters.split('\n').map((text, index, all): Line => {
    if (index === all.length - 1) return { text, end: '' };
    return text.endsWith('\r') ? { text: text.slice(0, -1), end: '\r\n' } : { text, end: '\n' };
  });
  return lines.at(-1)?.text === '' ? lines.slice(0, -1) : lines;
}

function joined(lines: readonly Line[]): Buffer {
  return bytesOf(lines.map(({ text, end }) => text + end).join(''));
}

/** Why no line of the file can be commented out; null where each can. */
export function whyNotEdited(bytes: Uint8Array): string | null {
  return /\0|\r(?!\n)/.test(charactersOf(bytes))
    ? 'it holds NUL or CR characters, at which one loader ends a line and another does not'
    : null;
}

/** Who did it and why, for whoever reads the file. */
function noteOf(key: SysctlKey): string {
  const note = `# Commented out by backlogctl, whose own ${key} would lose to this line. Undo: backlogctl rollback`;
  return charactersOf(Buffer.from(note, 'utf8'));
}

const COMMENT = '# ';

function commented(line: string): string {
  return COMMENT + line;
}

function uncommented(line: string): string {
  return line.slice(COMMENT.length);
}

function isSame(a: Pair, b: Pair): boolean {
  return a.key === b.key && a.line === b.line;
}

/** One character a byte; empty where the file has no such line. */
export function lineAt(bytes: Uint8Array, line: number): string {
  return linesOf(charactersOf(bytes))[line - 1]?.text ?? '';
}

function withTexts(
  bytes: Uint8Array,
  numbers: ReadonlySet<number>,
  change: (text: string) => string,
): Buffer {
  const lines = linesOf(charactersOf(bytes));
  return joined(
    lines.map((line, index) => (numbers.has(index + 1) ? { ...line, text: change(line.text) } : line)),
  );
}

/** The file with the lines commented out and nothing else, so that lines keep their numbers. For resolving only. */
export function silenced(bytes: Uint8Array, numbers: ReadonlySet<number>): Buffer {
  return withTexts(bytes, numbers, commented);
}

/** The same the other way round, our notes left. */
export function revealed(bytes: Uint8Array, numbers: ReadonlySet<number>): Buffer {
  return withTexts(bytes, numbers, uncommented);
}

export type Edit = {
  readonly commentOut: readonly Mark[];
  /** Lines that stand commented out, with our note above each. */
  readonly giveBack: readonly number[];
};

/** The file with the edit done. What is commented out gets a line above it that says why, with the line ends that it has. */
export function edited(bytes: Uint8Array, { commentOut, giveBack }: Edit): Buffer {
  const keys = new Map(commentOut.map(({ line, key }) => [line, key]));
  const back = new Set(giveBack);
  const lines = linesOf(charactersOf(bytes));
  return joined(
    lines.flatMap((line, index): readonly Line[] => {
      const number = index + 1;
      const key = keys.get(number);
      if (back.has(number + 1)) return [];
      if (back.has(number)) return [{ ...line, text: uncommented(line.text) }];
      if (key === undefined) return [line];
      const end = line.end || lines[index - 1]?.end || '\n';
      return [
        { text: noteOf(key), end },
        { ...line, text: commented(line.text) },
      ];
    }),
  );
}

export type StandingPair = Pair & { readonly number: number };

/**
 * Lines that stand commented out as we left them, wherever that is now, with their numbers. One that stands there more
 * often than it is given, or less, is not among them.
 */
export function standingPairs(bytes: Uint8Array, pairs: readonly Pair[]): readonly StandingPair[] {
  const lines = linesOf(charactersOf(bytes));
  const standing = lines.flatMap((line, index): readonly StandingPair[] => {
    const note = lines[index - 1]?.text;
    const pair = pairs.find((each) => note === noteOf(each.key) && line.text === commented(each.line));
    return pair === undefined ? [] : [{ ...pair, number: index + 1 }];
  });
  const count = (all: readonly Pair[], pair: Pair) => all.filter((each) => isSame(each, pair)).length;
  return standing.filter((each) => count(standing, each) === count(pairs, each));
}

/** Whether the file has exactly that line. */
export function hasLine(bytes: Uint8Array, line: string): boolean {
  return linesOf(charactersOf(bytes)).some(({ text }) => text === line);
}
