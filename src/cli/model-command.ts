import { type Command, Option } from 'commander';
import { unknownNameError, usageError } from '../core/errors.ts';
import { INT_MAX, INT_MIN, UINT_MAX } from '../core/integers.ts';
import { LOAD_KINDS, MOST_CONNECTIONS } from '../model/load.ts';
import type { ModelOptions } from './commands/model.ts';
import { addModelBuffers } from './model-buffers-command.ts';
import { oneOf, optionGiven, wholeNumber } from './option-values.ts';
import type { CommonOptions } from './options.ts';
import type { Outcome } from './program.ts';
import type { Terminal } from './terminal.ts';

const HELP = `
Loads: syn (bare SYNs), proven-syn (of peers that were here before),
time-wait-syn, handshake (one after another), burst (all SYNs first, then an ACK
for each SYN-ACK), prefilled-burst, fast-open.

A line of a batch is a JSON object:
  {"kernel": "6.1.153", "backlog": 511, "somaxconn": 4096, "maxSynBacklog": 1024,
   "syncookies": 1, "abortOnOverflow": 0,
   "load": {"kind": "burst", "connections": 5000, "prefilled": 0}}
All but the first three may be left out.

Examples:
  backlogctl model --backlog 511 --somaxconn 4096
  backlogctl model --backlog 511 --somaxconn 4096 --load burst --connections 5000
  backlogctl model --batch <questions.ndjson`;

function number(flags: string, description: string, least: number, most: number): Option {
  const [name = flags] = flags.split(' ');
  return new Option(flags, description).argParser(wholeNumber(name, least, most));
}

function options(): readonly Option[] {
  return [
    new Option('--kernel <release>', "such as 6.1.153, or what uname -rv prints; this host's if left out"),
    number('--backlog <n>', 'what the program passes to listen()', INT_MIN, UINT_MAX),
    number('--somaxconn <n>', 'net.core.somaxconn', 0, INT_MAX),
    number('--max-syn-backlog <n>', 'net.ipv4.tcp_max_syn_backlog', INT_MIN, INT_MAX),
    number('--syncookies <n>', 'net.ipv4.tcp_syncookies: 0, 1 (the default) or 2', INT_MIN, INT_MAX),
    number('--abort-on-overflow <n>', 'net.ipv4.tcp_abort_on_overflow', INT_MIN, INT_MAX),
    number('--synack-retries <n>', 'net.ipv4.tcp_synack_retries', 0, 255),
    new Option('--defer-accept', 'the program sets TCP_DEFER_ACCEPT'),
    number('--sockets <n>', 'sockets of one SO_REUSEPORT group', 1, 4096),
    number('--fast-open <n>', 'what the program sets with TCP_FASTOPEN', INT_MIN, UINT_MAX),
    new Option('--load <kind>', 'what a load leaves behind when nobody accepts').argParser(
      oneOf('load', LOAD_KINDS),
    ),
    number('--connections <n>', 'how many of them', 0, MOST_CONNECTIONS),
    number('--prefilled <n>', 'whole handshakes before the load', 0, MOST_CONNECTIONS),
    new Option('--batch', 'answer each line of standard input, a JSON object, with a line'),
  ];
}

const NUMBERS = [
  'kernel',
  'backlog',
  'somaxconn',
  'maxSynBacklog',
  'syncookies',
  'abortOnOverflow',
  'synackRetries',
  'deferAccept',
  'sockets',
  'fastOpen',
  'load',
  'connections',
  'prefilled',
] as const;

type GivenOptions = ModelOptions & CommonOptions & { readonly batch?: true };

async function run(given: GivenOptions, terminal: Terminal): Promise<Outcome['status']> {
  const { batch, ...rest } = given;
  if (batch !== true) {
    const { runModel } = await import('./commands/model.ts');
    return runModel(rest, terminal);
  }
  const other = optionGiven(rest, NUMBERS);
  if (other !== null) throw usageError(`--batch reads its numbers from standard input, not from ${other}`);
  const { runModelBatch } = await import('./commands/model-batch.ts');
  return runModelBatch(terminal);
}

const MODEL_HELP = `
Examples:
  backlogctl model --backlog 511 --somaxconn 4096
  backlogctl model buffers --bandwidth 10Gbit --rtt 40ms

'queues' may be left out; backlogctl model queues --help lists its options.`;

function addModelQueues(model: Command, terminal: Terminal, outcome: Outcome): void {
  const command = model
    .command('queues', { isDefault: true })
    .description('the accept queue and the SYN queue, and what a load leaves behind')
    .addHelpText('after', HELP)
    .allowExcessArguments();
  for (const option of options()) command.addOption(option);
  command.action(async () => {
    const [word] = command.args;
    // What is no subcommand arrives here, for this is the one that may be left out.
    if (word === 'buffers' || word === 'queues') throw usageError(`'${word}' is typed right behind model`);
    if (word !== undefined) throw unknownNameError('subcommand of model', word, ['queues', 'buffers']);
    outcome.status = await run(command.optsWithGlobals<GivenOptions>(), terminal);
  });
}

export function addModel(program: Command, terminal: Terminal, outcome: Outcome): void {
  const command = program
    .command('model')
    .description(
      'the queue limits and buffers for given numbers; of a host it reads its kernel alone, without --kernel',
    )
    .addHelpText('after', MODEL_HELP);
  addModelQueues(command, terminal, outcome);
  addModelBuffers(command, terminal, outcome);
}
