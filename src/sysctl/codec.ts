/**
 * Values of sysctls as the kernel reads and writes them. The kernel's own grammar stands in proc_get_long() and
 * __do_proc_dointvec() of kernel/sysctl.c.
 */

/** More digits than this, sign included, are refused whatever they say (TMPBUFLEN in kernel/sysctl.c). */
const MAX_TOKEN = 20;
const UNSIGNED_LONG_END = 2n ** 64n;

/** What nearly every value is; it says the same to us as to the kernel, and is exact. */
const SHORT_DECIMAL = /^(?:0|[1-9][0-9]{0,14})$/;

/** A number as the kernel takes it: decimal, `0x` hexadecimal, octal after a leading 0, and `-` in front. */
const NUMBER = /^(-?)(?:0[xX]([0-9a-fA-F]+)|0([0-7]*)|([1-9][0-9]*))$/;

function parseNumber(token: string): bigint | null {
  const match = token.length > MAX_TOKEN ? null : NUMBER.exec(token);
  if (match === null) return null;
  const [, sign, hex, octal, decimal] = match;
  const size = hex !== undefined ? BigInt(`0x${hex}`) : BigInt(decimal ?? `0o0${octal ?? ''}`);
  if (size >= UNSIGNED_LONG_END) return null;
  return sign === '-' ? -size : size;
}

/**
 * The first `members` numbers; what follows them after a blank is not looked at, and fewer are fewer.
 * Null where the kernel would refuse the text: no number at all, or something else before there are enough.
 */
function parseExactly(raw: string, members: number): readonly bigint[] | null {
  const numbers: bigint[] = [];
  // A number must be followed by a space, tab or newline; blanks of any kind may stand in front of one.
  for (const token of raw.split(/[ \t\n]/)) {
    const written = token.replace(/^[\v\f\r]+/, '');
    if (written === '') continue;
    if (numbers.length === members) break;
    const number = parseNumber(written);
    if (number === null) return null;
    numbers.push(number);
  }
  return numbers.length === 0 ? null : numbers;
}

/**
 * What the kernel makes of the text of an integer or of a vector.
 * @param members how many numbers the variable holds; text after that many and a blank is ignored, as the kernel does
 * @returns null where the kernel would refuse it. Numbers beyond 2^53 are rounded: see hasExactNumbers.
 */
export function parseNumbers(raw: string, members = Number.POSITIVE_INFINITY): readonly number[] | null {
  if (members >= 1 && SHORT_DECIMAL.test(raw)) return [Number(raw)];
  return parseExactly(raw, members)?.map(Number) ?? null;
}

/** Whether every number of the text can be computed with; `unsigned long` variables may hold larger ones. */
export function hasExactNumbers(raw: string): boolean {
  return parseNumbers(raw)?.every(Number.isSafeInteger) ?? false;
}

/** Each number in decimal, however large; null where it is none. */
export function decimals(raw: string, members = Number.POSITIVE_INFINITY): readonly string[] | null {
  return parseExactly(raw, members)?.map(String) ?? null;
}

/** How many numbers the text holds; 0 where it is none. */
export function numberCount(raw: string): number {
  return parseExactly(raw, Number.POSITIVE_INFINITY)?.length ?? 0;
}

/** A line may give fewer numbers than the key has: the kernel leaves the others as they were. */
export function completed(value: string, base: string, members: number): string {
  const [given, others] = [parseExactly(value, members), parseExactly(base, members)];
  if (given === null || others === null) return base;
  return [...given, ...others.slice(given.length)].join(' ');
}

function tokens(raw: string): readonly string[] {
  return raw.split(/\s+/).filter((token) => token !== '');
}

/**
 * Whether two texts leave the variable with the same value: token by token, numbers as numbers, so that
 * `4096 87380 6291456`, its tab-separated form and `0x1000 87380 6291456` are the same.
 * @param members how many numbers the variable holds; left out, every token counts
 */
export function sameValue(a: string, b: string, members = Number.POSITIVE_INFINITY): boolean {
  const left = parseExactly(a, members) ?? tokens(a);
  const right = parseExactly(b, members) ?? tokens(b);
  return left.length === right.length && left.every((each, index) => each === right[index]);
}
