import { valueOr } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';
import { cgroupOfProcess } from './cgroup.ts';

/** Longer command lines exist (Java's class paths); what identifies a server stands far before that. */
const COMMAND_LINE_BYTES = 256 * 1024;

/** What we ask of processes that hold a listener, each thing at most once and only when somebody wants it. */
export type ProcessTable = {
  /** The kernel's comm, raw. */
  name(pid: number): string;
  /** null where we may not see it, and for kernel threads. */
  executable(pid: number): string | null;
  /** For recognising servers only: arguments may hold passwords, so they go no further. */
  commandLine(pid: number): readonly string[];
  /** Effective user id. */
  uid(pid: number): number | null;
  cgroup(pid: number): string | null;
};

export function processTable(reader: HostReader): ProcessTable {
  return {
    name: remembered((pid) => valueOr(reader.readText(`/proc/${pid}/comm`), '?').replace(/\n$/, '')),
    executable: remembered((pid) => {
      const link = reader.readLink(`/proc/${pid}/exe`);
      return link.ok ? link.value.replace(/ \(deleted\)$/, '') : null;
    }),
    commandLine: remembered((pid) =>
      argumentsOf(valueOr(reader.readText(`/proc/${pid}/cmdline`, COMMAND_LINE_BYTES), '')),
    ),
    uid: remembered((pid) => effectiveUid(valueOr(reader.readText(`/proc/${pid}/status`), ''))),
    cgroup: remembered((pid) => cgroupOfProcess(valueOr(reader.readText(`/proc/${pid}/cgroup`), ''))),
  };
}

function remembered<T>(read: (pid: number) => T): (pid: number) => T {
  const values = new Map<number, T>();
  return (pid) => {
    const before = values.get(pid);
    if (before !== undefined) return before;
    const value = read(pid);
    values.set(pid, value);
    return value;
  };
}

/** Each ends in NUL. A program that wrote a title over its arguments leaves one string, or trailing NULs. */
function argumentsOf(text: string): readonly string[] {
  const trimmed = text.replace(/\0+$/, '');
  return trimmed === '' ? [] : trimmed.split('\0');
}

/** `Uid:` real, effective, saved, file system. The kernel escapes line breaks in the name above it. */
function effectiveUid(status: string): number | null {
  const uid = /^Uid:\t\d+\t(\d+)/m.exec(status)?.[1];
  return uid === undefined ? null : Number(uid);
}
