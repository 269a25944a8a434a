import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { messageOf } from '../core/errors.ts';

const MEMBERS = 'cgroup.procs';

/** Where control groups and sessions are to be found; tests have their own. */
export type CgroupPlaces = {
  readonly cgroups: string;
  readonly systemd: string;
};

const PLACES: CgroupPlaces = { cgroups: '/sys/fs/cgroup', systemd: '/run/systemd' };

/**
 * The hierarchies by which sessions and services are kept track of: the unified one, or, beside the older ones, what
 * systemd and elogind have there for themselves (cgroups(7)).
 */
function hierarchies({ cgroups }: CgroupPlaces): readonly string[] {
  if (existsSync(`${cgroups}/cgroup.controllers`)) return [cgroups];
  return ['unified', 'systemd', 'elogind']
    .map((name) => `${cgroups}/${name}`)
    .filter((root) => existsSync(`${root}/${MEMBERS}`));
}

/** Two at a time may have the same transaction's id, for each network namespace counts its own. */
function groupOf(id: string): string {
  return `backlogctl-revert-${id}-${process.pid}`;
}

/**
 * Moves this process into a control group of its own, so that what ends a login session (KillUserProcesses= of
 * logind.conf(5)) or a service does not end it. One of that name that is there already was left behind.
 * @returns why it stays where it is; null where it moved
 */
export function enterOwnCgroup(id: string, places: CgroupPlaces = PLACES): string | null {
  const roots = hierarchies(places);
  if (roots.length === 0) return `${places.cgroups} has no hierarchy of control groups`;
  try {
    for (const root of roots) {
      mkdirSync(`${root}/${groupOf(id)}`, { recursive: true });
      writeFileSync(`${root}/${groupOf(id)}/${MEMBERS}`, String(process.pid));
    }
    return null;
  } catch (thrown) {
    return messageOf(thrown);
  }
}

/** The last thing that a process does which has, or may have, entered it. */
export function leaveOwnCgroup(id: string, places: CgroupPlaces = PLACES): void {
  for (const root of hierarchies(places)) {
    try {
      if (!existsSync(`${root}/${groupOf(id)}`)) continue;
      writeFileSync(`${root}/${MEMBERS}`, String(process.pid));
      rmdirSync(`${root}/${groupOf(id)}`);
    } catch {
      // An empty group that stays is of no harm.
    }
  }
}

/**
 * Whether somebody may end all processes of a control group with the session or the service that it belongs to:
 * systemd (sd_booted(3)), or elogind once somebody has logged in. Their directories alone are no sign: packages make them.
 */
export function endsWithItsCgroup({ systemd }: CgroupPlaces = PLACES): boolean {
  if (existsSync(`${systemd}/system`)) return true;
  try {
    return readdirSync(`${systemd}/sessions`).length > 0;
  } catch {
    return false;
  }
}
