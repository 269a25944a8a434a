import { escapeControls } from '../core/text.ts';
import type { CatalogueEntry, MemoryBound, Range, Scope, Shape, SysctlUnit } from './catalogue-entry.ts';
import { holdsNumbers } from './catalogue-entry.ts';
import { parseNumbers } from './codec.ts';
import { isCpuMask } from './cpu-mask.ts';
import { canonicalPorts, parsePorts } from './port-list.ts';

/** Why a value may not be written, as one sentence with the key in it, and what would do instead. */
export type ValueProblem = { readonly why: string; readonly expected: string };

/** What bounds by memory are computed from; null where not known. */
export type HostMemory = { readonly memoryBytes: number | null; readonly pageBytes: number | null };

const NO_MEMORY_KNOWN: HostMemory = { memoryBytes: null, pageBytes: null };

const DECIMAL = /^(?:0|-?[1-9][0-9]*)$/;
const HEXADECIMAL = /^-?0[xX][0-9a-fA-F]+$/;
const OCTAL = /^-?0[0-7]+$/;

/** Congestion controls and queueing disciplines: TCP_CA_NAME_MAX and IFNAMSIZ are 16, with the end of the text. */
const NAME = /^[A-Za-z0-9_.-]{1,15}$/;

const SHOWN = 60;
/** One write must hold a list whole; the kernel reads a page at a time. */
const LONGEST_LIST = 2000;
const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/** What a value is judged by besides itself. */
export type Circumstances = {
  /** Where it is not known, keys that a wrong unit makes fatal (tcp_mem) take no value. */
  readonly memory: HostMemory;
  /** The value that it would replace: a number that stays as it was is nobody's wish, and so not judged. */
  readonly standing?: string;
};

/**
 * Whether a value that somebody wants in a variable of the catalogue is one that it takes, that comes back as it was
 * written, and that does not break the host. Stricter than the kernel, which takes negative queue lengths and reads
 * 010 as eight.
 * @param ranges those that may hold on this kernel, as KernelTraits.current(entry.range) gives them: all must admit it
 * @returns null where it may be written
 */
export function checkValue(
  entry: CatalogueEntry,
  value: string,
  ranges: readonly Range[],
  { memory, standing = '' }: Circumstances = { memory: NO_MEMORY_KNOWN },
): ValueProblem | null {
  if (/[^\x20-\x7e\t]/.test(value)) return problem(entry, 'one line of plain text', value);
  switch (entry.shape.kind) {
    case 'name':
      return NAME.test(value) ? null : problem(entry, 'one name of at most 15 letters and digits', value);
    case 'names':
      return areNames(value) ? null : problem(entry, 'names with blanks between them, each once', value);
    case 'cpu-mask':
      return isCpuMask(value)
        ? null
        : problem(entry, 'CPUs as bits in hexadecimal, as in 00000001,0000ffff', value);
    case 'report':
      return readOnly(entry);
    case 'port-list':
      return checkPorts(entry, value, commonRange(ranges));
    case 'integer':
    case 'pair':
    case 'vector':
      return checkNumbers(entry, value, commonRange(ranges), { memory, standing });
  }
}

function areNames(value: string): boolean {
  const names = value.split(/[ \t]+/).filter((name) => name !== '');
  return names.length > 0 && names.every((name) => NAME.test(name)) && new Set(names).size === names.length;
}

function problem({ key }: CatalogueEntry, expected: string, value: string): ValueProblem {
  return { why: `${key} must be ${expected}, not ${shown(value)}`, expected };
}

/** A value within a message: on one line, without control characters, and never as nothing at all. */
function shown(value: string): string {
  const words = escapeControls(value.trim());
  if (words === '') return 'empty';
  const short = words.length > SHOWN ? `${words.slice(0, SHOWN)}…` : words;
  return /\s/.test(short) ? `'${short}'` : short;
}

/** null where no value at all may be written. */
function commonRange(ranges: readonly Range[]): Range | null {
  if (ranges.length === 0) return null;
  return {
    min: Math.max(...ranges.map(({ min }) => min)),
    max: Math.min(...ranges.map(({ max }) => max)),
  };
}

