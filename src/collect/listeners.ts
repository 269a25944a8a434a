import { type Fact, type Unknown, unknown, valueOr } from '../core/fact.ts';
import type { Exec, HostReader, Identity } from '../core/ports.ts';
import type { Listener } from '../snapshot/listener.ts';
import { backlogReader, type ListenerOwner } from './backlog/requested-backlog.ts';
import { unitOfCgroup } from './cgroup.ts';
import { type ProcessTable, processTable } from './processes.ts';
import { findSocketOwners, type SocketOwners } from './socket-owners.ts';
import { collectSockets, type Sockets } from './sockets.ts';
import { counted, type UnseenLog } from './unseen.ts';

/** Of a server with a thousand workers the first ones tell what it is. */
const MOST_OWNERS_MATCHED = 8;

type Ports = { readonly reader: HostReader; readonly exec: Exec; readonly identity: Identity };

/**
 * Every listener with its processes, unit, server and requested backlog.
 * @param live whether the reader shows this very host, so that `ss` sees the same sockets
 */
export function collectListeners(ports: Ports, live: boolean, unseen: UnseenLog): Listener[] {
  const sockets = collectSockets(ports, live, unseen);
  const owners = findSocketOwners(ports.reader, inodesOf(sockets.listeners));
  const pidsOf = valueOr(owners, null)?.pids ?? new Map<number, readonly number[]>();
  const listeners = genuine(sockets, pidsOf, unseen);
  reportOwnerless(inodesOf(listeners), owners, ports.identity, unseen);
  const processes = processTable(ports.reader);
  const requested = backlogReader(ports.reader);
  const found = listeners
    .map((listener) => withProcesses(listener, pidsOf.get(listener.inode ?? -1) ?? [], processes))
    .map(({ listener, pids }) => {
      const matched = pids.slice(0, MOST_OWNERS_MATCHED).map((pid) => ownerOf(pid, listener, processes));
      return { ...listener, ...requested(listener, matched) };
    })
    .sort(compareListeners);
  reportUnreadConfigs(found, unseen);
  return found;
}

/** Whose requested backlog stands in a file that we may not read; which one it asks for is then not known. */
function reportUnreadConfigs(listeners: readonly Listener[], unseen: UnseenLog): void {
  for (const { backlog, server } of listeners) {
    if (backlog?.ok === false && backlog.why === 'denied' && server !== undefined)
      unseen.add(`the backlog that ${server} asks for`, backlog);
  }
}

function inodesOf(listeners: readonly Listener[]): ReadonlySet<number> {
  return new Set(listeners.flatMap(({ inode }) => (inode === undefined ? [] : [inode])));
}

function reportOwnerless(
  inodes: ReadonlySet<number>,
  owners: Fact<SocketOwners>,
  identity: Identity,
  unseen: UnseenLog,
): void {
  const ownerless = [...inodes].filter((inode) => !owners.ok || !owners.value.pids.has(inode)).length;
  if (ownerless === 0) return;
  const why = owners.ok ? whyOwnerless(owners.value, identity) : owners;
  unseen.add(`owners of ${counted(ownerless, 'listener')}`, why);
}

/** Root sees every process of its own PID namespace, unless a security module is in the way. */
function whyOwnerless({ gaveUp, deniedProcesses }: SocketOwners, { uid }: Identity): string | Unknown {
  if (gaveUp) return 'too many open descriptors to walk through';
  if (deniedProcesses > 0 && uid !== 0) return unknown('denied');
  const nobody = 'no process that is visible here holds it; it may belong to a container or to the kernel';
  return deniedProcesses === 0 ? nobody : `${nobody}, or to a process that root may not look into either`;
}

/** Without `ss`, a row of a unix socket counts only where a process holds that socket. */
function genuine(
  { listeners, unixNeedsOwner }: Sockets,
  pidsOf: SocketOwners['pids'],
  unseen: UnseenLog,
): readonly Listener[] {
  if (!unixNeedsOwner) return listeners;
  const held = listeners.filter(({ protocol, inode }) => protocol === 'tcp' || pidsOf.has(inode ?? -1));
  const left = listeners.length - held.length;
  if (left > 0)
    unseen.add(counted(left, 'unix listener'), 'no process is seen to hold it, and names can be forged');
  return held;
}

type Held = { readonly listener: Listener; readonly pids: readonly number[] };

function withProcesses(listener: Listener, pids: readonly number[], processes: ProcessTable): Held {
  const [first] = pids;
  if (first === undefined) return { listener: { ...listener, ...unitOf(listener.cgroup) }, pids };
  const uid = listener.uid ?? processes.uid(first) ?? undefined;
  const cgroup = cgroupOf(listener, pids, processes);
  return {
    listener: {
      ...listener,
      ...(uid === undefined ? {} : { uid }),
      processes: pids.map((pid) => ({ name: processes.name(pid), pid })),
      ...(cgroup === undefined ? {} : { cgroup }),
      ...unitOf(cgroup),
    },
    pids,
  };
}

/**
 * The cgroup in which the socket was made, as `ss` says; where that tells no unit, the one of a process that holds
 * it. systemd itself (process 1) holds the sockets of its socket units beside the services that accept on them.
 */
function cgroupOf(listener: Listener, pids: readonly number[], processes: ProcessTable): string | undefined {
  if (listener.cgroup !== undefined && unitOfCgroup(listener.cgroup) !== null) return listener.cgroup;
  const service = pids.find((pid) => pid !== 1);
  const ofProcess = service === undefined ? null : processes.cgroup(service);
  return ofProcess ?? listener.cgroup;
}

function unitOf(cgroup: string | undefined): { unit?: string } {
  const unit = cgroup === undefined ? null : unitOfCgroup(cgroup);
  return unit === null ? {} : { unit };
}

function ownerOf(pid: number, listener: Listener, processes: ProcessTable): ListenerOwner {
  return {
    comm: processes.name(pid),
    pid,
    exe: processes.executable(pid),
    commandLine: processes.commandLine(pid),
    unit: listener.unit ?? null,
  };
}

/** TCP by port and address, then unix by path: `ss` prints in the order of a hash. */
function compareListeners(a: Listener, b: Listener): number {
  if (a.protocol === 'tcp' && b.protocol === 'tcp') {
    return a.port - b.port || compareText(a.address, b.address) || (a.inode ?? 0) - (b.inode ?? 0);
  }
  if (a.protocol === 'unix' && b.protocol === 'unix') {
    return compareText(a.path, b.path) || (a.inode ?? 0) - (b.inode ?? 0);
  }
  return a.protocol === 'tcp' ? -1 : 1;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
