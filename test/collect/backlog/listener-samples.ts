import {
  type BacklogReading,
  backlogReader,
  type ListenerOwner,
} from '../../../src/collect/backlog/requested-backlog.ts';
import type { TcpListener, UnixListener } from '../../../src/snapshot/listener.ts';
import { type MemoryTree, memoryHost } from '../../tools/memory-host.ts';

export function tcp(address: string, port: number, limit = 128): TcpListener {
  return { protocol: 'tcp', address, port, limit };
}

export function unix(path: string, limit = 128): UnixListener {
  return { protocol: 'unix', path, limit };
}

export function owner(
  comm: string,
  commandLine: readonly string[] = [],
  more: Partial<ListenerOwner> = {},
): ListenerOwner {
  return { comm, pid: 100, exe: null, commandLine, unit: null, ...more };
}

export function read(
  tree: MemoryTree,
  listener: TcpListener | UnixListener,
  ...owners: readonly ListenerOwner[]
): BacklogReading {
  return backlogReader(memoryHost({ tree }).reader)(listener, owners);
}

/** A reading in one line: `nginx 1024 config /etc/nginx/nginx.conf:3`, `nginx ? denied`. */
export function brief({ server, backlog, backlogAt, unit }: BacklogReading): string {
  const number = backlog?.ok ? `${backlog.value} ${backlog.from}` : `? ${backlog?.why}`;
  const at = backlogAt === undefined ? '' : ` ${backlogAt.file}:${backlogAt.line}`;
  return `${server ?? '-'} ${number}${at}${unit === undefined ? '' : ` ${unit}`}`;
}