function checkNumbers(
  entry: CatalogueEntry,
  value: string,
  range: Range | null,
  { memory, standing }: Required<Circumstances>,
): ValueProblem | null {
  if (range === null) return readOnly(entry);
  const members = membersOf(entry);
  const tokens = value.split(/[ \t]+/).filter((token) => token !== '');
  if (tokens.length !== members.length) {
    const many = members.length === 1 ? 'one number' : `${members.length} numbers (${members.join(' ')})`;
    return problem(entry, many, value);
  }
  const before = parseNumbers(standing, members.length) ?? [];
  const isNew = (token: string, index: number) => Number(token) !== before[index];
  const wrong = tokens.flatMap((token, index) =>
    isNew(token, index) ? (checkNumber(named(entry, members[index]), token, range) ?? []) : [],
  )[0];
  if (wrong !== undefined) return wrong;
  const wished = tokens.filter(isNew).map(Number);
  return (
    checkOrder(entry, tokens.map(Number), value) ??
    (wished.length === 0 ? null : checkMemory(entry, Math.max(...wished), memory))
  );
}

function readOnly({ key }: CatalogueEntry): ValueProblem {
  return { why: `${key} can only be read on this kernel`, expected: 'no write at all' };
}

function membersOf({ shape }: CatalogueEntry): readonly string[] {
  return shape.kind === 'vector' || shape.kind === 'pair' ? shape.members : [''];
}

/** The entry under the name of one of its numbers, for messages: `net.ipv4.tcp_rmem (min)`. */
function named(entry: CatalogueEntry, member: string | undefined): CatalogueEntry {
  return member === undefined || member === '' ? entry : { ...entry, key: `${entry.key} (${member})` };
}

function checkNumber(entry: CatalogueEntry, token: string, range: Range): ValueProblem | null {
  const ambiguous = ambiguity(entry, token);
  if (ambiguous !== null) return ambiguous;
  const isMeant = DECIMAL.test(token) && takesNumber(entry, Number(token), range);
  return isMeant ? null : problem(entry, allowedText(entry, range), token);
}

/** Whether the number lies in the range and means something there. */
export function takesNumber(
  { oneOf, multipleOf = 1, bits, powerOfTwo }: CatalogueEntry,
  number: number,
  { min, max }: Range,
): boolean {
  return (
    Number.isSafeInteger(number) &&
    number >= min &&
    number <= max &&
    (oneOf?.includes(number) ?? true) &&
    number % multipleOf === 0 &&
    (bits === undefined || (number & ~bits) === 0) &&
    (powerOfTwo === undefined || number === 0 || Number.isInteger(Math.log2(number)))
  );
}

/** The kernel reads these as another number than most people do. */
function ambiguity(entry: CatalogueEntry, token: string): ValueProblem | null {
  const isOctal = OCTAL.test(token);
  if (!isOctal && !HEXADECIMAL.test(token)) return null;
  const { why, expected } = problem(entry, 'a decimal number', token);
  const digits = token.replace(/^-?0[xX]?/, '') || '0';
  const reading = Number.parseInt(digits, isOctal ? 8 : 16);
  return {
    why: `${why}: the kernel would read that as ${token.startsWith('-') ? '-' : ''}${reading}`,
    expected,
  };
}

const WITHOUT_NAME: ReadonlySet<SysctlUnit> = new Set(['count', 'switch', 'name']);

/** `0 to 2147483647 connections`, `0, 1 or 2`, `a sum of 1, 2 and 4`. */
export function allowedText(entry: CatalogueEntry, { min, max }: Range): string {
  const { oneOf, bits, multipleOf, powerOfTwo, unit } = entry;
  const meant = oneOf ?? (max - min <= 2 ? [min, min + 1, min + 2] : undefined);
  if (meant !== undefined)
    return listed(
      meant.filter((each) => each >= min && each <= max),
      'or',
    );
  if (bits !== undefined) return `${min > 0 ? '' : '0 or '}a sum of ${listed(bitsOf(bits), 'and')}`;
  const range = `${min} to ${max}${WITHOUT_NAME.has(unit) ? '' : ` ${unit}`}`;
  if (powerOfTwo) return `${min > 0 ? '' : '0 or '}a power of two within ${range}`;
  return multipleOf === undefined ? range : `a multiple of ${multipleOf} from ${range}`;
}

function bitsOf(mask: number): readonly number[] {
  return Array.from({ length: 31 }, (_, bit) => 2 ** bit).filter((bit) => (mask & bit) !== 0);
}

