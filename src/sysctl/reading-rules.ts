import { isAtLeast, type Version } from '../core/version.ts';
import type { ReadingRules } from './lines.ts';

const C_BLANKS = ' \t\n\r\v\f';

const PROCPS: ReadingRules = {
  lineEnds: 'newline',
  blanks: C_BLANKS,
  comments: '#;',
  dash: 'flag',
  blankAfterDash: false,
  continuation: false,
  split: 'first-equals',
  emptyValues: true,
  shortest: 2,
  longest: null,
};

/** strtok(3) on `=`, then on line ends; blanks around a value are cut off on its left alone. */
const OLD_PROCPS: ReadingRules = {
  ...PROCPS,
  blanks: ' \t\n\r',
  split: 'strtok',
  emptyValues: false,
};

/** The release of procps whose rules hold where its own is not known. */
export const USUAL_PROCPS: Version = [4, 0, 4];

/** How sysctl(8) of procps reads a file (src/sysctl.c). @param version null where it is not known */
export function procpsReading(version: Version | null): ReadingRules {
  return isAtLeast(version, [4], USUAL_PROCPS) ? PROCPS : OLD_PROCPS;
}

/** _apply_sysctl_config_line() of TuneD's plugin_sysctl.py: no `-` and no exclusions. */
export const TUNED_READING: ReadingRules = { ...PROCPS, dash: 'character', shortest: 1 };
