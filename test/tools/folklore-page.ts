import { readFileSync } from 'node:fs';

/** A command of the page, and below it the lines that it is said to print. */
export type Shown = { readonly command: string; readonly lines: readonly string[] };

export type Claim = {
  readonly claim: string;
  /** `false`, `half true` or `was true before 4.4`. */
  readonly verdict: string;
  /** Each starts in a network namespace of its own; its commands share it. */
  readonly blocks: readonly (readonly Shown[])[];
};

const HERE_DOCUMENT = " <<'END'";

/** Lines that were left out. */
const LEFT_OUT = '…';

function shownIn(block: string): readonly Shown[] {
  const shown: { command: string; lines: string[]; isOpen: boolean }[] = [];
  for (const line of block.split('\n')) {
    const last = shown.at(-1);
    if (last?.isOpen) {
      last.command += `\n${line}`;
      last.isOpen = line !== 'END';
    } else if (line.startsWith('$ ')) {
      shown.push({ command: line.slice(2), lines: [], isOpen: line.endsWith(HERE_DOCUMENT) });
    } else if (last !== undefined && line !== LEFT_OUT && line !== '') {
      last.lines.push(line);
    }
  }
  return shown.map(({ command, lines }) => ({ command, lines }));
}

function claimOf(section: string): Claim {
  const [claim = '', ...rest] = section.split('\n');
  const body = rest.join('\n');
  const verdict = /^\n\*\*([^*]+?)\.?\*\*/.exec(body)?.[1] ?? '';
  const blocks = [...body.matchAll(/^```\n(.*?)\n```$/gms)].map(([, block = '']) => shownIn(block));
  return { claim, verdict: verdict.toLowerCase(), blocks };
}

/** docs/folklore.md, claim by claim. */
export function folklorePage(): readonly Claim[] {
  const page = readFileSync(new URL('../../docs/folklore.md', import.meta.url), 'utf8');
  return page.split(/^## /m).slice(1).map(claimOf);
}

/** The first of the lines that the output does not have after the lines before it; null where it has them all. */
export function missingLine(output: string, lines: readonly string[]): string | null {
  let left = output.split('\n').map((line) => line.trimEnd());
  for (const line of lines) {
    const at = left.indexOf(line);
    if (at === -1) return line;
    left = left.slice(at + 1);
  }
  return null;
}
