import { isSameFile } from '../../core/paths.ts';
import type { HostReader } from '../../core/ports.ts';

/**
 * Whether a process has another root directory than we: one in a container reads its own /etc, not ours. Its mount
 * namespace says nothing, for systemd gives one to many services of the host. Where the link may not be followed,
 * the answer is no.
 */
export function hasForeignRoot(reader: HostReader, pid: number): boolean {
  const its = reader.stat(`/proc/${pid}/root`);
  const ours = reader.stat('/');
  return its.ok && ours.ok && !isSameFile(its.value, ours.value);
}