function listed(numbers: readonly number[], word: 'and' | 'or'): string {
  const last = numbers.at(-1);
  return numbers.length < 2 ? String(last) : `${numbers.slice(0, -1).join(', ')} ${word} ${last}`;
}

/** Whether the numbers rise, or say that nothing lies between them in the one way that there is. */
export function isInOrder(shape: Shape, numbers: readonly number[]): boolean {
  const none = shape.kind === 'pair' ? shape.none : undefined;
  const rises = numbers.every((each, index) => each >= (numbers[index - 1] ?? each));
  return rises || (none?.every((each, index) => each === numbers[index]) ?? false);
}

function checkOrder(entry: CatalogueEntry, numbers: readonly number[], value: string): ValueProblem | null {
  const { shape } = entry;
  if ((shape.kind !== 'vector' && shape.kind !== 'pair') || !shape.ordered) return null;
  return isInOrder(shape, numbers) ? null : problem(entry, `in order, ${shape.members.join(' <= ')}`, value);
}

function checkMemory(entry: CatalogueEntry, largest: number, memory: HostMemory): ValueProblem | null {
  if (entry.memory === undefined) return null;
  const most = mostInMemory(entry.memory, memory);
  const share = shareText(entry.memory);
  if (most === null) {
    const expected = `no more than ${share}`;
    return { why: `${entry.key} must be ${expected}, which is not known`, expected };
  }
  if (largest <= most.pieces) return null;
  const expected = `at most ${most.pieces} ${entry.unit}, ${share}`;
  const { why } = problem(entry, expected, String(largest));
  return {
    why: `${why}, which ${entry.unit === 'pages' ? 'as pages ' : ''}is ${sizeText(largest * most.bytesEach)}`,
    expected,
  };
}

function mostInMemory(
  bound: MemoryBound,
  { memoryBytes, pageBytes }: HostMemory,
): { readonly pieces: number; readonly bytesEach: number } | null {
  const bytesEach = bound.bytesEach === 'page' ? pageBytes : bound.bytesEach;
  if (memoryBytes === null || bytesEach === null) return null;
  return { pieces: Math.floor(memoryBytes / bound.oneIn / bytesEach), bytesEach };
}

function shareText({ oneIn }: MemoryBound): string {
  return oneIn === 1 ? 'the memory of this host' : `1/${oneIn} of the memory of this host`;
}

function sizeText(bytes: number): string {
  return bytes >= GIB ? `${Math.round(bytes / GIB)} GiB` : `${Math.round(bytes / MIB)} MiB`;
}

/** The kernel gives a list back in its own form, so that only this one can be read back as it was written. */
function checkPorts(entry: CatalogueEntry, value: string, range: Range | null): ValueProblem | null {
  if (range === null) return readOnly(entry);
  const ports = parsePorts(value);
  const isWithin = ports?.every(([first, last]) => first >= range.min && last <= range.max) ?? false;
  if (ports === null || ports.length === 0 || !isWithin || value.length > LONGEST_LIST) {
    return problem(entry, `ports from ${range.min} to ${range.max} such as 8080,9000-9010`, value);
  }
  const canonical = canonicalPorts(value);
  if (canonical === null || canonical === value) return null;
  const { why, expected } = problem(entry, shown(canonical), value);
  return { why: `${why}: that is the form in which the kernel gives it back`, expected };
}

/**
 * Whether the key can be set from a network namespace without changing another one.
 * `read-only`: it is there, and the kernel refuses the write, or it would reach the whole host.
 * @param scopes those that may hold on this kernel, as KernelTraits.current(entry.scope) gives them: the least
 * permissive counts
 * @param childNamespace any but the initial one
 */
export function isWritableIn(
  entry: CatalogueEntry,
  scopes: readonly Scope[],
  childNamespace: boolean,
): 'yes' | 'read-only' | 'absent' {
  if (childNamespace && scopes.includes('global')) return 'absent';
  const hasNoValues =
    entry.shape.kind === 'report' || (holdsNumbers(entry.shape) && entry.range.length === 0);
  const belongsToHost = scopes.some((scope) => scope !== 'network-namespace');
  return hasNoValues || (childNamespace && belongsToHost) ? 'read-only' : 'yes';
}
