import { type Fact, known, unknown } from '../core/fact.ts';
import type { UnixListener } from '../snapshot/listener.ts';
import { dropsOf, limitOf, type ParsedRows } from './ss-tcp.ts';

/**
 * Any user can put a line break and a forged row into the name of an abstract socket, and `ss` prints names as they
 * are. What cannot be forged is the alignment: `ss` pads the name to the width of the longest one, so in every
 * genuine row the name ends in the same column, and a row inside a name would have to be longer than the longest
 * name to reach it. Rows are therefore cut by column, and a line break before that column belongs to the name.
 * The output must be given with one character a byte, for that is how `ss` counts.
 */

/** sizeof(sun_path); `@` stands for the first byte of an abstract name. */
const LONGEST_NAME_BYTES = 108;
/** Of a 32-bit number and the blank behind it. */
const WIDEST_NUMBER = 11;

const HEAD = /((?:u_[a-z]+ +)?(?:LISTEN +)?(\d+) +)(\d+) +/y;

/** What follows a name: so long that a name that holds it leaves no room for more mischief within 108 bytes. */
const TAIL = / (\d+) +\* +0 +(skmem:\(r\d+,rb\d+,t\d+,tb\d+,f\d+,w\d+,o\d+[^)\n]*\)[^\n]*)(?:\n|$)/y;
const START_OF_TAIL = / \d+ +\* +0 +skmem:\(/g;

export type UnixRows = ParsedRows<UnixListener> & {
  /** Cut by column. Else a forged row may be among them: believe only those that a process is seen to hold. */
  readonly certain: boolean;
};

/**
 * @param output of `ss -Hxnem state listening`, one character a byte
 * @returns `malformed` where it is no list of unix sockets
 */
export function parseSsUnix(output: string): Fact<UnixRows> {
  if (output.trim() === '') return known({ listeners: [], refused: 0, certain: true });
  for (const column of candidateColumns(output)) {
    const rows = rowsByColumn(output, column);
    if (rows !== null) return known({ ...withoutRepeats(rows), certain: true });
  }
  const rows = rowsByLine(output);
  if (rows !== null) return known({ ...withoutRepeats(rows), certain: false });
  return unknown('malformed', 'ss printed rows that cannot be told apart');
}

/**
 * Where the name of the first row may end, the furthest first: the output begins with a genuine row, so its real
 * column is among them, and a nearer one is what its own name imitates. A further one would have to stand in the
 * name of the second row, which is out of reach.
 */
function candidateColumns(output: string): readonly number[] {
  HEAD.lastIndex = 0;
  const upToLimit = HEAD.exec(output)?.[1]?.length;
  if (upToLimit === undefined) return [];
  const furthest = upToLimit + WIDEST_NUMBER + LONGEST_NAME_BYTES;
  return [...output.slice(0, 2 * furthest + 200).matchAll(START_OF_TAIL)]
    .map((match) => match.index)
    .filter((column) => column <= furthest)
    .reverse();
}

/** null where one row does not fit. */
function rowsByColumn(output: string, column: number): readonly UnixListener[] | null {
  const listeners: UnixListener[] = [];
  for (let start = 0; start < output.length; ) {
    HEAD.lastIndex = start;
    const head = HEAD.exec(output);
    TAIL.lastIndex = start + column;
    const tail = TAIL.exec(output);
    if (head === null || tail === null || head[0].length >= column) return null;
    const name = output.slice(start + head[0].length, start + column);
    const [, , length, limit] = head;
    listeners.push(listenerOf(name, { length, limit, inode: tail[1], details: tail[2] }));
    start += column + tail[0].length;
  }
  return listeners;
}

type Columns = Readonly<Record<'length' | 'limit' | 'inode' | 'details', string | undefined>>;

function listenerOf(name: string, { length, limit, inode, details = '' }: Columns): UnixListener {
  return {
    protocol: 'unix',
    path: fromBytes(name),
    length: Number(length),
    ...limitOf(Number(limit), details),
    inode: Number(inode),
    ...dropsOf(details),
  };
}

const LINE = /^(?:u_[a-z]+ +)?(?:LISTEN +)?(\d+) +(\d+) +(\S.*?) (\d+) +\* +0(?: +(.*))?$/;

/** Before iproute2 4.15 nothing is aligned: then every line must be a whole row, or none is believed. */
function rowsByLine(output: string): readonly UnixListener[] | null {
  const listeners: UnixListener[] = [];
  for (const line of output.trimEnd().split('\n')) {
    const match = LINE.exec(line);
    if (match === null) return null;
    const [, length, limit, name = '', inode, details] = match;
    listeners.push(listenerOf(name, { length, limit, inode, details }));
  }
  return listeners;
}

function withoutRepeats(listeners: readonly UnixListener[]): ParsedRows<UnixListener> {
  const seen = new Set<number | undefined>();
  const first = listeners.filter(({ inode }) => !seen.has(inode) && seen.add(inode));
  return { listeners: first, refused: listeners.length - first.length };
}

/** Latin-1 characters as the bytes that they stand for, read as UTF-8. */
function fromBytes(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
