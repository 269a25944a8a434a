import { plainText } from '../core/text.ts';
import type { SourcedRequirement } from '../sysctl/requirement.ts';
import type { Reason } from './plan.ts';

function reasonOf({ by, because }: SourcedRequirement): Reason {
  const text = plainText(because);
  if (by.kind === 'rule') return { by: 'rule', name: by.name, text };
  return {
    by: 'profile',
    name: by.name,
    text,
    ...(by.source === null ? {} : { source: by.source }),
    ...(by.at === null ? {} : { at: { ...by.at } }),
  };
}

/** Each once, in the order in which they were given. */
export function reasonsOf(requirements: readonly SourcedRequirement[]): Reason[] {
  const distinct = new Map(requirements.map(reasonOf).map((reason) => [JSON.stringify(reason), reason]));
  return [...distinct.values()];
}

/** `profile web-frontend`, `rule memory/tcp-mem-in-bytes`: for the middle of a sentence. */
function namedOrigin({ by }: SourcedRequirement): string {
  return `${by.kind} ${by.name}`;
}

/** `at least 4096 (profile web-frontend)` */
export function wish(requirement: SourcedRequirement): string {
  const relation = requirement.relation === 'exactly' ? 'exactly' : requirement.relation.replace('-', ' ');
  return `${relation} ${requirement.value} (${namedOrigin(requirement)})`;
}

/** What a step takes back is what stood there before us, and nobody's wish. */
export function isWithdrawal(because: readonly Reason[]): boolean {
  return because.length > 0 && because.every(({ by }) => by === 'withdrawn');
}

export const WITHDRAWN: Reason = {
  by: 'withdrawn',
  name: 'an earlier plan',
  text: 'nothing asks for it any more',
};
