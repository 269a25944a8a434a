import { type Command, Option } from 'commander';
import { unknownNameError, usageError } from '../core/errors.ts';
import { parseBitsPerSecond, parseCount, parseMilliseconds } from '../core/quantities.ts';
import { LOADER_NAMES, parseLoaderName } from '../resolve/loader-traits.ts';
import { SEVERITIES, type Severity } from '../rules/rule.ts';
import type { LoaderKind } from '../snapshot/host.ts';
import { DROP_IN_DIRECTORY, DROP_IN_NAME, whyNoDropInName } from '../sysctl/own-drop-in.ts';
import { durationSeconds, oneOf } from './option-values.ts';

/** Options of every command. */
export type CommonOptions = {
  readonly format: 'text' | 'json';
  readonly json?: true;
  readonly color: 'auto' | 'always' | 'never';
  readonly quiet?: true;
  readonly verbose?: true;
};

/** Which tree or network namespace is looked at, or changed; this host and ours where nothing is said. */
export type PlaceOptions = {
  readonly root?: string;
  /** As typed: a name of ip-netns(8) or a PID. */
  readonly netns?: string;
  /** The network namespace in which we go on: its inode, with `-` where nothing is kept of it yet. */
  readonly inside?: string;
};

/** Options of the commands that look at a host. */
export type SourceOptions = PlaceOptions & {
  readonly snapshot?: string;
  readonly snapshotOut?: string;
  readonly sample?: number;
  readonly loader?: { readonly kind: LoaderKind; readonly version: string | null };
};

/** What a host is for, and its load. */
export type WishOptions = {
  readonly profile?: readonly string[];
  readonly connectionsPerSecond?: number;
  /** Milliseconds. */
  readonly longestStall?: number;
  /** Bits per second. */
  readonly bandwidth?: number;
  /** Milliseconds. */
  readonly rtt?: number;
};

export type AuditOptions = SourceOptions &
  WishOptions & {
    readonly failOn?: Exclude<Severity, 'info'>;
    readonly requireComplete?: true;
  };

/** Options of the commands that plan. */
export type PlanOptions = SourceOptions &
  WishOptions & {
    readonly allowLower?: true;
    /** Of our drop-in in /etc/sysctl.d. */
    readonly fileName?: string;
    readonly takeover?: true;
    /** False with --no-persist. */
    readonly persist?: boolean;
    /** False with --no-live. */
    readonly live?: boolean;
  };

export type ApplyOptions = PlanOptions & {
  readonly yes?: true;
  readonly dryRun?: true;
  readonly onConflict: 'fail' | 'skip';
  readonly reason?: string;
  /** Seconds. */
  readonly confirmWithin?: number;
  readonly confirmIf?: readonly string[];
  readonly withoutProfiles?: true;
};

export function withOptions(command: Command, options: readonly Option[]): Command {
  for (const option of options) command.addOption(option);
  return command;
}

function quantity(option: string, parse: (text: string) => number | null, expected: string) {
  return (given: string): number => {
    const amount = parse(given);
    if (amount === null) throw usageError(`${option} expects ${expected}, not '${given}'`);
    return amount;
  };
}

function repeated(given: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), given];
}

export function wishOptions(): readonly Option[] {
  return [
    new Option(
      '--profile <name|file>',
      'what this host is for: web-frontend, ./mine.yaml; may be given several times',
    ).argParser(repeated),
    new Option('--connections-per-second <n>', 'new connections at the busiest moment').argParser(
      quantity('--connections-per-second', parseCount, 'a whole number such as 2000'),
    ),
    new Option(
      '--longest-stall <time>',
      'the longest that the server stops accepting, such as 300ms',
    ).argParser(quantity('--longest-stall', parseMilliseconds, 'a time such as 300ms or 2s')),
    new Option('--bandwidth <rate>', 'what one connection should reach, such as 1Gbit').argParser(
      quantity('--bandwidth', parseBitsPerSecond, 'a rate such as 1Gbit or 400Mbit'),
    ),
    new Option('--rtt <time>', 'round trip of its path, such as 40ms').argParser(
      quantity('--rtt', parseMilliseconds, 'a time such as 40ms'),
    ),
  ];
}

function dropInName(given: string): string {
  const why = whyNoDropInName(given);
  if (why !== null)
    throw usageError(
      `--file-name '${given}' does not do: ${why}`,
      'a name such as 99-zz-backlogctl.conf does',
    );
  return given;
}

export function fileNameOption(): Option {
  return new Option(
    '--file-name <name>',
    `what our file in ${DROP_IN_DIRECTORY} is called, from now on (at first ${DROP_IN_NAME})`,
  ).argParser(dropInName);
}

export function takeoverOption(): Option {
  return new Option(
    '--takeover',
    'comment out lines of other files that would win over ours at boot; rollback brings them back',
  );
}

