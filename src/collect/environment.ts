import { valueOr } from '../core/fact.ts';
import { isSameFile } from '../core/paths.ts';
import type { HostReader } from '../core/ports.ts';
import type { Environment } from '../snapshot/host.ts';

export type Surroundings = {
  /** Of the files: whose /etc/sysctl.d this is. */
  readonly host: Environment;
  /** Of the network namespace: who sets its sysctls. */
  readonly namespace: {
    readonly id: string;
    readonly name: string;
    readonly environment: Environment;
    readonly initial: boolean;
  };
};

/** PROC_PID_INIT_INO and PROC_CGROUP_INIT_INO of include/linux/proc_ns.h: fixed since 3.8. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';
const FIRST_CGROUP_NAMESPACE = 'cgroup:[4026531835]';

/** net_core_table is registered for the first network namespace only (net/core/sysctl_net_core.c). */
const ONLY_IN_FIRST_NETNS = '/proc/sys/net/core/netdev_max_backlog';

const FILES_OF_LOADERS = ['/etc/sysctl.d', '/etc'] as const;

export function collectSurroundings(reader: HostReader): Surroundings {
  const host: Environment = isContainer(reader) ? 'container' : 'host';
  const id = ownNamespace(reader);
  const namespace = { id: id === '' ? 'unknown' : id, ...namespaceOf(reader, host, id) };
  return { host, namespace: { ...namespace, initial: !isVisitor(reader) } };
}

/** The inode of the network namespace that we are in; empty where there is no /proc. */
export function ownNamespace(reader: HostReader): string {
  return valueOr(reader.readLink('/proc/self/ns/net'), '').replace(/^net:\[(\d+)\]$/, '$1');
}

/** Whether every process of the kernel is one of those that we see. */
export function isInFirstPidNamespace(reader: HostReader): boolean {
  return valueOr(reader.readLink('/proc/self/ns/pid'), '') === FIRST_PID_NAMESPACE;
}

/** A host with very many containers has some thousand mounts. */
const MOST_MOUNTS_BYTES = 16 * 1024 * 1024;

/**
 * Whether a process is in the network namespace of that inode, or a mount keeps it, such as a name of ip-netns(8); true
 * where nothing tells.
 */
export function isNamespaceThere(inode: string, reader: HostReader): boolean {
  const entries = reader.list('/proc');
  if (!entries.ok) return true;
  const pids = entries.value.filter((name) => /^\d+$/.test(name));
  if (pids.length === 0) return true;
  const name = `net:[${inode}]`;
  if (pids.some((pid) => valueOr(reader.readLink(`/proc/${pid}/ns/net`), '') === name)) return true;
  // `221 29 0:4 net:[4026532246] /run/netns/blue rw shared:7 - nsfs nsfs rw` of proc_pid_mountinfo(5)
  return ['self', '1'].some((process) => {
    const mounts = reader.readText(`/proc/${process}/mountinfo`, MOST_MOUNTS_BYTES);
    return !mounts.ok || mounts.value.includes(` ${name} `);
  });
}

/**
 * Whether we look at a network namespace from outside, as under `nsenter --net` or `ip netns exec`: with the files
 * of the first process, but not its network namespace, to which alone its loader applies them.
 */
function isVisitor(reader: HostReader): boolean {
  const its = reader.readLink('/proc/1/ns/net');
  const ours = reader.readLink('/proc/self/ns/net');
  if (!its.ok || !ours.ok || its.value === ours.value) return false;
  const directory = FILES_OF_LOADERS.find((path) => reader.stat(path).ok);
  if (directory === undefined) return false;
  const [itsFiles, ourFiles] = [reader.stat(`/proc/1/root${directory}`), reader.stat(directory)];
  return itsFiles.ok && ourFiles.ok && isSameFile(itsFiles.value, ourFiles.value);
}

/**
 * A network namespace of its own on a host (`ip netns`, `unshare --net`) is not a container's: nobody but its maker
 * sets its sysctls, and the loader at boot does not reach it. It gets a name of its own so that this shows.
 */
function namespaceOf(
  reader: HostReader,
  host: Environment,
  id: string,
): { readonly name: string; readonly environment: Environment } {
  // Without /proc there is nothing that tells, and the tree stands for a host that is not running.
  if (id === '' || reader.lstat(ONLY_IN_FIRST_NETNS).ok)
    return { name: 'host', environment: id === '' ? host : 'host' };
  return { name: host === 'container' ? 'container' : `net:[${id}]`, environment: host };
}

/** Managers that say so: container_interface of systemd, and the `container` variable of its first process. */
function isContainer(reader: HostReader): boolean {
  if (valueOr(reader.readText('/run/systemd/container'), '') !== '') return true;
  if (/(?:^|\0)container=[^\0]/.test(valueOr(reader.readText('/proc/1/environ'), ''))) return true;
  return looksLikeContainer(reader);
}

/** Names of a container's cgroup, which the service of its manager (docker.service) does not share. */
const CONTAINER_CGROUP = /\/(?:docker|kubepods|libpod|lxc|containerd)(?:[-/]|\.(?!service))/;

/**
 * A marker file alone may be left over in a machine that was made from a container's image, and anybody may give a
 * process PIDs of its own. Kubernetes' containerd leaves no marker, but its cgroups have telling names.
 */
function looksLikeContainer(reader: HostReader): boolean {
  if (CONTAINER_CGROUP.test(valueOr(reader.readText('/proc/self/cgroup'), ''))) return true;
  const pids = valueOr(reader.readLink('/proc/self/ns/pid'), null);
  const cgroups = valueOr(reader.readLink('/proc/self/ns/cgroup'), null);
  const ownCgroups = cgroups !== null && cgroups !== FIRST_CGROUP_NAMESPACE;
  // Of a tree without /proc, nothing speaks against the marker.
  if (isMarked(reader)) return pids === null || ownCgroups || rootIsOverlay(reader);
  return pids !== null && pids !== FIRST_PID_NAMESPACE && ownCgroups && rootIsOverlay(reader);
}

function isMarked(reader: HostReader): boolean {
  return ['/.dockerenv', '/run/.containerenv'].some((path) => reader.lstat(path).ok);
}

/** `36 35 0:32 / / rw - overlay overlay rw,…` in proc_pid_mountinfo(5). */
function rootIsOverlay(reader: HostReader): boolean {
  return /^\d+ \d+ \S+ \S+ \/ .* - overlay /m.test(valueOr(reader.readText('/proc/self/mountinfo'), ''));
}
