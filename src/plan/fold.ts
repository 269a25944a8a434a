import { decimals, parseNumbers } from '../sysctl/codec.ts';
import { KEEP, type SourcedRequirement } from '../sysctl/requirement.ts';

export type Folded =
  | { readonly kind: 'value'; readonly value: string }
  /** No value meets both. */
  | { readonly kind: 'contradiction'; readonly between: readonly [SourcedRequirement, SourcedRequirement] }
  /** A relation needs a number to compare with, and the value without us is none. */
  | { readonly kind: 'incomparable'; readonly requirement: SourcedRequirement };

/** One bound on one number, and who sets it. */
type Bound = { readonly at: number; readonly by: SourcedRequirement };

type Bounds = { readonly exactly: Bound | null; readonly least: Bound | null; readonly most: Bound | null };

const NONE: Bounds = { exactly: null, least: null, most: null };

type Narrowed = Bounds | { readonly clash: readonly [SourcedRequirement, SourcedRequirement] };

function isClash(narrowed: Narrowed): narrowed is Extract<Narrowed, { clash: unknown }> {
  return 'clash' in narrowed;
}

function stricter(
  standing: Bound | null,
  bound: Bound,
  isStricter: (a: number, b: number) => boolean,
): Bound {
  return standing === null || isStricter(bound.at, standing.at) ? bound : standing;
}

function clashOf({ exactly, least, most }: Bounds): Narrowed | null {
  if (least !== null && most !== null && least.at > most.at) return { clash: [least.by, most.by] };
  if (exactly !== null && least !== null && exactly.at < least.at) return { clash: [exactly.by, least.by] };
  if (exactly !== null && most !== null && exactly.at > most.at) return { clash: [exactly.by, most.by] };
  return null;
}

function narrow(bounds: Bounds, bound: Bound): Narrowed {
  const { relation } = bound.by;
  if (relation === 'exactly' && bounds.exactly !== null && bounds.exactly.at !== bound.at) {
    return { clash: [bounds.exactly.by, bound.by] };
  }
  const narrowed: Bounds = {
    exactly: relation === 'exactly' ? (bounds.exactly ?? bound) : bounds.exactly,
    least: relation === 'at-least' ? stricter(bounds.least, bound, (a, b) => a > b) : bounds.least,
    most: relation === 'at-most' ? stricter(bounds.most, bound, (a, b) => a < b) : bounds.most,
  };
  return clashOf(narrowed) ?? narrowed;
}

function applied({ exactly, least, most }: Bounds, base: number): number {
  if (exactly !== null) return exactly.at;
  return Math.min(Math.max(base, least?.at ?? base), most?.at ?? Number.POSITIVE_INFINITY);
}

/** A number that stays is written as it stands: the kernel's own may be larger than those that we compute with. */
function wordOf(number: number, base: number, written: string): string {
  return number === base ? written : String(number);
}

/** The requirement's number at that place; null where it is kept. */
function boundAt(requirement: SourcedRequirement, index: number): Bound | null {
  const word = requirement.value.trim().split(/\s+/)[index];
  if (word === undefined || word === KEEP) return null;
  const [number] = parseNumbers(word) ?? [];
  return number === undefined ? null : { at: number, by: requirement };
}

function foldNumbers(
  requirements: readonly SourcedRequirement[],
  base: readonly number[],
  written: readonly string[],
): Folded {
  const folded: string[] = [];
  for (const [index, number] of base.entries()) {
    let bounds = NONE;
    for (const requirement of requirements) {
      const bound = boundAt(requirement, index);
      if (bound === null) continue;
      const narrowed = narrow(bounds, bound);
      if (isClash(narrowed)) return { kind: 'contradiction', between: narrowed.clash };
      bounds = narrowed;
    }
    folded.push(wordOf(applied(bounds, number), number, written[index] ?? String(number)));
  }
  return { kind: 'value', value: folded.join(' ') };
}

function isNumeric({ value }: SourcedRequirement): boolean {
  return value
    .trim()
    .split(/\s+/)
    .every((word) => word === KEEP || parseNumbers(word) !== null);
}

/** Words, such as the name of a congestion control: only one value can be meant. */
function foldWords(requirements: readonly SourcedRequirement[]): Folded {
  const [first, ...others] = requirements;
  if (first === undefined) return { kind: 'value', value: '' };
  const relative = requirements.find(({ relation }) => relation !== 'exactly');
  if (relative !== undefined) return { kind: 'incomparable', requirement: relative };
  const other = others.find(({ value }) => value !== first.value);
  return other === undefined
    ? { kind: 'value', value: first.value }
    : { kind: 'contradiction', between: [first, other] };
}

/**
 * The value nearest to the one without us that meets all requirements of one key, number by number.
 * @param base the value without us
 * @param members how many numbers the key holds; any number where the catalogue does not know it
 */
export function foldRequirements(
  requirements: readonly SourcedRequirement[],
  base: string,
  members: number,
): Folded {
  const numbers = parseNumbers(base, members);
  // Of a key that nobody knows its profile has to say what it holds, number by number.
  const isVouched =
    requirements.length > 0 &&
    requirements.every(({ unchecked, relation }) => unchecked && relation === 'exactly');
  if (numbers === null || isVouched || !requirements.every(isNumeric)) return foldWords(requirements);
  return foldNumbers(requirements, numbers, decimals(base, members) ?? []);
}
