import { isUfwEnabled, UFW_CONF, UFW_DEFAULTS } from '../../sysctl/ufw.ts';
import type { WriterSources } from './sources.ts';

/** Where its packages have the script that is run at boot; the configuration stays when they are removed. */
const SCRIPTS = ['/usr/lib/ufw/ufw-init', '/lib/ufw/ufw-init', '/usr/libexec/ufw/ufw-init'];
const UNIT = 'ufw.service';
const UNITS = ['/usr/lib/systemd/system', '/lib/systemd/system', '/etc/systemd/system'];

/**
 * Whether ufw is started at boot, if it is turned on: null where it has no configuration here. Its script ends at once
 * where one of its two files is missing (ufw_init in ufw-init-functions).
 */
function ufwStarts(sources: WriterSources): boolean | null {
  const { has, enabledBy } = sources;
  if (!has('/etc/ufw')) return null;
  if (!SCRIPTS.some(has) || !has(UFW_CONF) || !has(UFW_DEFAULTS)) return false;
  // Without a unit an init script of the distribution's own starts it.
  return !UNITS.some((directory) => has(`${directory}/${UNIT}`)) || enabledBy(UNIT) !== null;
}

export type UfwFacts = { readonly ufwStarts?: boolean; readonly procpsVersion?: string };

/** What its configuration alone does not tell. */
export function ufwFacts(sources: WriterSources): UfwFacts {
  const starts = ufwStarts(sources);
  if (starts === null) return {};
  const isOn = starts && isUfwEnabled([{ path: UFW_CONF, text: sources.text(UFW_CONF) ?? '' }]);
  const version = isOn ? sources.procpsVersion() : null;
  return { ufwStarts: starts, ...(version === null ? {} : { procpsVersion: version }) };
}
