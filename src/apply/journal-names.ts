export const STATE_DIRECTORY = '/var/lib/backlogctl';
export const TRANSACTIONS = `${STATE_DIRECTORY}/transactions`;
/** Of one file of it. */
export const MOST_BYTES = 16 * 1024 * 1024;

export function directoryOf(id: string): string {
  return `${TRANSACTIONS}/${id}`;
}

export function logOf(id: string): string {
  return `${directoryOf(id)}/log.ndjson`;
}

/** Numbers of transactions in a row, the first and the last included. */
export type Range = { readonly first: number; readonly last: number };

/** `pruned`: finished long ago and removed by us. `lost`: put aside by a person, for it was damaged. */
export type SetAside = Range & { readonly how: 'pruned' | 'lost' };

const TRANSACTION = /^\d{6}$/;
const SET_ASIDE = /^(\d{6})(?:-(\d{6}))?\.(pruned|lost)$/;
/** Never begun, or on its way out: it counts for nothing. */
const TEMPORARY = /^\.\d{6}\.(?:new|pruned)$/;

export function isTransactionName(name: string): boolean {
  return TRANSACTION.test(name);
}

export function isTemporaryName(name: string): boolean {
  return TEMPORARY.test(name);
}

export function idOf(number: number): string {
  return String(number).padStart(6, '0');
}

/** `000007`, `000001-000040` */
export function rangeText({ first, last }: Range): string {
  return first === last ? idOf(first) : `${idOf(first)}-${idOf(last)}`;
}

/** Names that stand for transactions whose directories are not there any more. */
export function setAside(names: readonly string[]): readonly SetAside[] {
  return names.flatMap((name) => {
    const [, first, last = first, how] = SET_ASIDE.exec(name) ?? [];
    if (how !== 'pruned' && how !== 'lost') return [];
    return [{ first: Number(first), last: Number(last), how }];
  });
}

/** As few ranges as say the same, in order. */
export function merged(ranges: readonly Range[]): readonly Range[] {
  const result: Range[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const last = result.at(-1);
    if (last === undefined || range.first > last.last + 1) result.push(range);
    else result.splice(-1, 1, { first: last.first, last: Math.max(last.last, range.last) });
  }
  return result.map(({ first, last }) => ({ first, last }));
}

/** Numbers are given out one after the other, so every one up to the highest has been. */
function accountedFor(names: readonly string[]): readonly Range[] {
  const there = names.filter(isTransactionName).map((name) => ({ first: Number(name), last: Number(name) }));
  return merged([...there, ...setAside(names)]);
}

/** Numbers that were given out and of which nothing is left. */
export function missingRanges(names: readonly string[]): readonly Range[] {
  const ranges = accountedFor(names);
  return ranges.flatMap(({ first }, index) => {
    const next = (ranges[index - 1]?.last ?? 0) + 1;
    return next < first ? [{ first: next, last: first - 1 }] : [];
  });
}

/** 0 where none was ever given out. */
export function highestNumber(names: readonly string[]): number {
  return accountedFor(names).at(-1)?.last ?? 0;
}
