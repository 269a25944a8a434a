import type { Assessment, NamespaceAssessment } from '../assess/assessment.ts';
import { valueOr } from '../core/fact.ts';
import { type Text, text, value as valueSpan } from '../core/text.ts';
import type { Workload } from '../snapshot/workload.ts';
import { catalogueEntry } from '../sysctl/catalogue.ts';
import type { CatalogueEntry } from '../sysctl/catalogue-entry.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import {
  KEEP,
  type Protection,
  type RequirementOrigin,
  type SourcedRequirement,
} from '../sysctl/requirement.ts';
import { takesNumber } from '../sysctl/validate.ts';
import { autoValue } from './auto.ts';
import { whyNot } from './condition.ts';
import { type MemoryFacts, memoryBound, takesMemory } from './memory-guard.ts';
import type { Amount, ResolvedProfile, Setting } from './profile.ts';
import { rangeTexts } from './value.ts';

/** A setting that this host does not get, and why. */
export type NotApplied = {
  readonly key: SysctlKey;
  readonly netns: string;
  /** The profile that says so, a parent perhaps. */
  readonly profile: string;
  readonly kind: 'condition' | 'unsupported' | 'no-memory-for-it' | 'no-facts';
  /** A sentence without its full stop. */
  readonly why: string;
  readonly setting: Setting;
};

export type ProfileRequirements = {
  readonly requirements: readonly SourcedRequirement[];
  readonly protections: readonly Protection[];
  readonly notApplied: readonly NotApplied[];
};

/** What one setting comes to. */
export type Outcome =
  | { readonly kind: 'required'; readonly requirement: SourcedRequirement }
  | { readonly kind: 'not-applied'; readonly notApplied: NotApplied };

type Host = {
  readonly assessment: Assessment;
  readonly namespace: NamespaceAssessment;
  readonly workload: Workload | null;
};

/**
 * What a profile requires of this host, in the namespace that its facts begin with. What cannot be decided for want of
 * a fact is not required, and says so.
 */
export function requirementsOf(
  profile: ResolvedProfile,
  assessment: Assessment,
  workload: Workload | null,
): ProfileRequirements {
  const outcomes = outcomesOf(profile, assessment, workload);
  return {
    requirements: outcomes.flatMap((each) => (each.kind === 'required' ? [each.requirement] : [])),
    protections: profile.protections,
    notApplied: outcomes.flatMap((each) => (each.kind === 'not-applied' ? [each.notApplied] : [])),
  };
}

/** The same, setting by setting, in the order of the profile. */
export function outcomesOf(
  { settings }: ResolvedProfile,
  assessment: Assessment,
  workload: Workload | null,
): readonly Outcome[] {
  const [namespace] = assessment.namespaces;
  if (namespace === undefined) return [];
  return settings.map((setting) => outcomeOf(setting, { assessment, namespace, workload }));
}

function refusal(setting: Setting, { namespace }: Host, kind: NotApplied['kind'], why: string): Outcome {
  const { key, profile } = setting;
  return {
    kind: 'not-applied',
    notApplied: { key, netns: namespace.namespace.id, profile, kind, why, setting },
  };
}

function required(setting: Setting, { namespace }: Host, value: string, because: Text): Outcome {
  const by: RequirementOrigin = {
    kind: 'profile',
    name: setting.profile,
    at: setting.at,
    source: setting.source,
  };
  const { key, relation, unchecked } = setting;
  const netns = namespace.namespace.id;
  return { kind: 'required', requirement: { key, netns, relation, value, because, by, unchecked } };
}

function memoryBytesOf({ assessment }: Host): number | null {
  return valueOr(assessment.snapshot.host.memoryBytes, null);
}

function outcomeOf(setting: Setting, host: Host): Outcome {
  const around = { traits: host.assessment.traits, memoryBytes: memoryBytesOf(host) };
  for (const condition of setting.when) {
    const why = whyNot(condition, around);
    if (why !== null) return refusal(setting, host, 'condition', why);
  }
  const because = text`${setting.because}`;
  const entry = catalogueEntry(setting.key);
  if (entry === undefined) {
    // Only a key that a profile vouches for is not in the catalogue, and then its value is text.
    return setting.value.kind === 'text'
      ? required(setting, host, setting.value.text, because)
      : refusal(setting, host, 'unsupported', 'the catalogue does not know the key');
  }
  if (host.assessment.traits.has(entry) === 'no') {
    return refusal(setting, host, 'unsupported', 'this kernel has no such key');
  }
  switch (setting.value.kind) {
    case 'text':
      return required(setting, host, setting.value.text, because);
    case 'amounts':
      return fitted(setting, entry, host, setting.value.amounts, because);
    case 'auto': {
      const computed = autoValue(setting.key, host.namespace, host.workload);
      return computed.ok
        ? fitted(setting, entry, host, computed.amounts, text`${because}: ${computed.how}`)
        : refusal(setting, host, 'no-facts', computed.why);
    }
  }
}

