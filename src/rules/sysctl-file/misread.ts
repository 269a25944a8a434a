import type { LoaderTraits } from '../../resolve/loader-traits.ts';
import { catalogueEntry } from '../../sysctl/catalogue.ts';
import { holdsNumbers } from '../../sysctl/catalogue-entry.ts';
import { parseKey } from '../../sysctl/key.ts';
import { readLines, type SysctlLine } from '../../sysctl/lines.ts';
import type { Surroundings } from '../rule.ts';
import type { FileText } from '../support/read-files.ts';
import { refusalOf } from '../support/refused.ts';
import { VECTORS, vectorProblem } from '../support/vectors.ts';

/** What a line says to the loader that its author did not mean. */
export type Misread =
  /** Neither an assignment nor a comment. */
  | 'no-assignment'
  /** Begins with `;`, which this loader does not take for a comment. */
  | 'semicolon'
  /** The first line, behind a byte order mark. */
  | 'byte-order-mark'
  /** Quotes that the loader hands on. */
  | 'quotes'
  /** A comment behind a number, which the kernel passes over. */
  | 'comment'
  /** A comment that becomes a part of the value. */
  | 'comment-in-value'
  /** `export key = value`: blanks are no part of a key, and make one that nobody has. */
  | 'words-before-key'
  /** `key =`, which this loader passes over. */
  | 'no-value'
  /** `key =`, which this loader writes as an empty line. */
  | 'empty-value'
  /** Several lines that only a lone CR separates, which this loader takes for one. */
  | 'carriage-return';

export type MisreadLine = {
  readonly misread: Misread;
  readonly line: number;
  readonly content: string;
  /** Makes the loader end with an error. */
  readonly fails: boolean;
};

type Reading = { readonly loader: LoaderTraits; readonly traits: Surroundings['traits'] };

const MARK = '\ufeff';
const QUOTED = /^(["'])(.*)\1$/;
const COMMENT_BEHIND = /^(.*?)[ \t]+[#;]/;
const NUMBERS = /^[-+\dxa-fA-F]+(?:[ \t]+[-+\dxa-fA-F]+)*$/;

/** sysctl/value-refused and sysctl/vector-malformed speak of what the kernel refuses. */
function isToldOtherwise(sysctl: string, value: string, { traits }: Reading): boolean {
  if (VECTORS.includes(sysctl)) return vectorProblem(sysctl, value, traits) !== null;
  return refusalOf(sysctl, value, traits) !== null;
}

function misreadValue(sysctl: string, value: string): Misread | null {
  const shape = catalogueEntry(sysctl)?.shape;
  const isText = shape !== undefined && (!holdsNumbers(shape) || shape.kind === 'port-list');
  // An empty list of ports is how the list is cleared.
  if (value === '') return shape?.kind === 'port-list' ? null : 'empty-value';
  const quoted = QUOTED.exec(value)?.[2];
  if (quoted !== undefined) return isText || NUMBERS.test(quoted) ? 'quotes' : null;
  const before = COMMENT_BEHIND.exec(value)?.[1];
  if (before === undefined) return null;
  if (isText) return 'comment-in-value';
  return NUMBERS.test(before) ? 'comment' : null;
}

function misreadBad(text: string, { loader }: Reading): Misread {
  if (text.startsWith(MARK)) return 'byte-order-mark';
  if (text.startsWith(';')) return 'semicolon';
  return text.endsWith('=') && !loader.reading.emptyValues ? 'no-value' : 'no-assignment';
}

/** `export net.core.somaxconn`, `sysctl -w net.core.somaxconn`: as a shell would have it. */
function isBehindWords(key: string): boolean {
  const last = /\s([^\s]*[./][^\s]*)$/.exec(key)?.[1];
  return last !== undefined && parseKey(last).ok;
}

function misreadAssignment(key: string, value: string, reading: Reading): Misread | null {
  if (key.startsWith(MARK)) return 'byte-order-mark';
  if (key.startsWith(';')) return 'semicolon';
  if (value.includes('\r')) return 'carriage-return';
  const parsed = parseKey(key);
  if (!parsed.ok && isBehindWords(key)) return 'words-before-key';
  if (!parsed.ok || isToldOtherwise(parsed.key, value, reading)) return null;
  return misreadValue(parsed.key, value);
}

function misreadLine(each: SysctlLine, reading: Reading): MisreadLine | null {
  const { loader } = reading;
  const { line } = each;
  if (each.kind === 'bad') {
    const misread = misreadBad(each.text, reading);
    return { misread, line, content: each.text, fails: loader.reactions['bad-line'] === 'error' };
  }
  if (each.kind !== 'assignment') return null;
  const misread = misreadAssignment(each.key, each.value, reading);
  return misread === null ? null : { misread, line, content: `${each.key} = ${each.value}`, fails: false };
}

/** The lines of a file that this loader reads otherwise than a person does. */
export function misreadLines({ text }: FileText, reading: Reading): readonly MisreadLine[] {
  const lines: MisreadLine[] = [];
  for (const each of readLines(text, reading.loader.reading)) {
    const misread = misreadLine(each, reading);
    if (misread !== null) lines.push(misread);
  }
  return lines;
}
