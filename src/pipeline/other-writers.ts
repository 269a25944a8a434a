import type { Assessment } from '../assess/assessment.ts';
import { type AfterLoader, type Ending, NOBODY, type Outcome } from '../assess/writer-run.ts';
import {
  endingText,
  touchText,
  writerName,
  writerPlace,
  writerText,
  writerTime,
} from '../assess/writer-words.ts';
import { groupBy } from '../core/group-by.ts';
import { list, name, key as named, path, value as shown, spaced, type Text, text } from '../core/text.ts';
import type { OtherWriter } from '../snapshot/other-writer.ts';
import type { SysctlKey } from '../sysctl/key.ts';

/** Who sets a key besides the sysctl files, and what comes of it. */
export type OtherWriters = {
  /** In the order in which they come at boot. */
  readonly writers: readonly OtherWriter[];
  /** The same as clauses. */
  readonly texts: readonly Text[];
  /** Those of the clauses that `last` does not say. */
  readonly otherTexts: readonly Text[];
  /** What stands once all have come, where that is certain to be another value than the files leave. */
  readonly ending: Ending | null;
  /** In words who takes the decision from the files; null where they have the last word. */
  readonly last: LastWords | null;
  /** Who sees to the ending, or leaves it open, as a sentence with the key in it. */
  readonly endingText: Text | null;
};

/** `who` sets the key again, as a clause says that gives the reason; `place` of the one that decides. */
type LastWords = { readonly who: Text; readonly reason: Text; readonly place: Text | null };

/** What the files leave a key at: a value, nothing, or something that nobody can tell. */
export type AfterFiles =
  | { readonly kind: 'set'; readonly value: string | null }
  | { readonly kind: 'unset' | 'unknown' };

function refusedText(writer: OtherWriter, key: SysctlKey): Text {
  return text`${touchText(writer, key)}, but the kernel refuses the value`;
}

function lastOf({ by, through, value }: Ending): LastWords {
  const who = text`${name(writerName(by))}`;
  const place = text`${who}, ${path(writerPlace(by))}`;
  const said = spaced(by.value ?? '');
  const reason = text`${who} sets ${through === null ? text`it` : text`${named(through)}`} ${writerTime(by)}`;
  if (through !== null) {
    const along = text`the kernel changes this key along with that one`;
    return { who, reason, place: text`${place}, which sets ${named(through)} to ${shown(said)}: ${along}` };
  }
  const isRead = said === spaced(value) || by.relation !== 'exactly';
  return { who, reason, place: isRead ? place : text`${place}, written there as ${shown(said)}` };
}

/** Nobody can tell what stands in the end. */
function openWords(rivals: readonly OtherWriter[]): LastWords {
  const names = list([...new Set(rivals.map(writerName))].map((each) => text`${name(each)}`));
  const reason =
    rivals.length === 1
      ? text`what the kernel makes of the value that ${names} sets is not known`
      : text`${names} set it to different values, and nothing says which comes last`;
  return { who: rivals.length === 1 ? names : text`another program`, reason, place: null };
}

function sentenceOf(key: SysctlKey, { ending, rivals }: Outcome): Text | null {
  if (ending !== null) return endingText(ending, text`${named(key)}`);
  return rivals.length === 0 ? null : text`${named(key)} is open: ${openWords(rivals).reason}`;
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
  const outcome = isTold ? writers.outcome(key, value, loader) : NOBODY;
  const { ending, rivals, refused } = outcome;
  const textOf = (each: OtherWriter) =>
    refused.includes(each) ? refusedText(each, key) : touchText(each, key);
  return {
    writers: found,
    texts: found.map(textOf),
    otherTexts: found.filter((each) => each !== ending?.by).map(textOf),
    ending,
    last: ending !== null ? lastOf(ending) : rivals.length > 0 ? openWords(rivals) : null,
    endingText: sentenceOf(key, outcome),
  };
}

const MOST_KEYS = 3;

/** What those may do that are not certain, by the file that says so. What only runs the loader again changes nothing. */
export function maybeTexts({ writers }: Assessment): readonly Text[] {
  const byFile = groupBy(writers.uncertain, ({ by, file }) => `${by} ${file}`);
  return [...byFile.values()].flatMap((found): readonly Text[] => {
    const [first] = found;
    const keys = [...new Set(found.map(({ key }) => key))];
    if (first === undefined) return [];
    if (keys.length > MOST_KEYS)
      return [text`${name(writerName(first))} may set ${keys.length} keys (${path(first.file)})`];
    return found.map((each) => writerText(each, each.key === '*' ? text`any key` : text`${named(each.key)}`));
  });
}
