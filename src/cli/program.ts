import { Command } from 'commander';
import { EXIT, type ExitStatus } from '../core/exit-status.ts';
import { runAudit } from './commands/audit.ts';
import type { PlanCommandOptions } from './commands/plan.ts';
import type { RollbackOptions } from './commands/rollback.ts';
import type { SnapshotOptions } from './commands/snapshot.ts';
import type { StatusOptions } from './commands/status.ts';
import type { WizardOptions } from './commands/wizard.ts';
import { addConfirm, addRecover } from './confirm-commands.ts';
import { addHistory } from './history-command.ts';
import { addLab } from './lab-command.ts';
import { addModel } from './model-command.ts';
import {
  type ApplyOptions,
  type AuditOptions,
  applyOptions,
  auditOptions,
  type CommonOptions,
  commonOptions,
  fileNameOption,
  insideOptions,
  placeOptions,
  planOptions,
  rootOption,
  type SourceOptions,
  sourceOptions,
  takeoverOption,
  wishOptions,
  withOptions,
} from './options.ts';
import { addSysctl } from './sysctl-command.ts';
import type { Terminal } from './terminal.ts';
import { VERSION } from './version.ts';

const EXIT_STATUS_HELP = `
Exit status: 0 done · 1 findings at or above --fail-on, incomplete with
--require-complete, drift (status) or left alone (rollback) · 2 bad usage or bad
input · 3 failed, all put back · 4 failed, not all put back · 5 refused: a person
decides · 6 changes pending (plan --exit-code) · 70 internal error · 75 another
run holds the lock · 130, 143 interrupted, all put back`;

const APPLY_HELP = `
Examples:
  backlogctl apply --profile web-frontend --yes        in provisioning; asks nobody
  backlogctl apply --profile web-frontend --dry-run    shows it, and writes nothing
  backlogctl plan --out p.json; backlogctl apply p.json
  backlogctl apply --profile base --root /mnt/image --no-live --yes
  backlogctl apply --yes --confirm-within 5m           goes back by itself, unless:
  backlogctl confirm
  backlogctl apply --yes --confirm-within 30s --confirm-if /usr/local/bin/healthy

A run states the whole set: what an earlier run asked for and this one does not
is taken back. It is undone with backlogctl rollback.

Exit status: 0 done, changed or not · 2 bad usage or bad input · 3 failed, all put
back · 4 failed, not all put back · 5 refused: a conflict, a stale plan, no root ·
75 another run holds the lock · 130, 143 interrupted, all put back`;

/** Every action leaves its exit status here; commander itself has no place for one. */
export type Outcome = { status: ExitStatus };

