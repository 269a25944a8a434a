import { type Command, Option } from 'commander';
import type { RecoverOptions } from './commands/recover.ts';
import type { RevertOptions } from './commands/revert-unconfirmed.ts';
import { wholeNumber } from './option-values.ts';
import { type CommonOptions, netnsOption, type PlaceOptions, placeOptions, withOptions } from './options.ts';
import type { Outcome } from './program.ts';
import type { Terminal } from './terminal.ts';

export function addRecover(program: Command, terminal: Terminal, outcome: Outcome): void {
  const command = program
    .command('recover')
    .description('end what a run that was killed left in the middle, and nothing else; changes the host')
    .option(
      '--at-boot',
      'while the host comes up, before the sysctl files are applied: of earlier boots files alone are put back',
    );
  withOptions(command, placeOptions()).action(async () => {
    const { runRecover } = await import('./commands/recover.ts');
    outcome.status = await runRecover(command.optsWithGlobals<RecoverOptions & CommonOptions>(), terminal);
  });
}

export function addConfirm(program: Command, terminal: Terminal, outcome: Outcome): void {
  const command = program
    .command('confirm')
    .description('keep what was applied with apply --confirm-within: its files are written; changes the host')
    .addOption(netnsOption());
  command.action(async () => {
    const { runConfirm } = await import('./commands/confirm.ts');
    outcome.status = await runConfirm(command.optsWithGlobals<CommonOptions & PlaceOptions>(), terminal);
  });
  const revert = program
    .command('revert-unconfirmed', { hidden: true })
    .argument('<id>')
    .option('--self-test')
    .option('--own-session')
    .addOption(new Option('--after <ms>').argParser(wholeNumber('--after', 0, 24 * 3600 * 1000)));
  revert.action(async (id: string) => {
    const { runRevertUnconfirmed } = await import('./commands/revert-unconfirmed.ts');
    const options = revert.optsWithGlobals<RevertOptions & CommonOptions & PlaceOptions>();
    outcome.status = await runRevertUnconfirmed(id, options, terminal);
  });
}
