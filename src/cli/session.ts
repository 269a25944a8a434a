import { STATE_DIRECTORY } from '../apply/journal-names.ts';
import { inputError, usageError } from '../core/errors.ts';
import { unreadableText } from '../core/fact.ts';
import { type Move, movedReader, readerWithout } from '../core/moved-paths.ts';
import type { Entrance, HostReader } from '../core/ports.ts';
import { shellQuote } from '../core/shell.ts';
import { hostClock } from '../host/clock.ts';
import { readDocument } from '../host/document-reader.ts';
import { writeDocument } from '../host/document-writer.ts';
import { hostExec } from '../host/exec.ts';
import { hostIdentity } from '../host/identity.ts';
import { kernelName, namespaceJournal } from '../host/namespace-journal.ts';
import { isPid } from '../host/network-namespace.ts';
import { hostReader } from '../host/reader.ts';
import { audit } from '../pipeline/audit.ts';
import type { AuditReport } from '../pipeline/audit-report.ts';
import { readWaivers } from '../pipeline/config.ts';
import type { ProfileSource } from '../pipeline/profiles.ts';
import { type HostPorts, type SnapshotSource, takeSnapshot } from '../pipeline/take-snapshot.ts';
import { jsonLines, renderJson } from '../report/audit-json.ts';
import type { TextOptions } from '../report/text/audit-text.ts';
import type { ChangeTextOptions } from '../report/text/change-text.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import type { CommonOptions, PlaceOptions, SourceOptions } from './options.ts';
import type { Terminal } from './terminal.ts';

/** What the commands share: the ports of this host, and where their output goes. */

export function wantsJson({ format, json }: CommonOptions): boolean {
  return json === true || format === 'json';
}

/** As they are typed, so that another command looks at the same facts. */
export function sourceOptionsText(options: SourceOptions): string {
  const { snapshot, sample, loader } = options;
  const version = loader?.version === null || loader === undefined ? '' : `-${loader.version}`;
  return [
    ...placeWords(options),
    // What came through standard input is gone.
    ...(snapshot === undefined ? [] : ['--snapshot', snapshot === '-' ? 'FILE' : snapshot]),
    ...(sample === undefined ? [] : ['--sample', `${sample}s`]),
    ...(loader === undefined ? [] : ['--loader', `${loader.kind}${version}`]),
  ]
    .map(shellQuote)
    .join(' ');
}

/** What every renderer of text finds what it needs in. */
export type LayoutOptions = TextOptions & ChangeTextOptions;

/** As it is typed for the same tree or network namespace. */
export function placeWords({ root, netns }: PlaceOptions): readonly string[] {
  return [
    ...(root === undefined ? [] : ['--root', root]),
    ...(netns === undefined ? [] : ['--netns', netns]),
  ];
}

function commandOn(options: PlaceOptions, ...words: readonly string[]): string {
  return ['backlogctl', ...words, ...placeWords(options)].map(shellQuote).join(' ');
}

/** What takes a change back, on the same host or image. */
export function rollbackCommand(options: PlaceOptions): string {
  return commandOn(options, 'rollback');
}

/** What ends what a run left in the middle, and does nothing else, on the same host or image. */
export function recoverCommand(options: PlaceOptions): string {
  return commandOn(options, 'recover');
}

/** What keeps what waits to be confirmed. */
function confirmCommand(options: PlaceOptions): string {
  return commandOn(options, 'confirm');
}

/** What shows one transaction, to which its number is added. */
export function showCommand(options: PlaceOptions): string {
  return commandOn(options, 'history', 'show');
}

export function textOptions(options: CommonOptions & SourceOptions, terminal: Terminal): LayoutOptions {
  const { color, quiet, verbose } = options;
  return {
    sourceOptions: sourceOptionsText(options),
    undo: rollbackCommand(options),
    recover: recoverCommand(options),
    confirm: confirmCommand(options),
    ...(options.netns === undefined ? {} : { netns: namespaceWords(options.netns) }),
    columns: terminal.columns,
    color: color === 'always' || (color === 'auto' && terminal.takesColor),
    verbosity: quiet ? 'quiet' : verbose ? 'verbose' : 'normal',
  };
}

/** What a command found out, in each of the forms that may be asked for; only the one that is gets made. */
type Forms = {
  readonly json: () => unknown;
  readonly text: (options: LayoutOptions) => string | Promise<string>;
};

export async function writeResult(
  { json, text }: Forms,
  options: CommonOptions & SourceOptions,
  terminal: Terminal,
): Promise<void> {
  if (!wantsJson(options)) return terminal.write(await text(textOptions(options, terminal)));
  for (const chunk of jsonLines(json())) await terminal.write(chunk);
}

