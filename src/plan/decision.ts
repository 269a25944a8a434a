import type { Assessment } from '../assess/assessment.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import type { Protection, SourcedRequirement } from '../sysctl/requirement.ts';
import type { HostMemory } from '../sysctl/validate.ts';
import type { DropInLine } from './drop-in.ts';
import type { Conflict, NoOp, Reason, Skipped } from './plan.ts';
import { reasonsOf } from './reasons.ts';
import type { Surroundings } from './without-us.ts';

/** What becomes of one key. */
export type Decision =
  | { readonly kind: 'skipped'; readonly skipped: Skipped }
  | { readonly kind: 'conflict'; readonly conflict: Conflict }
  | {
      readonly kind: 'decided';
      readonly key: SysctlKey;
      readonly because: readonly Reason[];
      /** null where the live value is what it should be. */
      readonly live: { readonly from: string; readonly to: string } | null;
      /** null where the boot brings the value by itself. */
      readonly line: DropInLine | null;
      readonly noOp: NoOp | null;
      /** Something that only a reboot will show. */
      readonly pending: string | null;
    };

export type DecisionContext = Surroundings & {
  readonly netns: string;
  readonly traits: Assessment['traits'];
  readonly memory: HostMemory;
  readonly protections: readonly Protection[];
  readonly allowLower: boolean;
};

export type Asked = { readonly key: SysctlKey; readonly requirements: readonly SourcedRequirement[] };

export function skip(
  { key, requirements }: Asked,
  { netns }: DecisionContext,
  why: Skipped['why'],
  message: string,
): Decision {
  return { kind: 'skipped', skipped: { netns, key, why, message, because: reasonsOf(requirements) } };
}

export function conflict(
  { key, requirements }: Asked,
  { netns }: DecisionContext,
  kind: Conflict['kind'],
  message: string,
  ways: readonly string[],
): Decision {
  const because = reasonsOf(requirements);
  return { kind: 'conflict', conflict: { kind, netns, key, message, ways: [...ways], because } };
}
