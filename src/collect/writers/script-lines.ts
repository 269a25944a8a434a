import { type Line, LONGEST_LINE } from './sources.ts';

/** A line of a script that is a command; `sure` where it is run whenever the script is. */
export type ScriptLine = Line & { readonly sure: boolean };

const OPENS = /^(?:if|for|while|until|case|select|function|\{|\()$/;
const CLOSES = /^(?:fi|done|esac|\}|\))$/;
/** Words that stand before the command of a line. */
const BEFORE = /^(?:then|do|else|elif|!|time)$/;
const DEFINES = /^[\w-]+\(\)/;

type Statement = {
  readonly words: readonly string[];
  readonly start: number;
  readonly isConditional: boolean;
};

/** What stands between separators, as far as that can be told without a shell. */
function statementsOf(text: string): readonly Statement[] {
  const statements: Statement[] = [];
  let start = 0;
  let isConditional = false;
  for (const end of [...text.matchAll(/&&|\|\||;|$/g)]) {
    const words = text
      .slice(start, end.index)
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '');
    const isLess = words.findIndex((word) => !BEFORE.test(word));
    if (words.length > 0) statements.push({ words: words.slice(Math.max(isLess, 0)), start, isConditional });
    isConditional = end[0] === '&&' || end[0] === '||';
    start = end.index + end[0].length;
  }
  return statements;
}

/** `exec` with nothing but redirections goes on with the script. */
function ends([first = '', ...rest]: readonly string[]): boolean {
  if (first === 'exec') return rest.some((word) => !/^\d*[<>]/.test(word));
  return first === 'exit' || first === 'return';
}

function depthOf(words: readonly string[]): number {
  const [first = ''] = words;
  if (CLOSES.test(first)) return -1;
  return OPENS.test(first) || DEFINES.test(first) ? 1 : 0;
}

const HEREDOC = /<<-?\s*(["']?)(\w+)\1/;

/**
 * The commands of a script up to where it ends. What hangs on a condition, stands in a loop or a function, or behind an
 * end that does, may be run; what is written into another file by a here-document is no command.
 */
export function scriptLines(text: string): readonly ScriptLine[] {
  const lines: ScriptLine[] = [];
  let depth = 0;
  let until: string | null = null;
  let mayHaveEnded = false;
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.trim();
    if (until !== null) {
      if (content === until) until = null;
      continue;
    }
    if (content === '' || content.startsWith('#') || content.length > LONGEST_LINE) continue;
    until = HEREDOC.exec(content)?.[2] ?? null;
    const before = depth;
    const statements = statementsOf(content);
    for (const { words } of statements) depth = Math.max(0, depth + depthOf(words));
    const isPlain = before === 0 && depth === 0 && !statements.some(({ isConditional }) => isConditional);
    const end = statements.find(({ words }) => ends(words));
    const said = end !== undefined && isPlain ? content.slice(0, end.start) : content;
    const isBlock = statements.some(({ words }) => depthOf(words) !== 0);
    lines.push({ text: said, line: index + 1, sure: isPlain && !isBlock && !mayHaveEnded });
    if (end !== undefined && isPlain && !isBlock) break;
    if (end !== undefined) mayHaveEnded = true;
  }
  return lines;
}
