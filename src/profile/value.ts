import type { CatalogueEntry, Range } from '../sysctl/catalogue-entry.ts';
import { memberCount } from '../sysctl/catalogue-entry.ts';
import { canonicalPorts } from '../sysctl/port-list.ts';
import { KEEP } from '../sysctl/requirement.ts';
import { allowedText, checkValue, isInOrder, takesNumber } from '../sysctl/validate.ts';
import { hasAutoRule } from './auto.ts';
import { couldBeMemory, looksLikeBufferSizes } from './memory-guard.ts';
import type { Amount, Relation, SettingValue } from './profile.ts';
import { inUnitOf } from './units.ts';

const AUTO = 'auto';

/** As it stands in the document. */
export type WrittenValue = string | number | readonly (string | number)[];

export type ReadValue =
  | { readonly ok: true; readonly value: SettingValue }
  | {
      readonly ok: false;
      readonly why: string;
      readonly hint?: string;
      /** Which one of a list it is about. */
      readonly member?: number;
    };

type Refused = Extract<ReadValue, { ok: false }>;

function refused(why: string, hint?: string): Refused {
  return hint === undefined ? { ok: false, why } : { ok: false, why, hint };
}

function membersOf(entry: CatalogueEntry): readonly string[] {
  return entry.shape.kind === 'vector' || entry.shape.kind === 'pair' ? entry.shape.members : [];
}

/** One line, as a person would write it. */
export function writtenText(written: WrittenValue): string {
  return typeof written === 'object' ? `[${written.join(', ')}]` : String(written);
}

/** What a key of the catalogue is to be set to, or what is wrong with it on every host alike. */
export function readValue(entry: CatalogueEntry, relation: Relation, written: WrittenValue): ReadValue {
  if (written === AUTO) return readAuto(entry, relation);
  if (entry.shape.kind === 'name') return readName(entry, relation, written);
  if (entry.shape.kind === 'port-list') return readPorts(entry, relation, written);
  if (entry.shape.kind === 'names' || entry.shape.kind === 'cpu-mask') {
    return readWords(entry, relation, written);
  }
  if (entry.range.length === 0) return refused(`${entry.key} is read-only`);
  return readAmounts(entry, typeof written === 'object' ? written : [written]);
}

function readAuto(entry: CatalogueEntry, relation: Relation): ReadValue {
  if (!hasAutoRule(entry.key)) {
    return refused(`${entry.key} has no rule for 'auto'`, 'give the value, with its reason and source');
  }
  return relation === 'at-least'
    ? { ok: true, value: { kind: 'auto' } }
    : refused(`'auto' says how much ${entry.key} needs, so it goes with at-least only`);
}

/** A word that can stand in a sysctl file: `bbr`, `fq_codel`. */
const NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;

function readName({ key }: CatalogueEntry, relation: Relation, written: WrittenValue): ReadValue {
  if (relation !== 'exactly') return refused(`${key} holds a name, which goes with exactly only`);
  if (typeof written !== 'string' || !NAME.test(written)) return refused(`${key} holds a name`);
  return { ok: true, value: { kind: 'text', text: written } };
}

/** Names, of which a profile may give a list, and masks of CPUs. */
function readWords(entry: CatalogueEntry, relation: Relation, written: WrittenValue): ReadValue {
  const isMask = entry.shape.kind === 'cpu-mask';
  const holds = isMask ? 'a mask of CPUs' : 'names';
  if (relation !== 'exactly') return refused(`${entry.key} holds ${holds}, which goes with exactly only`);
  if (isMask && typeof written === 'number') {
    return refused(
      `${entry.key} holds a mask in hexadecimal, and this is a number`,
      "write it as in '000000ff'",
    );
  }
  const text = typeof written === 'object' ? written.join(' ') : String(written).trim();
  const problem = checkValue(entry, text, []);
  return problem === null ? { ok: true, value: { kind: 'text', text } } : refused(problem.why);
}

function readPorts({ key }: CatalogueEntry, relation: Relation, written: WrittenValue): ReadValue {
  if (relation !== 'exactly') return refused(`${key} holds a list of ports, which goes with exactly only`);
  const text = canonicalPorts(typeof written === 'object' ? written.join(',') : String(written));
  return text === null || text === ''
    ? refused(`${key} holds ports and ranges of ports`, "write them as in '8080,9000-9010'")
    : { ok: true, value: { kind: 'text', text } };
}

