import type { Text } from '../core/text.ts';
import type { SysctlKey } from './key.ts';

/**
 * What a finding or a profile wants of a key in one network namespace. A plan is a fold over requirements.
 * Relations hold for every number of a vector; a member that is `keep` is left as it is.
 */
export type Requirement = {
  readonly key: SysctlKey;
  /** Id of the network namespace, as in the snapshot. */
  readonly netns: string;
  readonly relation: 'at-least' | 'at-most' | 'exactly';
  readonly value: string;
  readonly because: Text;
};

/** Who wants it: a profile, with the line that says so, or a rule of the audit. */
export type RequirementOrigin =
  | {
      readonly kind: 'profile';
      readonly name: string;
      readonly at: { readonly file: string; readonly line: number } | null;
      /** Where the value comes from: a man page, a measurement, a commit. */
      readonly source: string | null;
    }
  | { readonly kind: 'rule'; readonly name: string; readonly finding: string };

export type SourcedRequirement = Requirement & {
  readonly by: RequirementOrigin;
  /** The key stands in no catalogue, and a profile of root's vouches for it. */
  readonly unchecked: boolean;
};

/** A key that no plan may touch, whoever requires it. */
export type Protection = { readonly key: SysctlKey; readonly because: string; readonly by: string };

/** In a requirement's value: this number of the vector stays as it is. */
export const KEEP = 'keep';
