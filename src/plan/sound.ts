import type { Assessment } from '../assess/assessment.ts';
import { catalogueEntry, membersOf } from '../sysctl/catalogue.ts';
import type { CatalogueEntry } from '../sysctl/catalogue-entry.ts';
import { parseNumbers } from '../sysctl/codec.ts';
import type { SysctlKey } from '../sysctl/key.ts';

function isOrdered({ shape }: CatalogueEntry): boolean {
  return (shape.kind === 'vector' || shape.kind === 'pair') && shape.ordered;
}

/**
 * Why a value must not be written, in words that go behind the key; null for one that may. The kernel takes vectors in
 * any order, and negative numbers where they break the host: we do not.
 * @param base what the value would be without the requirements
 */
export function unsound(
  key: SysctlKey,
  value: string,
  base: string,
  traits: Assessment['traits'],
): string | null {
  const entry = catalogueEntry(key);
  const numbers = parseNumbers(value, membersOf(key));
  if (entry === undefined || entry.shape.kind === 'name' || numbers === null) return null;
  if (isOrdered(entry) && numbers.some((each, index) => each < (numbers[index - 1] ?? each))) {
    return `would be ${value}, whose numbers do not rise`;
  }
  // A number that stays as it was is nobody's wish.
  const before = parseNumbers(base, membersOf(key)) ?? [];
  // Where the version leaves the range open every one has to take it.
  for (const { min, max } of traits.current(entry.range)) {
    const outside = numbers.find((each, index) => each !== before[index] && (each < min || each > max));
    if (outside !== undefined) return `would be ${value}, and takes ${min} to ${max}`;
  }
  return null;
}
