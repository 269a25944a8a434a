import { Command, type Option } from 'commander';
import { EXIT, type ExitStatus } from '../core/exit-status.ts';
import { runAudit } from './commands/audit.ts';
import type { SnapshotOptions } from './commands/snapshot.ts';
import {
  type AuditOptions,
  auditOptions,
  type CommonOptions,
  commonOptions,
  type SourceOptions,
  sourceOptions,
} from './options.ts';
import type { Terminal } from './terminal.ts';
import { VERSION } from './version.ts';

const EXIT_STATUS_HELP = `
Exit status: 0 done · 1 findings at or above --fail-on, or incomplete with
--require-complete · 2 bad usage or bad input · 70 internal error`;

function withOptions(command: Command, options: readonly Option[]): Command {
  for (const option of options) command.addOption(option);
  return command;
}

/** Every action leaves its exit status here; commander itself has no place for one. */
export type Outcome = { status: ExitStatus };

function addAudit(program: Command, terminal: Terminal, outcome: Outcome): void {
  const command = program
    .command('audit')
    .description(
      'what limits every listener on this host, what is wrong, and what would mend it; changes nothing',
    );
  withOptions(command, [...sourceOptions(), ...auditOptions()]).action(async () => {
    outcome.status = await runAudit(command.optsWithGlobals<AuditOptions & CommonOptions>(), terminal);
  });
}

function addExplain(program: Command, terminal: Terminal, outcome: Outcome): void {
  const command = program
    .command('explain')
    .description('the arithmetic and the origin behind one key, listener (:443), rule or finding')
    .argument('<target>', 'net.core.somaxconn, :443, /run/x.sock, a rule or a finding of the audit');
  withOptions(command, sourceOptions()).action(async (target: string) => {
    const { runExplain } = await import('./commands/explain.ts');
    outcome.status = await runExplain(
      target,
      command.optsWithGlobals<SourceOptions & CommonOptions>(),
      terminal,
    );
  });
}

function addSnapshot(program: Command, terminal: Terminal, outcome: Outcome): void {
  const command = program
    .command('snapshot')
    .description('save the facts as JSON, to audit elsewhere or later; no secret is in it')
    .option('-o, --out <file>', 'write it there (mode 0600) instead of to standard output')
    .option('--redact', 'replace addresses, names and paths, so that it can be handed to others');
  const kept = sourceOptions().filter(({ long }) => long !== '--snapshot-out' && long !== '--loader');
  withOptions(command, kept).action(async () => {
    const { runSnapshot } = await import('./commands/snapshot.ts');
    outcome.status = await runSnapshot(command.optsWithGlobals<SnapshotOptions>(), terminal);
  });
}

function addRules(program: Command, terminal: Terminal, outcome: Outcome): void {
  const rules = program.command('rules').description('the problems that an audit looks for');
  const list = rules
    .command('list', { isDefault: true })
    .description('every rule with its problem in a sentence');
  list.action(async () => {
    const { runRulesList } = await import('./commands/rules.ts');
    outcome.status = await runRulesList(list.optsWithGlobals<CommonOptions>(), terminal);
  });
  const show = rules
    .command('show')
    .description('one rule: the problem, why it matters, sources')
    .argument('<rule>');
  show.action(async (id: string) => {
    const { runRulesShow } = await import('./commands/rules.ts');
    outcome.status = await runRulesShow(id, show.optsWithGlobals<CommonOptions>(), terminal);
  });
}

export function buildProgram(terminal: Terminal, outcome: Outcome): Command {
  const program = new Command('backlogctl')
    .description('Finds what limits the accept and SYN queue of every listener on a Linux host.')
    .version(VERSION, '-V, --version', 'print the version')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', EXIT_STATUS_HELP)
    .exitOverride();
  withOptions(program, commonOptions());
  addAudit(program, terminal, outcome);
  addExplain(program, terminal, outcome);
  addSnapshot(program, terminal, outcome);
  addRules(program, terminal, outcome);
  return program;
}

export function newOutcome(): Outcome {
  return { status: EXIT.done };
}
