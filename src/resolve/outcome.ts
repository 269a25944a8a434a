import type { SysctlKey } from '../sysctl/key.ts';
import type { LoaderTraits } from './loader-traits.ts';
import { procpsOutcome } from './procps.ts';
import type { Setting } from './settings.ts';
import { systemdOutcome } from './systemd.ts';

export type Outcome = {
  /** Assignments, with patterns or without, in the order in which the loader goes through them. */
  readonly walked: readonly Setting[];
  /** Patterns that are expanded, in the order of writing. */
  readonly patterns: readonly Setting[];
  /** The line that has the last word on a key, patterns left aside: an assignment, or an exclusion that takes it back. */
  standing(key: SysctlKey): Setting | null;
  /** Whether no pattern is ever expanded to this path below /proc/sys. */
  shields(path: string): boolean;
};

export function outcomeOf(settings: readonly Setting[], traits: LoaderTraits): Outcome {
  return traits.writes === 'by-key' ? systemdOutcome(settings) : procpsOutcome(settings, traits);
}
