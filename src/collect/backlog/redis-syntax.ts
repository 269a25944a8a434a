/** A line of a Redis or Valkey configuration, or a group of command line arguments, as words. */
export type RedisLine = { readonly words: readonly string[]; readonly line: number };

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['a', '\u0007'],
]);

function withoutEscapes(raw: string): string {
  return raw.replace(/\\(x[0-9a-fA-F]{2}|[\s\S])/g, (_both, code: string) =>
    code.length === 3 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (ESCAPES.get(code) ?? code),
  );
}

type Quoted = { readonly text: string; readonly end: number };

/** null for quotes that are not closed. In single quotes only `\'` is an escape. */
function quotedAt(line: string, start: number): Quoted | null {
  const quote = line[start];
  let at = start + 1;
  while (at < line.length && line[at] !== quote) {
    const escapes = line[at] === '\\' && (quote === '"' || line[at + 1] === quote);
    at += escapes ? 2 : 1;
  }
  if (at >= line.length) return null;
  const raw = line.slice(start + 1, at);
  return { text: quote === '"' ? withoutEscapes(raw) : raw.replaceAll("\\'", "'"), end: at + 1 };
}

/** Words as sdssplitargs() splits them; null where Redis would refuse the line. */
export function splitWords(line: string): readonly string[] | null {
  const words: string[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line.charAt(at))) {
      at += 1;
      continue;
    }
    const character = line[at];
    if (character === '"' || character === "'") {
      const quoted = quotedAt(line, at);
      if (quoted === null) return null;
      words.push(quoted.text);
      at = quoted.end;
      continue;
    }
    const start = at;
    while (at < line.length && !/\s/.test(line.charAt(at))) at += 1;
    words.push(line.slice(start, at));
  }
  return words;
}

/** Lines with a directive, its name in lower case. Lines that Redis would refuse are left out. */
export function parseRedis(text: string): readonly RedisLine[] {
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    const words = line === '' || line.startsWith('#') ? null : splitWords(line);
    const [name, ...rest] = words ?? [];
    return name === undefined ? [] : [{ words: [name.toLowerCase(), ...rest], line: index + 1 }];
  });
}

/** What the command line gives: a configuration file, options as if they stood behind its last line, or neither. */
export type RedisArguments = { readonly file: string | null; readonly lines: readonly RedisLine[] };

/**
 * null where the arguments are lost: the server has put a title in their place, as it does unless set-proc-title is
 * off (`redis-server 127.0.0.1:6379 [cluster]`, one word with blanks), or they cannot be read.
 */
export function redisArguments(commandLine: readonly string[]): RedisArguments | null {
  const words = commandLine.filter((word) => word !== '');
  const [program, first] = words;
  if (program === undefined || (words.length === 1 && /\s/.test(program))) return null;
  const file = first !== undefined && !first.startsWith('-') ? first : null;
  const lines: string[][] = [];
  for (const word of words.slice(file === null ? 1 : 2)) {
    if (word.startsWith('--')) lines.push([word.slice(2).toLowerCase()]);
    else lines.at(-1)?.push(word);
  }
  return { file, lines: lines.map((line) => ({ words: line, line: 1 })) };
}
