import type { Terminal } from '../../src/cli/terminal.ts';

/** A terminal that keeps what was written to it. */
export function memoryTerminal(columns = 80): Terminal & { stdout(): string; stderr(): string } {
  const out: string[] = [];
  const err: string[] = [];
  return {
    columns,
    takesColor: false,
    showsProgress: false,
    isInteractive: false,
    write: async (text) => {
      out.push(text);
    },
    note: (text) => {
      err.push(text);
    },
    stdout: () => out.join(''),
    stderr: () => err.join(''),
  };
}
