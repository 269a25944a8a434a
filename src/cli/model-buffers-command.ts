import { type Command, Option } from 'commander';
import { usageError } from '../core/errors.ts';
import { INT_MAX } from '../core/integers.ts';
import { parseBitsPerSecond, parseBytes, parseCount, parseMilliseconds } from '../core/quantities.ts';
import type { ModelBuffersOptions } from './commands/model-buffers.ts';
import { wholeNumber } from './option-values.ts';
import type { CommonOptions } from './options.ts';
import type { Outcome } from './program.ts';
import type { Terminal } from './terminal.ts';

const HELP = `
What is not given is the default of the kernel, never this host's live value.

Examples:
  backlogctl model buffers --bandwidth 10Gbit --rtt 40ms
  backlogctl model buffers --rtt 100ms --tcp-rmem "4096 131072 6291456" --kernel 6.1
  backlogctl model buffers --bandwidth 1Gbit --rtt 80ms --so-rcvbuf 262144 --memory 8GiB`;

const LEAST_MTU = 576;
const MOST_MTU = 65_535;

/** A quantity that is above 0, or a complaint that says what was expected. */
function above0(option: string, parse: (text: string) => number | null, expected: string) {
  return (given: string): number => {
    const amount = parse(given);
    if (amount === null || amount <= 0) throw usageError(`${option} expects ${expected}, not '${given}'`);
    return amount;
  };
}

/** A microsecond is the least that the kernel measures. */
function microsecondsAtLeast(given: string): number | null {
  const milliseconds = parseMilliseconds(given);
  return milliseconds === null || milliseconds < 0.001 ? null : milliseconds;
}

function sysctlOptions(): readonly Option[] {
  return [
    new Option('--tcp-rmem <vector>', 'net.ipv4.tcp_rmem: "4096 131072 6291456"'),
    new Option('--tcp-wmem <vector>', 'net.ipv4.tcp_wmem: "4096 16384 4194304"'),
    new Option('--tcp-mem <vector>', 'net.ipv4.tcp_mem, in pages of 4096 bytes'),
    new Option('--rmem-max <bytes>', 'net.core.rmem_max'),
    new Option('--wmem-max <bytes>', 'net.core.wmem_max'),
    new Option('--adv-win-scale <n>', 'net.ipv4.tcp_adv_win_scale, which counts up to 6.5'),
    new Option('--somaxconn <n>', 'net.core.somaxconn, for the memory of full queues'),
  ];
}

function options(): readonly Option[] {
  return [
    new Option('--kernel <release>', "such as 6.1 or 5.14.0-503.el9; this host's if left out"),
    new Option(
      '--bandwidth <rate>',
      'what one connection should reach, such as 10Gbit; needs --rtt',
    ).argParser(above0('--bandwidth', parseBitsPerSecond, 'a rate above 0 such as 10Gbit or 400Mbit')),
    new Option('--rtt <time>', 'round trip of its path, such as 40ms').argParser(
      above0('--rtt', microsecondsAtLeast, 'a time of at least 1us such as 40ms'),
    ),
    ...sysctlOptions(),
    new Option('--so-rcvbuf <bytes>', 'what the program sets with SO_RCVBUF').argParser(
      wholeNumber('--so-rcvbuf', 0, INT_MAX),
    ),
    new Option('--so-sndbuf <bytes>', 'what the program sets with SO_SNDBUF').argParser(
      wholeNumber('--so-sndbuf', 0, INT_MAX),
    ),
    new Option('--memory <size>', 'MemTotal of the host, such as 8GiB').argParser(
      above0('--memory', parseBytes, 'a size in KiB, MiB, GiB or TiB such as 8GiB'),
    ),
    new Option('--connections <n>', 'connections that are open at once').argParser(
      above0('--connections', parseCount, 'a whole number such as 2000'),
    ),
    new Option('--mtu <bytes>', 'of the path')
      .argParser(wholeNumber('--mtu', LEAST_MTU, MOST_MTU))
      .default(1500),
  ];
}

export function addModelBuffers(model: Command, terminal: Terminal, outcome: Outcome): void {
  const command = model
    .command('buffers')
    .description(
      'what buffers and windows allow over a path, what a rate needs, and what they cost in memory',
    )
    .addHelpText('after', HELP);
  for (const option of options()) command.addOption(option);
  command.action(async () => {
    const { runModelBuffers } = await import('./commands/model-buffers.ts');
    outcome.status = await runModelBuffers(
      command.optsWithGlobals<ModelBuffersOptions & CommonOptions>(),
      terminal,
    );
  });
}
