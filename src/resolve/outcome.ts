import type { SysctlKey } from '../sysctl/key.ts';
import type { LoaderTraits } from './loader-traits.ts';
import { procpsOutcome } from './procps.ts';
import type { Setting } from './settings.ts';
import { systemdOutcome } from './systemd.ts';

/** What a loader's lines come to for one key, patterns left aside. */
type Standing = {
  /** The line that has the last word: an assignment, or an exclusion that takes it back. */
  readonly by: Setting | null;
  /** Whether no pattern is ever expanded to this key. */
  readonly shielded: boolean;
};

export type Outcome = {
  /** Assignments, with patterns or without, in the order in which the loader goes through them. */
  readonly walked: readonly Setting[];
  /** Assignments of one variable each, in the order of writing. */
  readonly written: readonly Setting[];
  /** Patterns that are expanded, in the order of writing. */
  readonly patterns: readonly Setting[];
  standing(key: SysctlKey): Standing;
};

export function outcomeOf(settings: readonly Setting[], traits: LoaderTraits): Outcome {
  return traits.writes === 'by-key' ? systemdOutcome(settings) : procpsOutcome(settings, traits);
}