function addAudit(program: Command, terminal: Terminal, outcome: Outcome): void {
  const command = program
    .command('audit')
    .description(
      'what limits every listener on this host, what is wrong, and the plan that would mend it; changes nothing',
    );
  withOptions(command, [...sourceOptions(), ...wishOptions(), ...auditOptions()]).action(async () => {
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

function addPlan(program: Command, terminal: Terminal, outcome: Outcome): void {
  const command = program
    .command('plan')
    .description(
      'the exact changes that would mend what the audit found and meet the profiles; changes nothing',
    );
  withOptions(command, [...sourceOptions(), ...planOptions()])
    .option('-o, --out <file>', 'save the plan there as JSON (mode 0600)')
    .option('--exit-code', 'exit 6 where changes are pending')
    .action(async () => {
      const { runPlan } = await import('./commands/plan.ts');
      outcome.status = await runPlan(command.optsWithGlobals<PlanCommandOptions & CommonOptions>(), terminal);
    });
}

function addApply(program: Command, terminal: Terminal, outcome: Outcome): void {
  const command = program
    .command('apply')
    .description('carry out a plan, or plan and carry out in one go: all of it or nothing; changes the host')
    .argument('[plan]', 'a plan that was saved with plan --out')
    .addHelpText('after', APPLY_HELP);
  withOptions(command, [...sourceOptions(), ...planOptions(), ...applyOptions()]).action(
    async (saved: string | undefined) => {
      const { runApply } = await import('./commands/apply.ts');
      outcome.status = await runApply(
        saved,
        command.optsWithGlobals<ApplyOptions & CommonOptions>(),
        terminal,
      );
    },
  );
}

function addRollback(program: Command, terminal: Terminal, outcome: Outcome): void {
  const command = program
    .command('rollback')
    .description('take back the newest transaction, as far as nobody has changed it since; changes the host')
    .option('--to <id>', 'take back everything after this transaction')
    .option('--all', 'take back everything that backlogctl ever did')
    .option('--force', 'also what somebody else changed since');
  withOptions(command, placeOptions()).action(async () => {
    const { runRollback } = await import('./commands/rollback.ts');
    outcome.status = await runRollback(command.optsWithGlobals<RollbackOptions & CommonOptions>(), terminal);
  });
}

function addStatus(program: Command, terminal: Terminal, outcome: Outcome): void {
  const command = program
    .command('status')
    .description(
      'whether what backlogctl set still stands, now and at the next boot; exit 1 where it does not',
    )
    .option('--all', 'also every other key that a sysctl file sets: its value now and at the next boot');
  withOptions(
    command,
    sourceOptions().filter(({ long }) => long !== '--sample'),
  ).action(async () => {
    const { runStatus } = await import('./commands/status.ts');
    outcome.status = await runStatus(command.optsWithGlobals<StatusOptions & CommonOptions>(), terminal);
  });
}

function addWizard(program: Command, terminal: Terminal, outcome: Outcome): void {
  const command = program
    .command('wizard')
    .description('asks what the host is for, shows the plan, and applies it if you say so');
  withOptions(command, [fileNameOption(), takeoverOption()]).action(async () => {
    const { runWizardCommand } = await import('./commands/wizard.ts');
    outcome.status = await runWizardCommand(
      command.optsWithGlobals<WizardOptions & CommonOptions>(),
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

function addProfiles(program: Command, terminal: Terminal, outcome: Outcome): void {
  const profiles = program
    .command('profiles')
    .description('what a kind of host (a web front end, a database) requires of its sysctls');
  const list = profiles
    .command('list', { isDefault: true })
    .description("every profile with its purpose in a sentence: ours, and the host's own");
  list.addOption(rootOption()).action(async () => {
    const { runProfilesList } = await import('./commands/profiles.ts');
    outcome.status = await runProfilesList(list.optsWithGlobals<SourceOptions & CommonOptions>(), terminal);
  });
  const show = profiles
    .command('show')
    .description('one profile: each setting with its reason and source, and what it comes to on this host')
    .argument('<profile>', 'a name, or a file: web-frontend, ./mine.yaml');
  withOptions(show, sourceOptions()).action(async (given: string) => {
    const { runProfilesShow } = await import('./commands/profiles.ts');
    outcome.status = await runProfilesShow(
      given,
      show.optsWithGlobals<SourceOptions & CommonOptions>(),
      terminal,
    );
  });
  const validate = profiles
    .command('validate')
    .description('whether a file is a sound profile; says what is wrong with file:line:column')
    .argument('<file>');
  validate.action(async (file: string) => {
    const { runProfilesValidate } = await import('./commands/profiles.ts');
    outcome.status = await runProfilesValidate(file, validate.optsWithGlobals<CommonOptions>(), terminal);
  });
}

export function buildProgram(terminal: Terminal, outcome: Outcome): Command {
  const program = new Command('backlogctl')
    .description('Finds what limits the accept and SYN queue of every listener on a Linux host.')
    .version(VERSION, '-V, --version', 'print the version')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', EXIT_STATUS_HELP)
    .exitOverride();
  withOptions(program, [...commonOptions(), ...insideOptions()]);
  addAudit(program, terminal, outcome);
  addExplain(program, terminal, outcome);
  addPlan(program, terminal, outcome);
  addApply(program, terminal, outcome);
  addRollback(program, terminal, outcome);
  addConfirm(program, terminal, outcome);
  addRecover(program, terminal, outcome);
  addHistory(program, terminal, outcome);
  addStatus(program, terminal, outcome);
  addWizard(program, terminal, outcome);
  addSnapshot(program, terminal, outcome);
  addSysctl(program, terminal, outcome);
  addModel(program, terminal, outcome);
  addLab(program, terminal, outcome);
  addRules(program, terminal, outcome);
  addProfiles(program, terminal, outcome);
  return program;
}

export function newOutcome(): Outcome {
  return { status: EXIT.done };
}
