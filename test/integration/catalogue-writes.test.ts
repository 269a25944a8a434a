import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type KernelTraits, kernelTraitsOf } from '../../src/model/kernel-traits.ts';
import { CATALOGUE, catalogueEntry, sameSetting } from '../../src/sysctl/catalogue.ts';
import { type CatalogueEntry, memberCount, type Range } from '../../src/sysctl/catalogue-entry.ts';
import { keyToProcPath } from '../../src/sysctl/key.ts';
import { canonicalPorts } from '../../src/sysctl/port-list.ts';
import { checkValue, isWritableIn } from '../../src/sysctl/validate.ts';
import { OUR_RANGE } from '../tools/our-ranges.ts';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type Sandbox } from '../tools/sandbox.ts';

const SAMPLES_A_KEY = 12;
/** This kernel refuses more than tcp_max_reordering, so it is written before that. */
const BOUNDED_BY_ANOTHER = 'net.ipv4.tcp_reordering';
const NO_RANGE: Range = { min: 0, max: 0 };

/** One line a write: the number of the write, and what the variable holds then or why it does not. */
const WRITE_ALL = `
n=0
while IFS='|' read -r file value; do
  n=$((n + 1))
  if ! [ -e "$file" ]; then echo "$n|absent"; continue; fi
  if ! printf '%s\\n' "$value" 2>/dev/null >"$file"; then echo "$n|refused"; continue; fi
  echo "$n|$(cat "$file")"
done`;

const MODES = 'while read -r file; do stat -c %a "$file" 2>/dev/null || echo absent; done';

function numberWithin(entry: CatalogueEntry, { min, max }: Range): fc.Arbitrary<number> {
  if (entry.oneOf !== undefined) return fc.constantFrom(...entry.oneOf);
  const multiple = entry.multipleOf ?? 1;
  const few = Math.min(max, min + 100 * multiple);
  return fc
    .oneof(
      fc.constantFrom(min, min + multiple, max - multiple, max),
      fc.integer({ min, max: few }),
      fc.integer({ min, max }),
    )
    .map((number) => (entry.bits === undefined ? number - (number % multiple) : number & entry.bits));
}

function arbitraryValue(entry: CatalogueEntry, range: Range): fc.Arbitrary<string> {
  if (entry.shape.kind === 'port-list') {
    const ports = fc.array(fc.integer({ min: range.min, max: range.max }), { minLength: 1, maxLength: 8 });
    return ports.map((each) => canonicalPorts(each.join(',')) ?? '');
  }
  // CPUs that every host has: the kernel refuses others.
  if (entry.shape.kind === 'cpu-mask') return fc.constantFrom('0', '1');
  const members = memberCount(entry.shape);
  const numbers = fc.array(numberWithin(entry, range), { minLength: members, maxLength: members });
  return numbers.map((each) => [...each].sort((a, b) => a - b).join(' '));
}

describeWith(SANDBOX_PROGRAMS, 'the catalogue on this kernel', () => {
  let sandbox: Sandbox;
  let traits: KernelTraits;
  beforeAll(async () => {
    sandbox = await openSandbox();
    traits = kernelTraitsOf((await sandbox.output(['uname', '-r'])).trim(), null);
  });
  afterAll(async () => sandbox?.close());

  /** What a child network namespace may do with a key is what the mode of its file says. */
  test('a key is absent, read-only or writable in a child as the catalogue has it', async () => {
    const entries = CATALOGUE.filter((entry) => entry.key.startsWith('net.') && traits.has(entry) === 'yes');
    const input = entries.map(({ key }) => `${keyToProcPath(key)}\n`).join('');
    const modes = (await sandbox.output(['sh', '-c', MODES], { input })).trim().split('\n');
    const seen = entries.map(({ key }, index) => `${key} ${modes[index]}`);
    const expected = entries.map((entry, index) => {
      const mode = { yes: '644', 'read-only': '444', absent: 'absent' }[
        isWritableIn(entry, traits.current(entry.scope), true)
      ];
      // A module that is not loaded makes the key absent.
      return `${entry.key} ${entry.module !== undefined && modes[index] === 'absent' ? 'absent' : mode}`;
    });
    expect(seen.length).toBeGreaterThan(170);
    expect(seen).toEqual(expected);
  });

  test('what checkValue takes, the kernel takes and gives back', async () => {
    const writes = CATALOGUE.filter(
      (entry) =>
        entry.key.startsWith('net.') &&
        !['name', 'names'].includes(entry.shape.kind) &&
        isWritableIn(entry, traits.current(entry.scope), true) === 'yes' &&
        traits.has(entry) === 'yes',
    ).flatMap((entry) => {
      const ranges = traits.current(entry.range);
      const tried = entry.shape.kind === 'cpu-mask' ? [NO_RANGE] : ranges;
      const values = tried.flatMap((range) => fc.sample(arbitraryValue(entry, range), SAMPLES_A_KEY));
      return values
        .filter((value) => checkValue(entry, value, ranges) === null)
        .map((value) => ({ key: entry.key, value }));
    });
    writes.sort((a, b) => Number(b.key === BOUNDED_BY_ANOTHER) - Number(a.key === BOUNDED_BY_ANOTHER));
    expect(new Set(writes.map(({ key }) => key)).size).toBeGreaterThan(115);
    expect(writes.length).toBeGreaterThan(1000);

    const input = writes.map(({ key, value }) => `${keyToProcPath(key)}|${value}\n`).join('');
    const lines = (await sandbox.output(['sh', '-c', WRITE_ALL], { input })).trim().split('\n');
    const back = lines.map((line) => line.slice(line.indexOf('|') + 1));
    expect(back).toHaveLength(writes.length);
    const wrong = writes.flatMap(({ key, value }, index) => {
      const now = back[index] ?? '';
      const isWithoutModule = now === 'absent' && catalogueEntry(key)?.module !== undefined;
      return isWithoutModule || sameSetting(key, now, value) ? [] : [{ key, value, now }];
    });
    expect(wrong).toEqual([]);
  });

  test('what lies outside a range of the kernel, the kernel refuses as well', async () => {
    const entries = CATALOGUE.filter(
      (entry) =>
        entry.key.startsWith('net.') &&
        entry.shape.kind === 'integer' &&
        entry.range.length > 0 &&
        !OUR_RANGE.has(entry.key) &&
        isWritableIn(entry, traits.current(entry.scope), true) === 'yes' &&
        traits.has(entry) === 'yes',
    );
    const writes = entries.flatMap(({ key, range, multipleOf = 1 }) =>
      traits.current(range).flatMap(({ min, max }) => [
        { key, value: min, expected: 'taken' },
        { key, value: max, expected: 'taken' },
        { key, value: min - multipleOf, expected: 'refused' },
        { key, value: max + multipleOf, expected: 'refused' },
      ]),
    );
    expect(entries.length).toBeGreaterThan(75);
    const input = writes.map(({ key, value }) => `${keyToProcPath(key)}|${value}\n`).join('');
    const lines = (await sandbox.output(['sh', '-c', WRITE_ALL], { input })).trim().split('\n');
    const became = lines.map((line) => /\|(refused|absent)$/.exec(line)?.[1] ?? 'taken');
    expect(became).toHaveLength(writes.length);
    const wrong = writes.flatMap(({ key, value, expected }, index) => {
      const isWithoutModule = became[index] === 'absent' && catalogueEntry(key)?.module !== undefined;
      return isWithoutModule || became[index] === expected ? [] : [{ key, value, became: became[index] }];
    });
    expect(wrong).toEqual([]);
  });
});
