import { parseTcpExt } from '../collect/counters.ts';
import { parseSsTcp } from '../collect/ss-tcp.ts';
import type { Exec, HostReader } from '../core/ports.ts';
import { LOAD_COUNTERS } from '../model/load.ts';
import { LabError, SERVER_LINK } from './network.ts';
import type { Measurement } from './protocol.ts';

type Kernel = { readonly reader: HostReader; readonly exec: Exec };

/** What only rises while a load runs. */
export type Counted = Pick<Measurement, 'counters' | 'resets' | 'synAcks'>;

function textOf({ reader }: Kernel, path: string): string {
  const text = reader.readText(path);
  if (text.ok) return text.value;
  throw new LabError(`${path} cannot be read: ${text.detail ?? text.why}`);
}

/** The Tcp group of /proc/net/snmp. */
function tcpCounter(text: string, name: string): number {
  const [names, values] = text.split('\n').filter((line) => line.startsWith('Tcp:'));
  const index = names?.split(/\s+/).indexOf(name) ?? -1;
  const value = Number(values?.split(/\s+/)[index]);
  if (index < 0 || !Number.isFinite(value)) throw new LabError(`/proc/net/snmp has no Tcp ${name}`);
  return value;
}

/** Packets that left the server: the tenth figure of a line of /proc/net/dev. */
function packetsSent(text: string): number {
  const line = text.split('\n').find((each) => each.trim().startsWith(`${SERVER_LINK}:`));
  const packets = Number(line?.trim().split(/[\s:]+/)[10]);
  if (!Number.isFinite(packets)) throw new LabError(`/proc/net/dev does not show ${SERVER_LINK}`);
  return packets;
}

function extendedCounters(kernel: Kernel, process: string): Readonly<Record<string, number>> {
  const parsed = parseTcpExt(textOf(kernel, `/proc/${process}/net/netstat`));
  if (!parsed.ok) throw new LabError('/proc/net/netstat cannot be understood');
  return parsed.value;
}

/** @param pid of a process in the network namespace to be looked at */
export function listenDrops(kernel: Kernel, pid: number): number {
  return extendedCounters(kernel, String(pid)).ListenDrops ?? 0;
}

/** SYNs that were sent again here, by clients or with an ACK by a server. */
export function sentAgain(kernel: Kernel): number {
  return extendedCounters(kernel, 'self').TCPSynRetrans ?? 0;
}

export function readCounted(kernel: Kernel): Counted {
  const tcpExt = extendedCounters(kernel, 'self');
  const snmp = textOf(kernel, '/proc/net/snmp');
  const resets = tcpCounter(snmp, 'OutRsts');
  const extended: Readonly<Record<string, number>> = {
    ...tcpExt,
    PassiveOpens: tcpCounter(snmp, 'PassiveOpens'),
  };
  // The server sends SYN-ACKs and resets, and nothing else: it accepts nobody and opens nothing.
  const sent = packetsSent(textOf(kernel, '/proc/net/dev'));
  return {
    counters: countersOf((name) => extended[name] ?? 0),
    resets,
    synAcks: sent - resets - (tcpExt.TCPSynRetrans ?? 0),
  };
}

function countersOf(amount: (name: string) => number): Measurement['counters'] {
  const pairs = LOAD_COUNTERS.map((name) => [name, amount(name)]);
  // One for each of the names.
  return Object.fromEntries(pairs) as Measurement['counters'];
}

export function difference(after: Counted, before: Counted): Counted {
  return {
    counters: countersOf(
      (name) =>
        after.counters[name as keyof Measurement['counters']] -
        before.counters[name as keyof Measurement['counters']],
    ),
    resets: after.resets - before.resets,
    synAcks: after.synAcks - before.synAcks,
  };
}

const SS_BOUNDS = { timeoutMs: 30_000, maxBytes: 64 * 1024 * 1024 };

function ss({ exec }: Kernel, ...words: readonly string[]): string {
  const result = exec.run(['ss', ...words], SS_BOUNDS);
  if (result.kind === 'exited' && result.status === 0) return result.stdout;
  throw new LabError(`ss ${words.join(' ')} failed`);
}

/** The listener and the line with its memory, which begins with a tab. */
function listenerRows(rows: readonly string[]): readonly string[] {
  const start = rows.findIndex((row) => row.startsWith('LISTEN'));
  return start < 0
    ? []
    : [rows[start] ?? '', ...rows.slice(start + 1, start + 2).filter((row) => row.startsWith('\t'))];
}

/** What stands in the queues of the listener on that port now. */
export function readQueues(
  kernel: Kernel,
  port: number,
): Pick<Measurement, 'limit' | 'acceptQueue' | 'synRecv' | 'socketDrops'> {
  const rows = ss(kernel, '-Htnem', 'state', 'listening', 'state', 'syn-recv', `sport = :${port}`).split(
    '\n',
  );
  const halfOpen = rows.filter((row) => row.startsWith('SYN-RECV'));
  const [listener] = parseSsTcp(listenerRows(rows).join('\n')).listeners;
  if (listener?.length === undefined || listener.limit === undefined || listener.drops === undefined)
    throw new LabError(`ss does not show the listener on port ${port}, with its queue and its drops`);
  return {
    limit: listener.limit,
    acceptQueue: listener.length,
    synRecv: halfOpen.length,
    socketDrops: listener.drops,
  };
}
