import type { Command } from 'commander';
import { type CommonOptions, type PlaceOptions, placeOptions, withOptions } from './options.ts';
import type { Outcome } from './program.ts';
import type { Terminal } from './terminal.ts';

type HistoryOptions = PlaceOptions & CommonOptions;

const SHOW_HELP = `
Examples:
  backlogctl history show 12         the same as 000012
  backlogctl history show 12 --json

Exit status: 0 done · 2 no such transaction · 5 refused: no root, or it is damaged`;

export function addHistory(program: Command, terminal: Terminal, outcome: Outcome): void {
  const history = program
    .command('history')
    .description('what backlogctl changed on this host: when, who, why');
  const list = history
    .command('list', { isDefault: true })
    .description('a line for each transaction, the newest first; exit 5 where one is damaged');
  withOptions(list, placeOptions()).action(async () => {
    const { runHistory } = await import('./commands/history.ts');
    outcome.status = await runHistory(list.optsWithGlobals<HistoryOptions>(), terminal);
  });
  const show = history
    .command('show')
    .description(
      'one transaction: who, when, why, each value and file, whether it still stands, and how to take it back',
    )
    .argument('<id>', 'its number: 12, 000012')
    .addHelpText('after', SHOW_HELP);
  withOptions(show, placeOptions()).action(async (id: string) => {
    const { runHistoryShow } = await import('./commands/history.ts');
    outcome.status = await runHistoryShow(id, show.optsWithGlobals<HistoryOptions>(), terminal);
  });
}
