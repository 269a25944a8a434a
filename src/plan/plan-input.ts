import type { Assessment } from '../assess/assessment.ts';
import type { Protection, SourcedRequirement } from '../sysctl/requirement.ts';
import type { Ours } from './ours.ts';

export type PlanInput = {
  readonly assessment: Assessment;
  readonly requirements: readonly SourcedRequirement[];
  readonly protections: readonly Protection[];
  /** Names of the profiles that were asked for. */
  readonly profiles: readonly string[];
  readonly ours: Ours;
  readonly machineId: string | null;
  /** Write the running kernel's values: not where an image is built. */
  readonly live: boolean;
  /** Write the drop-in. */
  readonly persist: boolean;
  readonly allowLower: boolean;
};
