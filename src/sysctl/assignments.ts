import { parseKey, type SysctlKey, swapSeparators } from './key.ts';
import { type ReadingRules, readLines } from './lines.ts';

/** An assignment of a file that a program other than the boot's loader has sysctl(8) apply, or applies itself. */
export type Assignment = {
  /** With `*` for each name that a pattern leaves open. */
  readonly key: SysctlKey;
  readonly value: string;
  readonly line: number;
  readonly isPattern: boolean;
};

type Named = Pick<Assignment, 'key' | 'isPattern'>;

/** How a program makes a key of what stands before `=`; null for what it cannot use. */
export type KeyReader = (written: string) => Named | null;

const WILDCARD = /[*?[]/;

/** Whichever separator comes first separates; a name with a wildcard in it may be any. */
function pattern(written: string): SysctlKey {
  const path = /[./]/.exec(written)?.[0] === '/' ? written : swapSeparators(written);
  const names = path.split('/').filter((name) => name !== '');
  return swapSeparators(names.map((name) => (WILDCARD.test(name) ? '*' : name)).join('/'));
}

/** As sysctl(8) does: either separator, and a dash more than the one that only says that a failure does not matter. */
function asSysctl(written: string): Named | null {
  const name = written.replace(/^-/, '').replace(/^\/+/, '');
  if (WILDCARD.test(name)) return { key: pattern(name), isPattern: true };
  const parsed = parseKey(name);
  return parsed.ok ? { key: parsed.key, isPattern: false } : null;
}

/** Exclusions and lines that are none set nothing. */
export function assignmentsIn(
  text: string,
  rules: ReadingRules,
  keyOf: KeyReader = asSysctl,
): readonly Assignment[] {
  const assignments: Assignment[] = [];
  for (const said of readLines(text, rules)) {
    if (said.kind !== 'assignment') continue;
    const named = keyOf(said.key);
    if (named !== null) assignments.push({ ...named, value: said.value, line: said.line });
  }
  return assignments;
}
