import { valueOr } from '../core/fact.ts';
import { type HostReader, isHost } from '../core/ports.ts';

/** null where /etc/passwd does not name the user: another directory may, and nobody is asked for it. */
export type NameOfUser = (uid: number) => string | null;

/**
 * passwd(5): `name:password:uid:…`; the first line of a uid counts. In another tree nobody of this host is named: whoever
 * changed an image need not be a user in it.
 */
export function userNames(reader: HostReader): NameOfUser {
  if (!isHost(reader)) return (uid) => (uid === 0 ? 'root' : null);
  const names = new Map<number, string>();
  for (const line of valueOr(reader.readText('/etc/passwd'), '').split('\n')) {
    const [name = '', , uid = ''] = line.split(':');
    if (name !== '' && /^\d+$/.test(uid) && !names.has(Number(uid))) names.set(Number(uid), name);
  }
  return (uid) => names.get(uid) ?? null;
}