/** Of another network namespace what is kept stands apart, and goes with it. */
export function journalMove(inside: string): Move {
  return { from: STATE_DIRECTORY, to: namespaceJournal(inside) };
}

/** What the host's loader reads: it sets nothing in another network namespace, and nothing there is ours. */
const SYSCTL_FILES = [
  '/etc/sysctl.conf',
  ...['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((above) => `${above}/sysctl.d`),
];

/** `blue`, `of process 4711` */
export function namespaceWords(netns: string): string {
  return isPid(netns) ? `of process ${netns}` : netns;
}

function entranceOf(netns: string, inside: string): Entrance {
  const there = kernelName(inside);
  if (isPid(netns))
    return {
      command: `nsenter --net --target=${netns}`,
      check: `readlink /proc/${netns}/ns/net`,
      remark: `only while process ${netns} is in ${there}`,
    };
  const command = `ip netns exec ${shellQuote(netns)}`;
  return {
    command,
    check: `${command} readlink /proc/self/ns/net`,
    remark: `only while ${netns} is ${there}`,
  };
}

function readerOf(options: PlaceOptions): HostReader {
  const { root = '/', inside } = options;
  const reader = hostReader(root);
  if (inside === undefined) return reader;
  return movedReader(readerWithout(reader, SYSCTL_FILES), journalMove(inside), {
    options: placeWords(options).map(shellQuote).join(' '),
    enter: entranceOf(options.netns ?? '', inside),
  });
}

export function hostPorts(options: PlaceOptions): HostPorts {
  return {
    reader: readerOf(options),
    running: hostReader(),
    exec: hostExec(),
    clock: hostClock(),
    identity: hostIdentity(),
  };
}

/** Where names of profiles are looked up, and files that were typed. */
export function profileSource({ root }: SourceOptions): ProfileSource {
  return { host: hostReader(root ?? '/'), files: hostReader(), uid: hostIdentity().uid };
}

function checkSource({ root, snapshot, snapshotOut, sample }: SourceOptions, { reader }: HostPorts): void {
  for (const [option, path] of Object.entries({
    '--root': root,
    '--snapshot': snapshot,
    '--snapshot-out': snapshotOut,
  })) {
    // An empty path would be the working directory: most often a variable of a script that was not set.
    if (path === '') throw usageError(`${option} is given an empty path`);
  }
  if (snapshot !== undefined && root !== undefined)
    throw usageError('--snapshot and --root exclude each other');
  if (snapshot !== undefined && sample !== undefined) {
    throw usageError('--sample reads the counters of this host, so it does not go with --snapshot');
  }
  if (root === undefined) return;
  const top = reader.stat('/');
  if (!top.ok || top.value.kind !== 'directory')
    throw usageError(`--root: ${root} is not a directory that can be read`);
}

function sourceOf({ snapshot, root, sample }: SourceOptions): SnapshotSource {
  if (snapshot === undefined)
    return { kind: 'host', live: root === undefined, sampleSeconds: sample ?? null };
  const text = readDocument(snapshot);
  if (!text.ok) {
    throw inputError(
      'unreadable',
      { file: snapshot },
      `the snapshot cannot be read: ${unreadableText(text)}`,
    );
  }
  return { kind: 'document', text: text.value, file: snapshot };
}

export function saveDocument(file: string, document: unknown): void {
  const written = writeDocument(file, renderJson(document));
  if (!written.ok)
    throw inputError('unwritable', { file }, `cannot be written: ${written.detail ?? written.why}`);
}

/** The facts that the options ask for, saved where they say so. */
export async function snapshotOf(
  options: SourceOptions & CommonOptions,
  terminal: Terminal,
  alsoKeys: readonly SysctlKey[] = [],
): Promise<Snapshot> {
  const ports = hostPorts(options.root === '' ? { ...options, root: '/' } : options);
  checkSource(options, ports);
  if (options.sample !== undefined && terminal.showsProgress && !options.quiet) {
    terminal.note(`Watching the counters for ${options.sample} s ...\n`);
  }
  const snapshot = await takeSnapshot(sourceOf(options), ports, alsoKeys);
  if (options.snapshotOut !== undefined) saveDocument(options.snapshotOut, snapshot);
  return snapshot;
}

export async function auditOf(
  options: SourceOptions & CommonOptions,
  terminal: Terminal,
  alsoKeys: readonly SysctlKey[] = [],
): Promise<AuditReport> {
  return auditSnapshot(await snapshotOf(options, terminal, alsoKeys), options);
}

/** The audit of facts that are at hand, with the waivers of the host that the options lead to. */
export async function auditSnapshot(snapshot: Snapshot, options: SourceOptions): Promise<AuditReport> {
  const { reader, identity } = hostPorts(options);
  const configuration = await readWaivers(reader, identity);
  return audit({ snapshot, ...configuration, loader: options.loader ?? null });
}
