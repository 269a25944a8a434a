import { existsSync, readlinkSync } from 'node:fs';
import type { Reverter } from '../core/ports.ts';
import { processReverter } from './process-reverter.ts';
import { systemdReverter } from './systemd-reverter.ts';

/** sd_booted(3) */
const SYSTEMD = '/run/systemd/system';

/** The manager starts what it starts in its own network namespace. */
function isManagersNamespace(): boolean {
  try {
    return readlinkSync('/proc/self/ns/net') === readlinkSync('/proc/1/ns/net');
  } catch {
    return false;
  }
}

/**
 * systemd where it runs, for it outlives whatever ends us; else a process of its own session.
 * @param command what starts ourselves, to which the words of the hidden command are added
 */
export function hostReverter(command: readonly [string, ...string[]]): Reverter {
  return existsSync(SYSTEMD) && isManagersNamespace() ? systemdReverter(command) : processReverter(command);
}
