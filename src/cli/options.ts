import { Option } from 'commander';
import { unknownNameError, usageError } from '../core/errors.ts';
import { LOADER_NAMES, parseLoaderName } from '../resolve/loader-traits.ts';
import { SEVERITIES, type Severity } from '../rules/rule.ts';
import type { LoaderKind } from '../snapshot/host.ts';
import { durationSeconds, oneOf } from './option-values.ts';

/** Options of every command. */
export type CommonOptions = {
  readonly format: 'text' | 'json';
  readonly json?: true;
  readonly color: 'auto' | 'always' | 'never';
  readonly quiet?: true;
  readonly verbose?: true;
};

/** Options of the commands that look at a host. */
export type SourceOptions = {
  readonly root?: string;
  readonly snapshot?: string;
  readonly snapshotOut?: string;
  readonly sample?: number;
  readonly loader?: { readonly kind: LoaderKind; readonly version: string | null };
};

export type AuditOptions = SourceOptions & {
  readonly failOn?: Exclude<Severity, 'info'>;
  readonly requireComplete?: true;
};

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

export function sourceOptions(): readonly Option[] {
  return [
    new Option('--root <dir>', 'look at another tree: a chroot, an image, a capture'),
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
