import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { isUfwEnabled, UFW_CONF, UFW_DEFAULTS } from '../../sysctl/ufw.ts';
import type { WriterSources } from './sources.ts';

/** Where its packages have the script that is run at boot; the configuration stays when they are removed. */
const SCRIPTS = ['/usr/lib/ufw/ufw-init', '/lib/ufw/ufw-init', '/usr/libexec/ufw/ufw-init'];
const UNIT = 'ufw.service';

/**
 * Whether ufw is started at boot, if it is turned on: null where it has no configuration here. Its script ends at once
 * where one of its two files is missing (ufw_init in ufw-init-functions).
 */
function ufwStarts(sources: WriterSources): boolean | null {
  const { has } = sources;
  if (!has('/etc/ufw')) return null;
  if (!SCRIPTS.some(has) || !has(UFW_CONF) || !has(UFW_DEFAULTS)) return false;
  // Without a unit an init script of the distribution's own starts it.
  const isWithoutUnit = sources.unit(UNIT) === null && !sources.isMasked(UNIT);
  return isWithoutUnit || sources.startsAtBoot(UNIT) !== null;
}

export type UfwFacts = { readonly ufwStarts?: boolean; readonly procpsVersion?: string };

/** What its configuration alone does not tell. @param found what others set, who may run sysctl(8) as well */
export function ufwFacts(sources: WriterSources, found: readonly OtherWriter[]): UfwFacts {
  const starts = ufwStarts(sources);
  const isOn = starts === true && isUfwEnabled([{ path: UFW_CONF, text: sources.text(UFW_CONF) ?? '' }]);
  const isRun = isOn || found.some(({ how, by }) => how === 'rerun' && by !== 'udev' && by !== 'tuned');
  const version = isRun ? sources.procpsVersion() : null;
  return {
    ...(starts === null ? {} : { ufwStarts: starts }),
    ...(version === null ? {} : { procpsVersion: version }),
  };
}
