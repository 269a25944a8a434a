import { type Fact, mapFact, valueOr } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';

/** Programs open their listeners early, so the first descriptors hold nearly all of them. */
const FIRST_DESCRIPTORS = 64;
/** Descriptors are handed out from the lowest free one: behind two holes there is seldom anything. */
const HOLES_THAT_END = 2;
const MOST_OF_SYSTEMD = 4_096;
/** Where sockets without a visible owner would make us read every connection of a busy host: about half a second. */
const MOST_LINKS = 100_000;

export type SocketOwners = {
  /** Process ids by inode, ascending. */
  readonly pids: ReadonlyMap<number, readonly number[]>;
  /** Processes whose descriptors we may not see. */
  readonly deniedProcesses: number;
  /** The second walk was broken off. */
  readonly gaveUp: boolean;
};

type Walk = {
  readonly reader: HostReader;
  readonly wanted: ReadonlySet<number>;
  readonly found: Map<number, number[]>;
  /** Whether the kernel says how many descriptors a process has (since Linux 6.2, as the size of /proc/PID/fd). */
  readonly countsDescriptors: boolean;
};

/**
 * Who holds sockets, by two walks over /proc/PID/fd: the first descriptors of every process, then all the others,
 * but only while a socket is still without an owner. Every process that holds a socket among its first descriptors
 * is named; of the others at least one.
 */
export function findSocketOwners(reader: HostReader, wanted: ReadonlySet<number>): Fact<SocketOwners> {
  return mapFact(reader.list('/proc'), (names) => {
    const countsDescriptors = openDescriptors(reader, 'self') > 0;
    const walk: Walk = { reader, wanted, found: new Map(), countsDescriptors };
    const processes = names.filter((name) => /^\d+$/.test(name)).map(Number);
    const seenUpTo = new Map<number, number>();
    for (const pid of processes.sort((a, b) => a - b)) {
      const upTo = wanted.size === 0 ? null : early(walk, pid);
      if (upTo !== null) seenUpTo.set(pid, upTo);
    }
    const gaveUp = walk.found.size < wanted.size && !otherDescriptors(walk, seenUpTo);
    const deniedProcesses = wanted.size === 0 ? 0 : processes.length - seenUpTo.size;
    return { pids: ascending(walk.found), deniedProcesses, gaveUp };
  });
}

/**
 * systemd keeps the sockets of its socket units open, among hundreds of other descriptors. Without it such a socket
 * would pass for the service's own.
 */
function early(walk: Walk, pid: number): number | null {
  if (pid !== 1 || valueOr(walk.reader.readText('/proc/1/comm'), '') !== 'systemd\n') {
    return firstDescriptors(walk, pid);
  }
  const descriptors = walk.reader.list('/proc/1/fd');
  if (!descriptors.ok) return descriptors.why === 'denied' ? null : 0;
  for (const descriptor of descriptors.value.slice(0, MOST_OF_SYSTEMD)) {
    const link = walk.reader.readLink(`/proc/1/fd/${descriptor}`);
    if (link.ok) note(walk, pid, link.value);
  }
  return Number.POSITIVE_INFINITY;
}

/** A process that the second walk met stands behind older ones, and perhaps for the second time. */
function ascending(found: ReadonlyMap<number, readonly number[]>): ReadonlyMap<number, readonly number[]> {
  return new Map([...found].map(([inode, pids]) => [inode, [...new Set(pids)].sort((a, b) => a - b)]));
}

/** 0 where the kernel does not say, for a process without any, and for one that ended. */
function openDescriptors(reader: HostReader, process: number | 'self'): number {
  return valueOr(reader.stat(`/proc/${process}/fd`), null)?.sizeBytes ?? 0;
}

/**
 * Where the number of open descriptors is known, nothing is asked behind the last: a failing system call costs Node
 * several times what another does.
 * @returns how many descriptors were looked at; null where the process does not let us
 */
function firstDescriptors(walk: Walk, pid: number): number | null {
  let left = walk.countsDescriptors ? openDescriptors(walk.reader, pid) : Number.POSITIVE_INFINITY;
  let holes = 0;
  for (let descriptor = 0; descriptor < FIRST_DESCRIPTORS; descriptor += 1) {
    if (left === 0) return Number.POSITIVE_INFINITY;
    const link = walk.reader.readLink(`/proc/${pid}/fd/${descriptor}`);
    if (link.ok) {
      holes = 0;
      left -= 1;
      note(walk, pid, link.value);
      continue;
    }
    if (link.why === 'denied') return null;
    holes += 1;
    if (holes === HOLES_THAT_END) return descriptor + 1;
  }
  return FIRST_DESCRIPTORS;
}

/** @returns false where it gave up */
function otherDescriptors(walk: Walk, seenUpTo: ReadonlyMap<number, number>): boolean {
  let links = 0;
  for (const [pid, upTo] of seenUpTo) {
    if (upTo === Number.POSITIVE_INFINITY) continue;
    const descriptors = walk.reader.list(`/proc/${pid}/fd`);
    if (!descriptors.ok) continue;
    for (const descriptor of descriptors.value) {
      if (Number(descriptor) < upTo) continue;
      links += 1;
      if (links > MOST_LINKS) return false;
      const link = walk.reader.readLink(`/proc/${pid}/fd/${descriptor}`);
      if (link.ok) note(walk, pid, link.value);
    }
    if (walk.found.size === walk.wanted.size) return true;
  }
  return true;
}

const SOCKET = 'socket:[';

function note({ wanted, found }: Walk, pid: number, link: string): void {
  if (!link.startsWith(SOCKET)) return;
  const inode = Number.parseInt(link.slice(SOCKET.length), 10);
  if (!wanted.has(inode)) return;
  const pids = found.get(inode);
  if (pids === undefined) found.set(inode, [pid]);
  else if (pids.at(-1) !== pid) pids.push(pid);
}
