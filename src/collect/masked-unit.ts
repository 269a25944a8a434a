import { valueOr } from '../core/fact.ts';
import { linkDestination } from '../core/paths.ts';
import type { HostReader } from '../core/ports.ts';

/** Where an administrator, or a program until the next boot, may mask a unit; the first has priority. */
const DIRECTORIES = ['/etc/systemd/system', '/run/systemd/system'] as const;

/** Whether what stands there masks a unit, or a file of one: a link to /dev/null or an empty file (systemd.unit(5)). */
export function isMask(reader: HostReader, path: string): boolean {
  const stat = reader.lstat(path);
  if (!stat.ok) return false;
  return stat.value.kind === 'link'
    ? linkDestination(valueOr(reader.readLink(path), ''), path) === '/dev/null'
    : stat.value.kind === 'file' && stat.value.sizeBytes === 0;
}

/** What masks the unit now; null where nothing does. A unit file in /etc counts before a mask in /run. */
export function maskOf(unit: string, reader: HostReader): string | null {
  for (const directory of DIRECTORIES) {
    const path = `${directory}/${unit}`;
    if (reader.lstat(path).ok) return isMask(reader, path) ? path : null;
  }
  return null;
}
