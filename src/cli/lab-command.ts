import { type Command, Option } from 'commander';
import { usageError } from '../core/errors.ts';
import { INT_MAX } from '../core/integers.ts';
import type { LabOptions } from './commands/lab.ts';
import { optionGiven, wholeNumber } from './option-values.ts';
import type { CommonOptions } from './options.ts';
import type { Outcome } from './program.ts';
import type { Terminal } from './terminal.ts';

const HELP = `
Measures on this kernel, in two network namespaces that end with the run, what a
listener that accepts nothing keeps of whole handshakes, and of bare SYNs. Other
loads take raw sockets; 'backlogctl model' predicts them. What is not given is
this host's own value. Nothing of the host changes; the kernel may log "possible
SYN flooding" for a port of the lab's own network namespace.

Needs ip and ss (iproute2), unshare and setpriv (util-linux), and root or user
namespaces.

Exit status: 0 all as predicted · 1 the kernel does something else · 2 bad usage
· 5 this host does not allow it`;

const MOST_POINTS = 10_000;

function options(): readonly Option[] {
  const number = (flags: string, what: string, least: number, most: number) =>
    new Option(flags, what).argParser(wholeNumber(flags.split(' ')[0] ?? flags, least, most));
  return [
    number('--backlog <n>', 'what the listener passes to listen() (default: 511)', -1, INT_MAX),
    number('--somaxconn <n>', 'net.core.somaxconn', 0, INT_MAX),
    number('--max-syn-backlog <n>', 'net.ipv4.tcp_max_syn_backlog', -INT_MAX, INT_MAX),
    number('--syncookies <n>', 'net.ipv4.tcp_syncookies', 0, 255),
    number('--abort-on-overflow <n>', 'net.ipv4.tcp_abort_on_overflow', 0, 1),
    number('--prefilled <n>', 'whole handshakes before the load', 0, 20_000),
    number(
      '--matrix [points]',
      'a grid of settings instead, and how many agree (default: 240)',
      1,
      MOST_POINTS,
    ),
  ];
}

function check({ matrix, ...settings }: LabOptions): void {
  if (settings.backlog === 0)
    throw usageError('a listener of Node cannot ask for 0', '--somaxconn 0 makes the same queue');
  if (matrix === undefined) return;
  const given = optionGiven(settings, [
    'backlog',
    'somaxconn',
    'maxSynBacklog',
    'syncookies',
    'abortOnOverflow',
    'prefilled',
  ]);
  if (given !== null) throw usageError(`--matrix has settings of its own, so it does not go with ${given}`);
}

export function addLab(program: Command, terminal: Terminal, outcome: Outcome): void {
  const command = program
    .command('lab')
    .description('measures the queue limits on this kernel and compares them with the model; changes nothing')
    .addHelpText('after', HELP);
  for (const option of options()) command.addOption(option);
  command.action(async () => {
    const given = command.optsWithGlobals<LabOptions & CommonOptions>();
    check(given);
    const { runLab } = await import('./commands/lab.ts');
    outcome.status = await runLab(given, terminal);
  });
  program
    .command('lab-agent <role> <namespace> [pid]', { hidden: true })
    .action(async (role: string, namespace: string, pid: string | undefined) => {
      const { runLabAgent } = await import('./commands/lab-agent.ts');
      outcome.status = await runLabAgent(role, namespace, pid);
    });
}