function readAmounts(entry: CatalogueEntry, written: readonly (string | number)[]): ReadValue {
  const count = memberCount(entry.shape);
  if (written.length !== count) return wrongLength(entry, written);
  const amounts: Amount[] = [];
  for (const [index, each] of written.entries()) {
    const amount = readAmount(entry, each);
    if ('why' in amount) return count === 1 ? amount : { ...amount, member: index };
    amounts.push(amount);
  }
  if (amounts.every(({ kind }) => kind === 'keep')) {
    return refused(`'${KEEP}' alone asks for nothing`);
  }
  return (
    orderProblem(entry, amounts) ??
    pagesProblem(entry, amounts) ?? { ok: true, value: { kind: 'amounts', amounts } }
  );
}

function wrongLength(entry: CatalogueEntry, written: readonly (string | number)[]): Refused {
  const members = membersOf(entry);
  if (members.length === 0) return refused(`${entry.key} holds one number, and ${written.length} are given`);
  const example = `[${[...members.slice(1).map(() => KEEP), '…'].join(', ')}]`;
  const unit = entry.unit === 'pages' ? ' in pages' : '';
  const given = written.length === 1 ? '1 is' : `${written.length} are`;
  return refused(
    `${entry.key} holds ${members.length} numbers${unit} (${members.join(', ')}), and ${given} given`,
    `write a list such as ${example}`,
  );
}

function readAmount(entry: CatalogueEntry, written: string | number): Amount | Refused {
  if (written === KEEP) return { kind: 'keep' };
  if (written === AUTO) return refused(`'${AUTO}' stands for the whole value, not for one number of it`);
  const measured = inUnitOf(entry, written);
  if (!measured.ok) return measured;
  if (measured.kind === 'bytes') return { kind: 'bytes', bytes: measured.amount };
  const number = measured.amount;
  return entry.range.some(({ is }) => takesNumber(entry, number, is))
    ? { kind: 'number', number }
    : refused(
        `${entry.key} takes ${rangeTexts(
          entry,
          entry.range.map(({ is }) => is),
        ).join(', or on other kernels ')}, not ${written}`,
      );
}

/** `0 to 65535`; negative numbers, which no profile may set, are not offered. */
export function rangeTexts(entry: CatalogueEntry, ranges: readonly Range[]): readonly string[] {
  return [...new Set(ranges.map(({ min, max }) => allowedText(entry, { min: Math.max(0, min), max })))];
}

function orderProblem({ key, shape }: CatalogueEntry, amounts: readonly Amount[]): Refused | null {
  if (shape.kind !== 'vector' && shape.kind !== 'pair') return null;
  if (!shape.ordered) return null;
  if (amounts.every(({ kind }) => kind === 'number')) {
    const numbers = amounts.flatMap((amount) => (amount.kind === 'number' ? [amount.number] : []));
    if (isInOrder(shape, numbers)) return null;
  }
  // Bytes and pages cannot be compared before the size of a page is known, and numbers of one kind can.
  for (const kind of ['number', 'bytes'] as const) {
    let last = Number.NEGATIVE_INFINITY;
    for (const [index, amount] of amounts.entries()) {
      if (amount.kind !== kind) continue;
      const size = amount.kind === 'number' ? amount.number : amount.bytes;
      if (size < last) {
        return { ok: false, why: `${key} has to rise from number to number`, member: index };
      }
      last = size;
    }
  }
  return null;
}

/** Some copy bytes into a key that counts pages; a host can bear thousands of times less than what they say. */
function pagesProblem({ key, unit }: CatalogueEntry, amounts: readonly Amount[]): Refused | null {
  if (unit !== 'pages') return null;
  const pages = amounts.map((amount) => (amount.kind === 'number' ? amount.number : null));
  const tooMany = pages.findIndex((each) => each !== null && !couldBeMemory(each));
  if (tooMany < 0 && !looksLikeBufferSizes(pages)) return null;
  return {
    ok: false,
    why: `${key} is in pages, and this looks like bytes`,
    hint: 'write bytes with their unit: 6MiB',
    ...(tooMany < 0 ? {} : { member: tooMany }),
  };
}

/** The value of a key that the catalogue does not know: taken as it stands, as long as it can stand in a sysctl file. */
export function readUnchecked(written: WrittenValue): ReadValue {
  const words = typeof written === 'object' ? written : [written];
  const text = words.map(String).join(' ').trim().replace(/\s+/gu, ' ');
  const fits = text !== '' && text.length <= 4096 && !/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]|\\$/u.test(text);
  if (text === AUTO) return refused("'auto' needs a key of the catalogue");
  return fits
    ? { ok: true, value: { kind: 'text', text } }
    : refused('the value cannot stand on one line of a sysctl file');
}
