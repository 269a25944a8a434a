import type { HostReader, Identity } from '../core/ports.ts';
import { counted, type UnseenLog } from './unseen.ts';

/** As a person needs them to go and look. */
const MOST_EXAMPLES = 3;
/** Each costs two small files; a host with more of them has listeners in some. */
const MOST_LOOKED_INTO = 64;
const TABLE_BYTES = 256 * 1024;
/** TCP_LISTEN in the column `st` of /proc/net/tcp. */
const LISTENS = /^ *\d+: [0-9A-F]+:[0-9A-F]{4} [0-9A-F]+:[0-9A-F]{4} 0A /m;

/**
 * Says which network namespaces of containers and services have TCP listeners that a reading of our own does not
 * show. Only root may ask every process for its namespace; others are told of unseen owners anyway. That of process
 * 1 is the host's own to whoever stands in one that somebody made for a while.
 */
export function reportOtherNamespaces(reader: HostReader, { uid }: Identity, unseen: UnseenLog): void {
  const own = reader.readLink('/proc/self/ns/net');
  const names = reader.list('/proc');
  if (uid !== 0 || !own.ok || !names.ok) return;
  const first = reader.readLink('/proc/1/ns/net');
  const known = new Set([own.value, ...(first.ok ? [first.value] : [])]);
  const examples = new Map<string, number>();
  for (const pid of names.value.filter((name) => /^\d+$/.test(name)).map(Number)) {
    const link = reader.readLink(`/proc/${pid}/ns/net`);
    if (link.ok && !known.has(link.value) && !examples.has(link.value)) examples.set(link.value, pid);
  }
  const pids = [...examples.values()].filter(
    (pid, index) => index >= MOST_LOOKED_INTO || mayHaveListeners(reader, pid),
  );
  if (pids.length > 0) unseen.add(counted(pids.length, 'other network namespace'), whyUnseen(pids));
}

/** A table that is too long to read, or not to be read, may hold one. */
function mayHaveListeners(reader: HostReader, pid: number): boolean {
  return ['tcp', 'tcp6'].some((name) => {
    const table = reader.readText(`/proc/${pid}/net/${name}`, TABLE_BYTES);
    return table.ok ? LISTENS.test(table.value) : table.why !== 'absent';
  });
}

function whyUnseen(pids: readonly number[]): string {
  const examples = pids.slice(0, MOST_EXAMPLES).map((pid) => `nsenter --net --target ${pid}`);
  return `listeners there were not looked at: run backlogctl inside each, as with ${examples.join(', ')}`;
}
