import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { messageOf } from '../core/errors.ts';

/** Of a host that has the unified hierarchy (cgroups(7)). */
const ROOT = '/sys/fs/cgroup';
const MEMBERS = 'cgroup.procs';

/**
 * Moves this process into a control group of its own, so that what ends a login session (KillUserProcesses= of
 * logind.conf(5)) does not end it.
 * @returns why it stays where it is; null where it moved
 */
export function enterOwnCgroup(name: string): string | null {
  // Of the older hierarchies each has a root of its own below, and this is a plain directory.
  if (!existsSync(`${ROOT}/cgroup.controllers`)) return `${ROOT} is not the unified hierarchy`;
  try {
    mkdirSync(`${ROOT}/${name}`);
    writeFileSync(`${ROOT}/${name}/${MEMBERS}`, String(process.pid));
    return null;
  } catch (thrown) {
    return messageOf(thrown);
  }
}

/** The last thing that a process in it does. */
export function leaveOwnCgroup(name: string): void {
  try {
    writeFileSync(`${ROOT}/${MEMBERS}`, String(process.pid));
    rmdirSync(`${ROOT}/${name}`);
  } catch {
    // An empty group that stays is of no harm.
  }
}
