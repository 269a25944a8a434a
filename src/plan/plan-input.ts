import type { Assessment } from '../assess/assessment.ts';
import type { Protection, SourcedRequirement } from '../sysctl/requirement.ts';
import type { OtherFiles } from './other-file.ts';
import type { Ours } from './ours.ts';

export type PlanInput = {
  readonly assessment: Assessment;
  readonly requirements: readonly SourcedRequirement[];
  readonly protections: readonly Protection[];
  /** The profiles that the drop-in is made with, as they are typed: names, and absolute paths. */
  readonly profiles: readonly string[];
  readonly ours: Ours;
  /** As they stand on the host, to be edited. */
  readonly otherFiles: OtherFiles;
  readonly machineId: string | null;
  /** Write the running kernel's values: not where an image is built. */
  readonly live: boolean;
  /** Write the drop-in. */
  readonly persist: boolean;
  readonly allowLower: boolean;
  /** Comment out lines of other files that would win a key back at boot. */
  readonly takeover: boolean;
  /**
   * Whether what earlier plans set and nobody asks for any more is taken back. False: it stays exactly as it stands,
   * and the requirements are compared with the host as it is, with our own lines among the others.
   */
  readonly withdraw: boolean;
};
