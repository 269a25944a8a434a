import { type Position, UserError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import { type HostReader, typedCommand } from '../core/ports.ts';
import { shellQuote } from '../core/shell.ts';
import { list, plainText, text } from '../core/text.ts';
import { type Way, wayText } from '../core/way.ts';
import type { Damage, Journal } from './journal.ts';
import { directoryOf, TRANSACTIONS } from './journal-names.ts';
import { type FileCondition, type Kept, keptFor } from './manifest.ts';

/** A transaction that cannot be read: what is left of it, and what a person may do. */
export type DamageReport = Damage & {
  readonly kept: readonly Kept[];
  /** The same in a sentence. */
  readonly keptText: string;
  readonly ways: readonly Way[];
};

function listed(items: readonly string[]): string {
  return plainText(list(items.map((item) => text`${item}`)));
}

function idsText({ id, lastId }: Damage): string {
  return id === lastId ? `transaction ${id}` : `transactions ${id} to ${lastId}`;
}

const CONDITIONS: Readonly<Record<FileCondition, (several: boolean) => string>> = {
  whole: (several) => (several ? 'are whole' : 'is whole'),
  altered: (several) => (several ? 'are not as they were written' : 'is not as it was written'),
  missing: (several) => (several ? 'are gone' : 'is gone'),
  unchecked: (several) =>
    `${several ? 'are' : 'is'} there, and without SHA256SUMS nothing tells whether ${several ? 'they are' : 'it is'} whole`,
};

/** `before.conf and before/etc/sysctl.d/90-backlogctl.conf are whole` */
export function keptText(kept: readonly Kept[]): string {
  const parts = Object.entries(CONDITIONS).flatMap(([condition, words]) => {
    const files = kept.filter((each) => each.condition === condition).map(({ file }) => file);
    return files.length === 0 ? [] : [`${listed(files)} ${words(files.length > 1)}`];
  });
  return parts.length === 0 ? 'nothing of what stood there before is left' : parts.join('; ');
}

/** Where it stands for whoever types it, who is outside of an image. */
function typedPath(path: string, reader: HostReader): string {
  return shellQuote(reader.typed.path(path));
}

/** What became of its number is known then, and nothing of it is ours any more. */
function putAside({ id, lastId, kind }: Damage, reader: HostReader): string {
  const name = id === lastId ? id : `${id}-${lastId}`;
  const to = typedPath(`${TRANSACTIONS}/${name}.lost`, reader);
  return kind === 'missing' ? `mkdir ${to}` : `mv ${typedPath(directoryOf(id), reader)} ${to}`;
}

function isRestorable(kept: readonly Kept[]): boolean {
  return kept.some(({ condition }) => condition === 'whole' || condition === 'unchecked');
}

/** In the order in which they are to be thought of. */
function waysOf(
  each: Damage,
  kept: readonly Kept[],
  { transactions }: Journal,
  reader: HostReader,
): readonly Way[] {
  const newer = transactions
    .filter(({ intent, state }) => state.kind === 'committed' && intent.id > each.lastId)
    .map(({ intent }) => intent.id);
  return [
    ...(each.kind === 'later'
      ? [{ instruction: 'use the version of backlogctl that wrote it, or a later one', command: null }]
      : []),
    ...(newer.length === 0
      ? []
      : [
          {
            instruction: `if what is newer is to go as well (${listed(newer)}), take it back first`,
            command: typedCommand('rollback --all', reader),
          },
        ]),
    ...(isRestorable(kept)
      ? [
          {
            instruction: 'put back by hand what it changed',
            command: `cat ${typedPath(`${directoryOf(each.id)}/README`, reader)}`,
          },
        ]
      : []),
    {
      instruction: `put ${each.id === each.lastId ? 'it' : 'them'} aside and go on: no rollback can take back then what was changed`,
      command: putAside(each, reader),
    },
  ];
}

/** Of all that is damaged, the oldest first. */
export function damageReports(journal: Journal, reader: HostReader): readonly DamageReport[] {
  return journal.damaged.map((each) => {
    const kept = each.kind === 'missing' ? [] : keptFor(reader, each.id);
    return { ...each, kept, keptText: keptText(kept), ways: waysOf(each, kept, journal, reader) };
  });
}

/** `transaction 000002 is damaged: its checksum does not match` */
function damageText(each: Damage): string {
  const several = each.id !== each.lastId;
  switch (each.kind) {
    case 'missing':
      return `${idsText(each)} ${several ? 'are missing: their directories are' : 'is missing: its directory is'} gone, and with ${several ? 'them' : 'it'} what stood there before`;
    case 'later':
      return `${idsText(each)} cannot be read: ${each.why}`;
    case 'damaged':
      return `${idsText(each)} is damaged: ${each.why}`;
  }
}

function soundText({ transactions }: Journal): string {
  if (transactions.length === 0) return 'no other is there';
  const ids = transactions.map(({ intent }) => intent.id);
  return `${listed(ids)} ${ids.length === 1 ? 'is' : 'are'} sound`;
}

function othersText(others: readonly Damage[]): string {
  return others.length === 0 ? '' : `; so ${others.length === 1 ? 'is' : 'are'} ${others.length} older`;
}

function placeOf({ at, kind }: Damage): { readonly at?: Position } {
  // There is nothing to look at.
  return kind === 'missing' ? {} : { at };
}

/** Of the newest that is damaged: whatever is older is out of reach behind it. */
export function damageError(journal: Journal, reader: HostReader): UserError {
  const reports = damageReports(journal, reader);
  const newest = reports.at(-1);
  if (newest === undefined) throw new TypeError('nothing is damaged');
  const left = newest.kind === 'missing' ? '' : `; ${newest.keptText}`;
  return new UserError({
    code: newest.kind === 'later' ? 'later-schema' : 'malformed-document',
    status: EXIT.refused,
    ...placeOf(newest),
    message: `${damageText(newest)}${othersText(reports.slice(0, -1))}${left}; ${soundText(journal)}`,
    hint: newest.ways.map(wayText).join('; '),
  });
}
