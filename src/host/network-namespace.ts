import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readlinkSync, statfsSync } from 'node:fs';
import { messageOf } from '../core/errors.ts';
import type { HostWriter } from '../core/ports.ts';
import { errnoOf } from './errno.ts';

/** A network namespace that is held open: it stays that one, whatever becomes of its name or of a process in it. */
export type OpenNamespace = { readonly descriptor: number; readonly inode: string };

/**
 * What tells a namespace from a later one with the same inode, for the kernel gives the numbers out again: when the
 * inode was made, which holds as long as a name or a descriptor keeps it, and the processes in it.
 */
export type Witness = {
  /** Nanoseconds since 1970. */
  readonly madeNs: string;
  readonly processes: readonly { readonly pid: string; readonly start: string }[];
};

/** Where ip-netns(8) keeps those that have a name. */
const NAMED = '/run/netns';
/** NSFS_MAGIC of include/uapi/linux/magic.h */
const NSFS = 0x6e736673;

/** When a process started, in ticks since the boot (proc_pid_stat(5), field 22): a PID alone may be another one by now. */
function startOf(pid: string): string | null {
  try {
    // The name in brackets may hold anything, brackets too.
    const [, rest = ''] = /^\d+ \(.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? [];
    return rest.split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

/** Of a process; null where it has ended. */
export function namespaceOf(pid: string): string | null {
  try {
    return /^net:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[1] ?? null;
  } catch {
    return null;
  }
}

/** What ip-netns(8) could not remove is left behind as an empty file. */
function openFile(path: string): OpenNamespace | string {
  const descriptor = openSync(path, 'r');
  if (statfsSync(`/proc/self/fd/${descriptor}`).type === NSFS)
    return { descriptor, inode: String(fstatSync(descriptor).ino) };
  closeSync(descriptor);
  return `${path} is no namespace any more`;
}

function openOf(pid: string): OpenNamespace | string {
  const before = startOf(pid);
  if (before === null) return `there is no process ${pid}`;
  const namespace = openFile(`/proc/${pid}/ns/net`);
  if (typeof namespace === 'string' || startOf(pid) === before) return namespace;
  closeSync(namespace.descriptor);
  return `process ${pid} ended while it was looked at`;
}

/**
 * @param given a name of ip-netns(8), or the PID of a process in it
 * @returns why it cannot be opened, instead
 */
export function openNamespace(given: string): OpenNamespace | string {
  if (given === '' || given.startsWith('.') || given.includes('/'))
    return 'it is neither a name as ip netns lists them nor a PID';
  if (namedNamespaces().includes(given) && startOf(given) !== null)
    return 'it is a name as ip netns lists them, and a process as well';
  try {
    return isPid(given) ? openOf(given) : openFile(`${NAMED}/${given}`);
  } catch (thrown) {
    return errnoOf(thrown) === 'ENOENT' ? 'there is none of that name' : messageOf(thrown);
  }
}

/** Whether what was given is the PID of a process, and not one of the names: those may be digits alone as well. */
export function isPid(given: string): boolean {
  return /^\d+$/.test(given) && !namedNamespaces().includes(given);
}

/** The names that ip-netns(8) lists. */
export function namedNamespaces(): readonly string[] {
  try {
    return readdirSync(NAMED);
  } catch {
    return [];
  }
}

const MOST_WITNESSES = 64;

/** Ourselves, as one that is in the namespace. */
export function ownWitness(): Witness['processes'] {
  const pid = String(process.pid);
  const start = startOf(pid);
  return start === null ? [] : [{ pid, start }];
}

export function witnessOf({ descriptor, inode }: OpenNamespace): Witness {
  const processes: Witness['processes'][number][] = [];
  for (const pid of readdirSync('/proc')) {
    if (processes.length === MOST_WITNESSES) break;
    const start = /^\d+$/.test(pid) && namespaceOf(pid) === inode ? startOf(pid) : null;
    if (start !== null) processes.push({ pid, start });
  }
  return { madeNs: String(fstatSync(descriptor, { bigint: true }).ctimeNs), processes };
}

/** Whether the process still runs, and in the namespace of that inode. */
export function isIn({ pid, start }: Witness['processes'][number], inode: string): boolean {
  return startOf(pid) === start && namespaceOf(pid) === inode;
}

/** Whether the namespace is the one that an earlier witness was of. Where nothing tells any more, it is not. */
export function isWitnessOf({ madeNs, processes }: Witness, { descriptor, inode }: OpenNamespace): boolean {
  if (String(fstatSync(descriptor, { bigint: true }).ctimeNs) === madeNs) return true;
  return processes.some((each) => isIn(each, inode));
}

/** Writes live values only as long as we are in the namespace of that inode: EXDEV otherwise. */
export function writerInside(writer: HostWriter, inode: string): HostWriter {
  return {
    ...writer,
    writeSysctl: async (path, value) =>
      namespaceOf('self') === inode
        ? writer.writeSysctl(path, value)
        : { ok: false, call: 'write', path, errno: 'EXDEV' },
  };
}