/** null: this number of the vector stays as it is. */
type Numbers = readonly (number | null)[];

/** Numbers that this kernel takes and this memory bears. */
function fitted(
  setting: Setting,
  entry: CatalogueEntry,
  host: Host,
  amounts: readonly Amount[],
  because: Text,
): Outcome {
  const facts: MemoryFacts = {
    memoryBytes: memoryBytesOf(host),
    pageBytes: valueOr(host.assessment.snapshot.host.pageBytes, null),
    kernelDefault: host.namespace.kernelDefault(setting.key),
  };
  const numbers = amounts.map((amount) => numberOf(amount, facts.pageBytes));
  const wanted = numbers.flatMap((each) => (each === undefined ? [] : [each]));
  if (wanted.length < numbers.length) {
    return refusal(setting, host, 'no-facts', 'the size of a page is not known');
  }
  const outside = outOfRange(entry, host, wanted);
  if (outside !== null) return refusal(setting, host, 'unsupported', outside);
  // At most asks for no memory.
  if (setting.relation === 'at-most') return required(setting, host, valueText(wanted), because);
  return guarded(setting, entry, host, wanted, facts, because);
}

/** undefined where the size of a page would be needed. */
function numberOf(amount: Amount, pageBytes: number | null): number | null | undefined {
  switch (amount.kind) {
    case 'keep':
      return null;
    case 'number':
      return amount.number;
    case 'bytes':
      return pageBytes === null ? undefined : Math.ceil(amount.bytes / pageBytes);
  }
}

function valueText(numbers: Numbers): string {
  return numbers.map((each) => each ?? KEEP).join(' ');
}

/** Ranges differ between kernels, and where the version leaves them open every one of them has to take the number. */
function outOfRange(entry: CatalogueEntry, { assessment }: Host, numbers: Numbers): string | null {
  const ranges = assessment.traits.current(entry.range);
  const outside = numbers.find((each) => each !== null && ranges.some((is) => !takesNumber(entry, each, is)));
  if (outside === undefined) return null;
  const [first = '', ...others] = rangeTexts(entry, ranges);
  const open = others.length === 0 ? '' : ` or ${others.join(' or ')}, which its version leaves open`;
  return `this kernel takes ${first}${open}, not ${outside}`;
}

function guarded(
  setting: Setting,
  entry: CatalogueEntry,
  host: Host,
  wanted: Numbers,
  facts: MemoryFacts,
  because: Text,
): Outcome {
  if (!takesMemory(entry)) return required(setting, host, valueText(wanted), because);
  const beyond = beyondMemory(entry, wanted, facts);
  if (beyond !== null) return refusal(setting, host, 'no-memory-for-it', beyond);
  const cut: number[] = [];
  let notes: Text = [];
  for (const [member, number] of wanted.entries()) {
    const bound = number === null ? null : memoryBound(entry, member, facts);
    if (bound === 'unknown') {
      return refusal(setting, host, 'no-facts', 'the size of the memory is not known');
    }
    if (bound === null || number === null || number <= bound.most) continue;
    const note = `${bound.most} is all that this host bears (${bound.reason})`;
    if (setting.relation === 'exactly') return refusal(setting, host, 'no-memory-for-it', note);
    cut[member] = bound.most;
    notes = text`${notes}; cut from ${valueSpan(number)}, for ${note}`;
  }
  const numbers = wanted.map((each, member) => cut[member] ?? each);
  return required(setting, host, valueText(numbers), text`${because}${notes}`);
}

/** Whoever copies bytes into a key in pages asks for thousands of times the memory: cutting that would be guessing. */
function beyondMemory({ key, unit }: CatalogueEntry, wanted: Numbers, facts: MemoryFacts): string | null {
  const { memoryBytes, pageBytes } = facts;
  if (unit !== 'pages' || memoryBytes === null || pageBytes === null) return null;
  const outside = wanted.find((each) => each !== null && each * pageBytes > memoryBytes);
  return outside === undefined
    ? null
    : `${key} is in pages, and ${outside} of them are more than the whole memory: it looks like bytes`;
}
