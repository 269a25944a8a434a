import { type Typed, typedCommand } from '../core/ports.ts';
import { shellQuote } from '../core/shell.ts';
import { bytesOf } from '../plan/file-state.ts';
import type { LiveStep, Plan } from '../plan/plan.ts';
import { keyToProcPath } from '../sysctl/key.ts';
import { renderSetting } from '../sysctl/render.ts';
import type { JournalFile } from './journal-writing.ts';
import { MANIFEST, manifestOf } from './manifest.ts';
import { modeAndOwner } from './observe.ts';
import type { Intent } from './transaction.ts';

function utf8(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

/** No line of a sysctl file empties a list. */
function settingBefore({ target: { key }, from }: LiveStep): string {
  return from.trim() === ''
    ? `# ${key} was empty: echo >${shellQuote(keyToProcPath(key))}\n`
    : renderSetting({ key, value: from, why: [] });
}

/** The old values as a file for `sysctl -p`. */
function beforeConf({ plan: { steps } }: Intent): string {
  const settings = steps.flatMap((step) => (step.kind === 'live' ? [settingBefore(step)] : []));
  return `# The live values before this transaction. To put them back: sysctl -p before.conf\n${settings.join('')}`;
}

/** What to type, without us, for the live values and for each file. */
type ByHand = { readonly command: string; readonly remark: string | null };

/** As it is typed in the directory of the transaction. */
export function byHand({ steps }: Plan, { enter }: Typed): readonly ByHand[] {
  const live = steps.some(({ kind }) => kind === 'live');
  const restore = 'sysctl -p before.conf';
  const values: readonly ByHand[] =
    enter === null
      ? [{ command: restore, remark: 'only in the boot in which it was made' }]
      : [
          { command: enter.check, remark: null },
          { command: `${enter.command} ${restore}`, remark: enter.remark },
        ];
  const files = steps.flatMap((step): readonly ByHand[] => {
    if (step.kind !== 'file') return [];
    const path = shellQuote(step.target.path);
    if (step.from === null) return [{ command: `rm -f ${path}`, remark: 'it was not there before' }];
    const copy = shellQuote(`before${step.target.path}`);
    return [{ command: `cp -p ${copy} ${path}`, remark: null }];
  });
  return live ? [...values, ...files] : files;
}

function readme({ id, at, bootId, netns, plan }: Intent, typed: Typed): string {
  // An image is elsewhere by the time, or has become a host.
  const ours = (word: string) => (bootId === null ? `backlogctl ${word}` : typedCommand(word, { typed }));
  const lines = byHand(plan, typed).map(
    ({ command, remark }) => `    ${command}${remark === null ? '' : `        # ${remark}`}`,
  );
  return [
    `Transaction ${id} of backlogctl, begun ${at}.`,
    '',
    `Usually \`${ours('rollback')}\` takes it back, and \`${ours('history')}\` says what became of it.`,
    bootId === null
      ? 'Without backlogctl, as root, in this directory, in a chroot of the image that it belongs to:'
      : 'Without backlogctl, as root, in this directory:',
    '',
    ...lines,
    '',
    'before.conf holds the live values, before/ the files under their full paths, as they were.',
    ...(netns === null
      ? []
      : [`The values are those of the network namespace ${netns}; lsns -t net says which one that is.`]),
    'intent.json holds what was to be done; log.ndjson, line by line, how far it came.',
    `Whether all is as it was written: sha256sum -c ${MANIFEST}`,
    '',
  ].join('\n');
}

/** Everything that a transaction puts on the disk before the first write, so that undoing it needs nobody. */
export function journalFiles(intent: Intent, typed: Typed): readonly JournalFile[] {
  const before = intent.plan.steps.flatMap((step): readonly JournalFile[] =>
    step.kind === 'file' && step.from !== null
      ? [{ name: `before${step.target.path}`, bytes: bytesOf(step.from), as: modeAndOwner(step.from) }]
      : [],
  );
  const files: readonly JournalFile[] = [
    { name: 'intent.json', bytes: utf8(`${JSON.stringify(intent, null, 2)}\n`) },
    { name: 'before.conf', bytes: utf8(beforeConf(intent)) },
    { name: 'README', bytes: utf8(readme(intent, typed)) },
    { name: 'log.ndjson', bytes: utf8('') },
    ...before,
  ];
  return [...files, manifestOf(files)];
}
