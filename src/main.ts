import { terminalOf } from './cli/terminal.ts';
import { VERSION } from './cli/version.ts';
import { EXIT, type ExitStatus } from './core/exit-status.ts';

const VERSION_WORDS = new Set(['--version', '-V']);
const OLD_NODE_MAJOR = 20;

/** `--version` alone never loads the rest. */
function versionText(argv: readonly string[]): string {
  const major = Number.parseInt(process.versions.node, 10);
  const ended =
    argv.includes('--verbose') && major <= OLD_NODE_MAJOR
      ? `Node ${process.versions.node} gets no security fixes any more; 24 is recommended.\n`
      : '';
  return `${VERSION}\n${ended}`;
}

/** Turns arguments and the process's streams into an exit status. */
export async function main(argv: readonly string[]): Promise<ExitStatus> {
  const terminal = terminalOf(process, process.env);
  // Without a listener, a reader that went away would end us with a stack.
  process.stdout.on('error', () => undefined);
  if (argv[0] !== undefined && VERSION_WORDS.has(argv[0])) {
    await terminal.write(versionText(argv));
    return EXIT.done;
  }
  try {
    const { runCommandLine } = await import('./cli/run.ts');
    return await runCommandLine(argv, terminal);
  } catch (thrown) {
    const { errorStyleOf, reportError } = await import('./cli/boundary.ts');
    return reportError(thrown, errorStyleOf(argv), terminal);
  }
}
