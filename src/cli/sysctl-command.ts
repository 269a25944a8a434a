import { type Command, Option } from 'commander';
import type { ResolveOptions } from './commands/sysctl-resolve.ts';
import { type CommonOptions, sourceOptions } from './options.ts';
import type { Outcome } from './program.ts';
import type { Terminal } from './terminal.ts';

const HELP = `
Examples:
  backlogctl sysctl resolve net.ipv4.tcp_rmem     what it will be, and which line says so
  backlogctl sysctl resolve                       every key that the boot sets
  backlogctl sysctl resolve --compare             where sysctl --system does otherwise
  backlogctl sysctl resolve --root /mnt/image --loader procps-4.0.2

Nothing is applied: the files are read, and the loader's own rules are followed,
with what the kernel makes of each write.

Exit status: 0 done · 2 bad usage or bad input`;

export function addSysctl(program: Command, terminal: Terminal, outcome: Outcome): void {
  const sysctl = program
    .command('sysctl')
    .description('the sysctl files of a host, and what a boot makes of them');
  const resolve = sysctl
    .command('resolve', { isDefault: true })
    .description(
      'for each key: its value after a boot, the line that wins, and the lines that lose, with the reason',
    )
    .argument('[keys...]', 'net.ipv4.tcp_rmem, net.ipv4.conf.eth0/1.rp_filter; none for all')
    .addOption(
      new Option(
        '--keys <file>',
        'what stands below /proc/sys, as JSON {"net/core/somaxconn": ["f", "644"], ...}; without it, as it is here',
      ),
    )
    .addOption(
      new Option('--compare', 'the keys that sysctl --system would change after a boot with systemd'),
    )
    .addHelpText('after', HELP);
  for (const option of sourceOptions()) if (option.long !== '--sample') resolve.addOption(option);
  resolve.action(async (keys: readonly string[]) => {
    const { runSysctlResolve } = await import('./commands/sysctl-resolve.ts');
    outcome.status = await runSysctlResolve(
      keys,
      resolve.optsWithGlobals<ResolveOptions & CommonOptions>(),
      terminal,
    );
  });
}
