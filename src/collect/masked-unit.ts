import { valueOr } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';

/** Where an administrator, or a program until the next boot, may mask a unit. */
const DIRECTORIES = ['/etc/systemd/system', '/run/systemd/system'] as const;

function isMask(reader: HostReader, path: string): boolean {
  const stat = reader.lstat(path);
  if (!stat.ok) return false;
  return stat.value.kind === 'link'
    ? valueOr(reader.readLink(path), '') === '/dev/null'
    : stat.value.kind === 'file' && stat.value.sizeBytes === 0;
}

/** What masks the unit: a link to /dev/null, or an empty file, in its place (systemd.unit(5)); null where nothing does. */
export function maskOf(unit: string, reader: HostReader): string | null {
  const paths = DIRECTORIES.map((directory) => `${directory}/${unit}`);
  return paths.find((path) => isMask(reader, path)) ?? null;
}
