import type { Assessment } from '../assess/assessment.ts';
import { type AfterLoader, type Ending, NOBODY } from '../assess/writer-run.ts';
import { endingText, touchText } from '../assess/writer-words.ts';
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
  /**
   * Those that leave it open what stands: nothing says who of them comes last, or nobody knows what the kernel makes of
   * the value of one alone.
   */
  readonly rivals: readonly OtherWriter[];
  /** Who sees to the ending, as a sentence with the key in it. */
  readonly endingText: Text | null;
};

/** What the files leave a key at: a value, nothing, or something that nobody can tell. */
export type AfterFiles =
  | { readonly kind: 'set'; readonly value: string | null }
  | { readonly kind: 'unset' | 'unknown' };

function refusedText(writer: OtherWriter, key: SysctlKey): Text {
  return text`${touchText(writer, key)}, but the kernel refuses the value`;
}

/**
 * An older copy of the files bears only on what no file sets.
 * @param loader what its run leaves; left out, that of the host's own files
 */
export function otherWritersOf(
  key: SysctlKey,
  { writers }: Assessment,
  after: AfterFiles,
  loader?: AfterLoader,
): OtherWriters {
  const found = writers.of(key).filter(({ how }) => how !== 'copy' || after.kind !== 'set');
  const value = after.kind === 'set' ? after.value : null;
  const isTold = after.kind === 'unset' || (after.kind === 'set' && value !== null);
  const { ending, rivals, refused } = isTold ? writers.outcome(key, value, loader) : NOBODY;
  return {
    writers: found,
    texts: found.map((each) => (refused.includes(each) ? refusedText(each, key) : touchText(each, key))),
    ending,
    rivals,
    endingText: ending === null ? null : endingText(ending, text`${named(key)}`),
  };
}
