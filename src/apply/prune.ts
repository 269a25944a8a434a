import type { CallResult, HostReader, HostWriter } from '../core/ports.ts';
import { inOrder } from './calls.ts';
import type { Transaction } from './journal.ts';
import { directoryOf, merged, type Range, rangeText, setAside, TRANSACTIONS } from './journal-names.ts';
import { sweep } from './journal-writing.ts';

/** How many transactions that are over, and left nothing, are kept for whoever asks what was done. */
export const MOST_FINISHED = 50;

/** Nothing of it stands, and no `--force` could put anything back: nobody but the history needs it. */
function isOver({ state }: Transaction): boolean {
  return (state.kind === 'undone' || state.kind === 'rolled-back') && state.left.length === 0;
}

/** The oldest that are over. What stands is the baseline of whatever came after it, and is kept for good. */
export function prunable(transactions: readonly Transaction[]): readonly Transaction[] {
  const over = transactions.filter(isOver);
  return over.slice(0, Math.max(0, over.length - MOST_FINISHED));
}

function nameOf(range: Range): string {
  return `${rangeText(range)}.pruned`;
}

/**
 * Removes the oldest transactions that are over. Their numbers are noted first, as the name of an empty directory, so
 * that they are not missed; then each gets a name that counts for nothing, and only then its files go: a run that is
 * killed at any call leaves no half of a transaction.
 * @param transactions the whole journal, the oldest first
 */
export async function prune(
  transactions: readonly Transaction[],
  { reader, writer }: { readonly reader: HostReader; readonly writer: HostWriter },
): Promise<CallResult> {
  const ids = prunable(transactions).map(({ intent }) => intent.id);
  if (ids.length === 0) return inOrder();
  const listed = reader.list(TRANSACTIONS);
  const names = listed.ok ? listed.value : [];
  const noted = setAside(names).filter(({ how }) => how === 'pruned');
  const numbers = ids.map((id) => ({ first: Number(id), last: Number(id) }));
  const wanted = merged([...noted, ...numbers]).map(nameOf);
  const outdated = noted.map(nameOf).filter((name) => !wanted.includes(name));
  return inOrder(
    ...wanted
      .filter((name) => !names.includes(name))
      .map((name) => () => writer.mkdir(`${TRANSACTIONS}/${name}`, 0o700)),
    () => writer.syncDir(TRANSACTIONS),
    ...ids.map((id) => () => writer.rename(directoryOf(id), `${TRANSACTIONS}/.${id}.pruned`)),
    () => sweep(reader, writer),
    ...outdated.map((name) => () => writer.rmdir(`${TRANSACTIONS}/${name}`)),
  );
}
