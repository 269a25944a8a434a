import type { Text } from '../core/text.ts';
import type { SysctlKey } from './key.ts';

/**
 * What a finding or a profile wants of a key in one network namespace. A plan is a fold over requirements.
 * Relations hold for every number of a vector.
 */
export type Requirement = {
  readonly key: SysctlKey;
  /** Id of the network namespace, as in the snapshot. */
  readonly netns: string;
  readonly relation: 'at-least' | 'at-most' | 'exactly';
  readonly value: string;
  readonly because: Text;
};
