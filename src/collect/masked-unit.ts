import { valueOr } from '../core/fact.ts';
import type { FileStat, HostReader } from '../core/ports.ts';

/** Where an administrator, or a program until the next boot, may mask a unit; the first has priority. */
const DIRECTORIES = ['/etc/systemd/system', '/run/systemd/system'] as const;

function isMask(reader: HostReader, path: string, { kind, sizeBytes }: FileStat): boolean {
  return kind === 'link'
    ? valueOr(reader.readLink(path), '') === '/dev/null'
    : kind === 'file' && sizeBytes === 0;
}

/**
 * What masks the unit now: a link to /dev/null, or an empty file, in its place (systemd.unit(5)); null where nothing
 * does. A unit file in /etc counts before a mask in /run.
 */
export function maskOf(unit: string, reader: HostReader): string | null {
  for (const directory of DIRECTORIES) {
    const path = `${directory}/${unit}`;
    const stat = reader.lstat(path);
    if (stat.ok) return isMask(reader, path, stat.value) ? path : null;
  }
  return null;
}
