import { valueOr } from '../core/fact.ts';
import { linkDestination } from '../core/paths.ts';
import type { HostReader } from '../core/ports.ts';

/** Where an administrator, or a program until the next boot, may mask a unit. */
const DIRECTORIES = ['/etc/systemd/system', '/run/systemd/system'] as const;

/** Whether what stands there masks a unit, or a file of one: a link to /dev/null or an empty file (systemd.unit(5)). */
export function isMask(reader: HostReader, path: string): boolean {
  const stat = reader.lstat(path);
  if (!stat.ok) return false;
  return stat.value.kind === 'link'
    ? linkDestination(valueOr(reader.readLink(path), ''), path) === '/dev/null'
    : stat.value.kind === 'file' && stat.value.sizeBytes === 0;
}

/** What masks the unit; null where nothing does. */
export function maskOf(unit: string, reader: HostReader): string | null {
  const paths = DIRECTORIES.map((directory) => `${directory}/${unit}`);
  return paths.find((path) => isMask(reader, path)) ?? null;
}