export function planOptions(): readonly Option[] {
  return [
    ...wishOptions(),
    new Option('--allow-lower', 'let a profile lower an amount below what it is without us'),
    fileNameOption(),
    takeoverOption(),
    new Option('--no-persist', 'only the running kernel, no drop-in: the next boot forgets it'),
    new Option('--no-live', 'only the drop-in, for an image that is built with --root'),
  ];
}

export function applyOptions(): readonly Option[] {
  return [
    new Option('-y, --yes', 'do not ask'),
    new Option('--dry-run', 'show what would be done, and do nothing'),
    new Option('--on-conflict <what>', 'fail, or skip what is in conflict and do the rest')
      .argParser(oneOf('value of --on-conflict', ['fail', 'skip']))
      .default('fail'),
    new Option('--without-profiles', 'take back the profiles that stand, and name none'),
    new Option('--reason <text>', 'why, for the history'),
    new Option(
      '--confirm-within <time>',
      'set live values only, and take them back after this time unless somebody types backlogctl confirm',
    ).argParser(durationSeconds('--confirm-within')),
    new Option(
      '--confirm-if <program...>',
      'have a program and its arguments decide instead: kept if it exits with 0; comes last',
    ).argParser(programWithArguments),
  ];
}

/** The words behind it, as separated from the command line before: see withProgramApart. */
function programWithArguments(given: string): readonly string[] {
  const words: unknown = JSON.parse(given);
  return Array.isArray(words) ? words.map(String) : [];
}

const CONFIRM_IF = '--confirm-if';

/** Everything behind --confirm-if is the program's, be it an option of ours. */
export function withProgramApart(argv: readonly string[]): readonly string[] {
  const joined = argv.find((word) => word.startsWith(`${CONFIRM_IF}=`));
  if (joined !== undefined && !argv.slice(0, argv.indexOf(joined)).includes(CONFIRM_IF))
    throw usageError(
      `${CONFIRM_IF} takes the program and its arguments as words of their own, without '='`,
      `${CONFIRM_IF} ${joined.slice(CONFIRM_IF.length + 1)}`,
    );
  const at = argv.indexOf(CONFIRM_IF);
  if (at < 0) return argv;
  return [...argv.slice(0, at), `${CONFIRM_IF}=${JSON.stringify(argv.slice(at + 1))}`];
}

function loaderName(given: string) {
  const loader = parseLoaderName(given);
  if (loader === null) {
    const { hint } = unknownNameError('loader', given, LOADER_NAMES);
    throw usageError(`unknown loader '${given}': expected ${LOADER_NAMES.join(', ')}`, hint);
  }
  return loader;
}

export function commonOptions(): readonly Option[] {
  return [
    new Option('--format <format>', 'text or json')
      .argParser(oneOf('format', ['text', 'json']))
      .default('text'),
    new Option('--json', 'the same as --format json'),
    new Option('--color <when>', 'auto, always or never')
      .argParser(oneOf('value of --color', ['auto', 'always', 'never']))
      .default('auto'),
    new Option('-q, --quiet', 'one line a finding, and no progress'),
    new Option(
      '-v, --verbose',
      'everything: each listener, all evidence, what was not checked; stacks of internal errors',
    ),
  ];
}

export function rootOption(): Option {
  return new Option('--root <dir>', 'look at another tree: a chroot, an image, a capture');
}

export function netnsOption(): Option {
  return new Option(
    '--netns <name|pid>',
    'go on in another network namespace, by its name or a process in it: live values alone, nothing is kept',
  );
}

/** Of those who change a host, or look at what was changed. */
export function placeOptions(): readonly Option[] {
  return [rootOption(), netnsOption()];
}

/** How we call ourselves once we are there. */
export function insideOptions(): readonly Option[] {
  return [new Option('--inside <netns>').hideHelp(), new Option('--tell-arrival').hideHelp()];
}

export function sourceOptions(): readonly Option[] {
  return [
    ...placeOptions(),
    new Option('--snapshot <file>', 'look at a saved snapshot instead of this host (- for standard input)'),
    new Option('--snapshot-out <file>', 'save the facts that were looked at'),
    new Option(
      '--sample <time>',
      'read the counters twice, this far apart, to tell what is overflowing now',
    ).argParser(durationSeconds('--sample')),
    new Option(
      '--loader <name>',
      'resolve the sysctl files as this loader would (systemd, procps, systemd-252, ...)',
    ).argParser(loaderName),
  ];
}

export function auditOptions(): readonly Option[] {
  return [
    new Option(
      '--fail-on <severity>',
      'exit 1 with a finding of this severity or above (low, medium, high)',
    ).argParser(
      oneOf(
        'severity',
        SEVERITIES.filter((each) => each !== 'info'),
      ),
    ),
    new Option('--require-complete', 'exit 1 when parts of the host could not be seen'),
  ];
}
