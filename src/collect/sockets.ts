import type { Exec, ExecResult, HostReader } from '../core/ports.ts';
import type { Listener } from '../snapshot/listener.ts';
import { parseProcNetTcp, parseProcNetUnix } from './proc-net.ts';
import { type ParsedRows, parseSsTcp } from './ss-tcp.ts';
import { parseSsUnix } from './ss-unix.ts';
import { counted, type UnseenLog } from './unseen.ts';

/** `-l` would ask for closed sockets too, and that walks every connection; `-p` every descriptor of the host. */
const TCP = ['ss', '-Htnem', '--cgroup', 'state', 'listening'] as const;
/** iproute2 before 5.8 does not know --cgroup. */
const TCP_BEFORE_CGROUPS = ['ss', '-Htnem', 'state', 'listening'] as const;
/** A call of its own, so that no name of a unix socket can pass for a row of TCP. */
const UNIX = ['ss', '-Hxnem', 'state', 'listening'] as const;

const BOUNDS = { timeoutMs: 2_000, maxBytes: 64 * 1024 * 1024 };
const PROC_NET_BYTES = 64 * 1024 * 1024;

export type Sockets = {
  readonly listeners: readonly Listener[];
  /** The rows of unix sockets could be forged: believe only those whose inode a process is seen to hold. */
  readonly unixNeedsOwner: boolean;
};

type Ports = { readonly reader: HostReader; readonly exec: Exec };

/** Every TCP and unix listener of this network namespace. @param live whether `ss` sees what the reader sees */
export function collectSockets(ports: Ports, live: boolean, unseen: UnseenLog): Sockets {
  const tcp = live ? ssTcp(ports, unseen) : null;
  const unix = live ? unixSockets(ports, unseen) : null;
  return {
    listeners: [
      ...(tcp ?? procNetTcp(ports.reader, unseen)),
      ...(unix?.listeners ?? procNetUnix(ports.reader, unseen)),
    ],
    unixNeedsOwner: unix?.certain !== true,
  };
}

const FAILURES = {
  absent: 'ss (iproute2) is not there',
  denied: 'ss may not be run',
  'timed-out': 'ss did not end in time',
  'too-much-output': 'ss printed too much',
} as const;

function failureOf(result: ExecResult): string | null {
  if (result.kind === 'failed') return FAILURES[result.why];
  return result.status === 0 ? null : `ss ended with status ${result.status}`;
}

/** null where /proc/net must do. */
function ssTcp({ exec }: Ports, unseen: UnseenLog): readonly Listener[] | null {
  const first = exec.run(TCP, BOUNDS);
  const refusedOption = first.kind === 'exited' && first.status !== 0 && first.stdout === '';
  const result = refusedOption ? exec.run(TCP_BEFORE_CGROUPS, BOUNDS) : first;
  const failure = failureOf(result);
  if (failure !== null || result.kind === 'failed') {
    unseen.add('limits of TCP listeners', failure ?? '');
    return null;
  }
  const rows = parseSsTcp(result.stdout);
  if (rows.listeners.length === 0 && rows.refused > 0) {
    unseen.add('limits of TCP listeners', 'ss printed something else than sockets');
    return null;
  }
  return believed(rows, 'TCP', 'ss', unseen);
}

/** Of a container, with a few sockets; beyond that `ss` is asked at once. */
const FEW_UNIX_BYTES = 4096;
/** __SO_ACCEPTCON, as unix_seq_show() prints it for every unix socket that listens. */
const LISTENS = '00010000';

/** Most containers have no unix listener, and then `ss` need not be started. A forged row can only feign one. */
function unixSockets(ports: Ports, unseen: UnseenLog): UnixSockets | null {
  const all = ports.reader.readText('/proc/net/unix', FEW_UNIX_BYTES);
  const none = all.ok && all.value.startsWith('Num ') && !all.value.includes(LISTENS);
  return none ? { listeners: [], certain: true } : ssUnix(ports, unseen);
}

type UnixSockets = { readonly listeners: readonly Listener[]; readonly certain: boolean };

function ssUnix({ exec }: Ports, unseen: UnseenLog): UnixSockets | null {
  const result = exec.run(UNIX, { ...BOUNDS, encoding: 'latin1' });
  const failure = failureOf(result);
  if (failure !== null || result.kind === 'failed') {
    unseen.add('limits of unix listeners', failure ?? '');
    return null;
  }
  const rows = parseSsUnix(result.stdout);
  if (!rows.ok) {
    unseen.add('limits of unix listeners', rows.detail ?? rows);
    return null;
  }
  return { listeners: believed(rows.value, 'unix', 'ss', unseen), certain: rows.value.certain };
}

function believed(
  rows: ParsedRows<Listener>,
  protocol: string,
  from: string,
  unseen: UnseenLog,
): readonly Listener[] {
  if (rows.refused > 0)
    unseen.add(counted(rows.refused, `${protocol} row`), `${from} printed what is no socket`);
  const unknownLimits = rows.listeners.filter(({ limit }) => limit === undefined).length;
  if (unknownLimits > 0 && from === 'ss') {
    unseen.add(
      `limits of ${counted(unknownLimits, `${protocol} listener`)}`,
      'ss did not get them from the kernel',
    );
  }
  return rows.listeners;
}

function procNetTcp(reader: HostReader, unseen: UnseenLog): readonly Listener[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => {
    const text = reader.readText(path, PROC_NET_BYTES);
    // Without IPv6 in the kernel there is no tcp6.
    if (!text.ok && !(text.why === 'absent' && path.endsWith('6'))) unseen.add('TCP listeners', text);
    return text.ok ? believed(parseProcNetTcp(text.value), 'TCP', path, unseen) : [];
  });
}

function procNetUnix(reader: HostReader, unseen: UnseenLog): readonly Listener[] {
  const text = reader.readText('/proc/net/unix', PROC_NET_BYTES);
  if (!text.ok) unseen.add('unix listeners', text);
  return text.ok ? believed(parseProcNetUnix(text.value), 'unix', '/proc/net/unix', unseen) : [];
}
