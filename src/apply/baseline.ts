import type { Ours, TakenOver, Written } from '../plan/ours.ts';
import type { FileStep, Standing, Step } from '../plan/plan.ts';
import { isWithdrawal } from '../plan/reasons.ts';
import { pairsOf } from '../plan/taken-lines.ts';
import { isAlwaysRead, sameSetting } from '../sysctl/catalogue.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import { DROP_IN_NAME, dropInPath, isMarked } from '../sysctl/own-drop-in.ts';
import type { Transaction } from './journal.ts';
import { active } from './rollback.ts';
import { isSameKernelAndMemory, isStartedAnew, isWhereItWasSet } from './same-host.ts';
import type { HostFacts, Intent } from './transaction.ts';

type Chain = { readonly baseline: string; readonly value: string; readonly intent: Intent };

/** A chain goes on while each write starts from what the last one left; after somebody else's it begins anew. */
function extended(chain: Chain | undefined, key: string, from: string, to: string, intent: Intent): Chain {
  const isOurs = chain !== undefined && sameSetting(key, chain.value, from);
  return isOurs ? { ...chain, value: to } : { baseline: from, value: to, intent };
}

/** What went with its network namespace is no value of this one; where the files were applied anew, its number says nothing. */
function isOfHere(intent: Intent, facts: HostFacts): boolean {
  return isWhereItWasSet(intent, facts) || isStartedAnew(intent, facts);
}

function chainsOf(transactions: readonly Transaction[], facts: HostFacts): ReadonlyMap<string, Chain> {
  const chains = new Map<string, Chain>();
  for (const { intent } of active(transactions)) {
    if (!isOfHere(intent, facts)) continue;
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

/**
 * What each key was before us and what we made it, over all transactions that still stand.
 * @param transactions without those of another network namespace that is still there
 */
export function writtenBy(transactions: readonly Transaction[], facts: HostFacts): Ours['written'] {
  const written = [...chainsOf(transactions, facts)].map(
    ([key, { baseline, value, intent }]): [string, Written] => [
      key,
      {
        baseline,
        value,
        sameBoot: isWhereItWasSet(intent, facts),
        sameKernelAndMemory: isSameKernelAndMemory(intent, facts),
      },
    ],
  );
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

/** Lines of other files that stand commented out, as the newest transaction that was about each file has left it. */
export function linesTakenOver(transactions: readonly Transaction[]): readonly TakenOver[] {
  const steps = active(transactions).flatMap(({ intent }) => intent.plan.steps);
  const newest = new Map(
    steps.flatMap((step) =>
      step.kind === 'file' && step.takeover !== undefined ? [[step.target.path, step.takeover]] : [],
    ),
  );
  return [...newest].map(([path, takeover]) => ({ path, lines: pairsOf(takeover, ['comment-out', 'keep']) }));
}

/** A transaction may be about other files as well. */
function isOfDropIn(step: Step): step is FileStep {
  if (step.kind !== 'file' || step.takeover !== undefined) return false;
  const { target, from, to } = step;
  return target.path === dropInPath(DROP_IN_NAME) || isMarked((to ?? from)?.text);
}

/**
 * Where the newest transaction that stands and was about our drop-in has put it, or where the one stood that it
 * removed; null where none was.
 */
export function rememberedDropIn(transactions: readonly Transaction[]): string | null {
  const steps = active(transactions)
    .map(({ intent }) => intent.plan.steps.filter(isOfDropIn))
    .findLast((each) => each.length > 0);
  const step = steps?.find(({ to }) => to !== null) ?? steps?.at(0);
  return step?.target.path ?? null;
}
