import type { Assessment } from '../assess/assessment.ts';
import { writerText } from '../assess/writer-words.ts';
import type { Ending } from '../assess/writers.ts';
import { key as named, type Text, text } from '../core/text.ts';
import type { OtherWriter } from '../snapshot/other-writer.ts';
import type { SysctlKey } from '../sysctl/key.ts';

/** Who sets a key besides the sysctl files, and what comes of it. */
export type OtherWriters = {
  /** In the order in which they come at boot. */
  readonly writers: readonly OtherWriter[];
  /** The same as clauses. */
  readonly texts: readonly Text[];
  /** What stands once all have come, where that is certain to be another value than the files leave. */
  readonly ending: Ending | null;
  /** Who sees to that, as a sentence with the key in it. */
  readonly endingText: Text | null;
};

/** What the files leave a key at: a value, nothing, or something that nobody can tell. */
export type AfterFiles =
  | { readonly kind: 'set'; readonly value: string | null }
  | { readonly kind: 'unset' | 'unknown' };

/** An older copy of the files bears only on what no file sets. */
export function otherWritersOf(key: SysctlKey, { writers }: Assessment, after: AfterFiles): OtherWriters {
  const found = writers.of(key).filter(({ how }) => how !== 'copy' || after.kind !== 'set');
  const value = after.kind === 'set' ? after.value : null;
  const isTold = after.kind === 'unset' || (after.kind === 'set' && value !== null);
  const ending = isTold ? writers.ending(key, value) : null;
  return {
    writers: found,
    texts: found.map((each) => writerText(each)),
    ending,
    endingText: ending === null ? null : writerText(ending.by, text`${named(key)}`),
  };
}
