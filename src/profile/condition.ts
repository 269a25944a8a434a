import type { KernelTraits } from '../model/kernel-traits.ts';
import type { Bound, Condition, Setting } from './profile.ts';
import { measure } from './units.ts';

export type ReadConditions =
  | { readonly ok: true; readonly conditions: readonly Condition[] }
  | { readonly ok: false; readonly why: string };

function isBound(text: string): text is Bound {
  return text === '>=' || text === '<';
}

/** `>=4.15 <6.6`, `>= 2GiB`: bounds with one blank or more between them. */
function boundsOf(written: string): readonly (readonly [Bound, string])[] | null {
  const found: (readonly [Bound, string])[] = [];
  for (const part of written
    .trim()
    .replace(/(>=|<)\s+/g, '$1')
    .split(/\s+/)) {
    const [, bound = '', operand = ''] = /^(>=|<)([^<>=]+)$/.exec(part) ?? [];
    if (!isBound(bound)) return null;
    found.push([bound, operand]);
  }
  return found;
}

export function readKernelCondition(written: string): ReadConditions {
  const bounds = boundsOf(written);
  if (bounds?.every(([, version]) => /^\d+\.\d+(\.\d+)?$/.test(version)) !== true) {
    return { ok: false, why: `expected bounds such as '>=5.4' or '>=4.15 <6.6', not '${written}'` };
  }
  return { ok: true, conditions: bounds.map(([bound, version]) => ({ kind: 'kernel', bound, version })) };
}

export function readMemoryCondition(written: string): ReadConditions {
  const conditions: Condition[] = [];
  for (const [bound, operand] of boundsOf(written) ?? []) {
    const size = measure(operand);
    if (!size.ok || size.kind !== 'bytes') break;
    conditions.push({ kind: 'memory', bound, bytes: size.amount, written: operand });
  }
  return conditions.length > 0 && conditions.length === boundsOf(written)?.length
    ? { ok: true, conditions }
    : { ok: false, why: `expected a bound such as '>=2GiB' or '<512MiB', not '${written}'` };
}

export function conditionText(condition: Condition): string {
  return condition.kind === 'kernel'
    ? `kernel ${condition.bound}${condition.version}`
    : `memory ${condition.bound}${condition.written}`;
}

function conditionsText({ when }: Setting): string {
  return when.map(conditionText).sort().join(' ');
}

/**
 * Whether two settings of one key would always apply together and say the same twice, so that one of them is a mistake.
 * A least and a most may stand together; so may a number and `auto`, of which the one that asks for more decides.
 */
export function repeats(a: Setting, b: Setting): boolean {
  const isRange = a.relation !== b.relation && a.relation !== 'exactly' && b.relation !== 'exactly';
  const oneIsAuto = (a.value.kind === 'auto') !== (b.value.kind === 'auto');
  return !isRange && !oneIsAuto && conditionsText(a) === conditionsText(b);
}

type Host = { readonly traits: KernelTraits; readonly memoryBytes: number | null };

/** null where it certainly holds; else why it counts as not holding. */
export function whyNot(condition: Condition, host: Host): string | null {
  const verdict = condition.kind === 'kernel' ? onKernel(condition, host) : onMemory(condition, host);
  switch (verdict) {
    case 'yes':
      return null;
    case 'no':
      return `only with ${conditionText(condition)}`;
    case 'maybe':
      return `only with ${conditionText(condition)}, which cannot be told of this host`;
  }
}

type Verdict = 'yes' | 'no' | 'maybe';

const OPPOSITE: Readonly<Record<Verdict, Verdict>> = { yes: 'no', no: 'yes', maybe: 'maybe' };

/** A vendor's old kernel may hold what came with a later version, so the traits decide, and may not know. */
function onKernel({ bound, version }: Extract<Condition, { kind: 'kernel' }>, { traits }: Host): Verdict {
  const has = traits.has({ introduced: version });
  return bound === '>=' ? has : OPPOSITE[has];
}

function onMemory({ bound, bytes }: Extract<Condition, { kind: 'memory' }>, { memoryBytes }: Host): Verdict {
  if (memoryBytes === null) return 'maybe';
  const has = memoryBytes >= bytes ? 'yes' : 'no';
  return bound === '>=' ? has : OPPOSITE[has];
}
