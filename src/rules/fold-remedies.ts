import type { Requirement } from '../sysctl/requirement.ts';
import type { Remedy } from './remedy.ts';

type Demand = Extract<Remedy, { readonly requirement: Requirement }>;

function isDemand(remedy: Remedy): remedy is Demand {
  return remedy.kind === 'require' || remedy.kind === 'set-in-container';
}

/** Requirements that one value can meet for all; `exactly` only where the values agree. */
function demandKey({ kind, requirement: { key, netns, relation, value } }: Demand): string {
  return JSON.stringify([kind, key, netns, relation, relation === 'exactly' ? value : null]);
}

/** The strictest of two, number by number where the value is a vector. */
function strictest(a: Demand, b: Demand): Demand {
  const { relation } = a.requirement;
  if (relation === 'exactly') return a;
  const left = a.requirement.value.split(/\s+/).map(Number);
  const right = b.requirement.value.split(/\s+/).map(Number);
  const stricter = relation === 'at-least' ? Math.max : Math.min;
  const folded = left.map((member, index) => stricter(member, right[index] ?? member));
  const value = folded.join(' ');
  const reason = value === left.join(' ') ? a : b;
  return { ...reason, requirement: { ...reason.requirement, value } };
}

/** Each remedy once, in the order of their first appearance, with requirements folded to the strictest. */
export function foldRemedies(remedies: readonly Remedy[]): readonly Remedy[] {
  const folded = new Map<string, Remedy>();
  for (const remedy of remedies) {
    const id = isDemand(remedy) ? demandKey(remedy) : JSON.stringify(remedy);
    const before = folded.get(id);
    if (before === undefined) folded.set(id, remedy);
    else if (isDemand(before) && isDemand(remedy)) folded.set(id, strictest(before, remedy));
  }
  return [...folded.values()];
}
