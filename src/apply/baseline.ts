import type { Ours, Written } from '../plan/ours.ts';
import type { Standing } from '../plan/plan.ts';
import { isWithdrawal } from '../plan/reasons.ts';
import { isAlwaysRead, sameSetting } from '../sysctl/catalogue.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import type { Transaction } from './journal.ts';
import { active } from './rollback.ts';
import { isSameKernelAndMemory } from './same-host.ts';
import type { HostFacts, Intent } from './transaction.ts';

type Chain = { readonly baseline: string; readonly value: string; readonly intent: Intent };

/** A chain goes on while each write starts from what the last one left; after somebody else's it begins anew. */
function extended(chain: Chain | undefined, key: string, from: string, to: string, intent: Intent): Chain {
  const isOurs = chain !== undefined && sameSetting(key, chain.value, from);
  return isOurs ? { ...chain, value: to } : { baseline: from, value: to, intent };
}

function chainsOf(transactions: readonly Transaction[]): ReadonlyMap<string, Chain> {
  const chains = new Map<string, Chain>();
  for (const { intent } of active(transactions)) {
    const { kept, steps } = intent.plan;
    for (const { key, value } of kept) chains.set(key, extended(chains.get(key), key, value, value, intent));
    for (const step of steps) {
      if (step.kind !== 'live') continue;
      const { key } = step.target;
      // What we took back is nobody's of ours any more, whatever it is from then on.
      if (isWithdrawal(step.because)) chains.delete(key);
      else chains.set(key, extended(chains.get(key), key, step.from, step.to, intent));
    }
  }
  return chains;
}

/** What each key was before us and what we made it, over all transactions that still stand. */
export function writtenBy(transactions: readonly Transaction[], facts: HostFacts): Ours['written'] {
  const written = [...chainsOf(transactions)].map(([key, { baseline, value, intent }]): [string, Written] => [
    key,
    {
      baseline,
      value,
      sameBoot: intent.bootId === facts.bootId,
      sameKernelAndMemory: isSameKernelAndMemory(intent, facts),
    },
  ]);
  return new Map(written);
}

/** Keys that we changed, or kept as a profile wants them, and that nobody looks at without being asked. */
export function unreadKeysOfOurs(transactions: readonly Transaction[]): readonly SysctlKey[] {
  const keys = active(transactions).flatMap(({ intent: { plan } }) => [
    ...plan.steps.flatMap((step) => (step.kind === 'live' ? [step.target.key] : [])),
    ...plan.kept.map(({ key }) => key),
  ]);
  return [...new Set(keys)].filter((key) => !isAlwaysRead(key));
}

/** What rules required when the newest transaction that stands was planned. */
export function standingRequirements(transactions: readonly Transaction[]): readonly Standing[] {
  return active(transactions).at(-1)?.intent.plan.standing ?? [];
}
