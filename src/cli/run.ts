import type { Command } from 'commander';
import { usageError } from '../core/errors.ts';
import { EXIT, type ExitStatus } from '../core/exit-status.ts';
import type { RanInside } from './inside.ts';
import { type PlaceOptions, withProgramApart } from './options.ts';
import { buildProgram, newOutcome } from './program.ts';
import type { Terminal } from './terminal.ts';

/** Commander's own way to end: help and version are done, all else is bad usage. */
type CommanderExit = { readonly code: string; readonly exitCode: number; readonly message: string };

function isCommanderExit(thrown: unknown): thrown is CommanderExit {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    'code' in thrown &&
    typeof thrown.code === 'string' &&
    thrown.code.startsWith('commander.')
  );
}

/** By shape, so that who stays here need not load it. */
function isRanInside(thrown: unknown): thrown is RanInside {
  return typeof thrown === 'object' && thrown !== null && 'ranInside' in thrown;
}

function everyCommand(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** Commander answers a word that names no command, and options without one, with its help as an error. */
const HELP_AS_ERROR = '(outputHelp)';

function noSuchCommand(argv: readonly string[]) {
  const words = argv.filter((word) => !word.startsWith('-') && word !== 'help');
  return words.length === 0
    ? usageError('no command is given', 'backlogctl --help lists what there is')
    : usageError(`unknown command '${words.join(' ')}'`, 'backlogctl --help lists what there is');
}

/** The command that was meant, as far as its words go: `backlogctl rules show`. */
function commandTyped(program: Command, argv: readonly string[]): string {
  let command = program;
  const words = [command.name()];
  for (const word of argv.filter((each) => !each.startsWith('-'))) {
    const found = command.commands.find((each) => each.name() === word);
    if (found === undefined) break;
    command = found;
    words.push(word);
  }
  return words.join(' ');
}

/** `error: unknown command 'audti'\n(Did you mean audit?)` in the words of our other errors. */
function usageErrorOf({ message }: CommanderExit, typed: string) {
  const [first = '', ...rest] = message
    .replace(/^error: /, '')
    .replace('. Expected', ': expected')
    .split('\n');
  const suggestion = rest.join(' ').replace(/^\(Did you mean (.*)\?\)$/, "did you mean '$1'?");
  return usageError(
    first.replace(/\.$/, ''),
    suggestion === '' ? `${typed} --help lists what there is` : suggestion,
  );
}

/** @throws UserError for bad usage and bad input */
export async function runCommandLine(argv: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  const outcome = newOutcome();
  const program = buildProgram(terminal, outcome);
  const shown: string[] = [];
  program.hook('preAction', async (_, action) => {
    const { netns, inside } = action.optsWithGlobals<PlaceOptions>();
    if (netns === undefined && inside === undefined) return;
    const { goInside } = await import('./inside.ts');
    await goInside(action, argv);
  });
  for (const command of everyCommand(program)) {
    command
      .exitOverride()
      .configureOutput({ writeOut: (text) => shown.push(text), writeErr: () => undefined });
  }
  if (argv.length === 0) {
    program.outputHelp();
    await terminal.write(shown.join(''));
    return EXIT.badInput;
  }
  try {
    await program.parseAsync([...withProgramApart(argv)], { from: 'user' });
  } catch (thrown) {
    if (isRanInside(thrown)) return thrown.status;
    if (!isCommanderExit(thrown)) throw thrown;
    if (thrown.exitCode !== 0)
      throw thrown.message === HELP_AS_ERROR
        ? noSuchCommand(argv)
        : usageErrorOf(thrown, commandTyped(program, argv));
    await terminal.write(shown.join(''));
  }
  return outcome.status;
}
