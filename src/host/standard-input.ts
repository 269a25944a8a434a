/** A line of a batch is some hundred bytes; what goes on for longer is no batch. */
const MOST_LINE_CHARACTERS = 1024 * 1024;

/** `null` stands for a line that is longer than any should be: its text is not kept. */
export type InputLine = string | null;

/**
 * The lines of standard input as they come, without their ends, and no more of it in memory than one chunk and one
 * line. readline keeps a line of any length, which a pipe without newlines makes of all that comes.
 */
export async function* standardInputLines(): AsyncGenerator<readonly InputLine[]> {
  const decoder = new TextDecoder();
  let rest = '';
  let isTooLong = false;
  for await (const chunk of process.stdin) {
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = pieces.pop() ?? '';
    const lines: InputLine[] = pieces.map((piece) => withoutReturn(piece));
    if (isTooLong && lines.length > 0) {
      lines[0] = null;
      isTooLong = false;
    }
    if (rest.length > MOST_LINE_CHARACTERS) {
      rest = '';
      isTooLong = true;
    }
    yield lines;
  }
  rest += decoder.decode();
  if (isTooLong) yield [null];
  else if (rest !== '') yield [withoutReturn(rest)];
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
