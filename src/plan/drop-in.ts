import { formatBytes } from '../core/units.ts';
import { loaderTraits } from '../resolve/loader-traits.ts';
import { resolve } from '../resolve/resolve.ts';
import { catalogueOrder } from '../sysctl/catalogue.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import { renderSetting } from '../sysctl/render.ts';
import type { Reason } from './plan.ts';

export const DROP_IN_DIRECTORY = '/etc/sysctl.d';
export const DROP_IN_NAME = '90-backlogctl.conf';

export type DropInLine = {
  readonly key: SysctlKey;
  readonly value: string;
  readonly because: readonly Reason[];
};

/** For which kernel and how much memory the values were worked out. */
export type WorkedOutFor = { readonly kernel: string; readonly memoryBytes: number | null };

const HEADER = [
  '# Written by backlogctl, which replaces this file as a whole.',
  '# Lines of your own belong in another file. Undo: backlogctl rollback',
];

const FOR = '# For Linux ';

function forLine({ kernel, memoryBytes }: WorkedOutFor): string {
  if (kernel === 'unknown') return `${FOR}of a version that was not known.`;
  const memory = memoryBytes === null ? '' : ` with ${formatBytes(memoryBytes)} of memory`;
  return `${FOR}${kernel}${memory}.`;
}

function sentence({ by, name, text, source }: Reason): string {
  const from = source === undefined ? '' : ` (${source})`;
  return `${by === 'profile' ? 'profile' : 'rule'} ${name}: ${text}${from}`;
}

const COMMENT_COLUMNS = 73;

/** Comments as a person would break them, so that the file and its diff can be read in a terminal. */
function wrapped(reason: Reason): readonly string[] {
  const lines: string[] = [];
  for (const word of sentence(reason).split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= COMMENT_COLUMNS)
      lines.splice(-1, 1, `${last} ${word}`);
    else lines.push(word);
  }
  return lines;
}

function inCatalogueOrder(a: DropInLine, b: DropInLine): number {
  return catalogueOrder(a.key) - catalogueOrder(b.key) || (a.key < b.key ? -1 : 1);
}

/** The whole file; null where there is nothing to set, and so no file. */
export function renderDropIn(lines: readonly DropInLine[], workedOutFor: WorkedOutFor): string | null {
  if (lines.length === 0) return null;
  const settings = [...lines]
    .sort(inCatalogueOrder)
    .map(({ key, value, because }) => renderSetting({ key, value, why: because.flatMap(wrapped) }));
  return `${[...HEADER, forLine(workedOutFor)].join('\n')}\n\n${settings.join('\n')}`;
}

function withoutForLine(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith(FOR))
    .join('\n');
}

/**
 * Whether two drop-ins set the same for the same reasons. For which kernel they were worked out does not count: the
 * same values after an upgrade are no change.
 */
export function saysTheSame(a: string, b: string): boolean {
  return withoutForLine(a) === withoutForLine(b);
}

/** What a drop-in of ours sets. Every loader reads what we write alike, so any one's rules do. */
export function dropInValues(text: string, path: string): ReadonlyMap<SysctlKey, string> {
  const { attempts } = resolve([{ path, kind: 'file', text }], loaderTraits('systemd', null));
  return new Map(attempts.map(({ key, value }) => [key, value]));
}
