import { key, type Text, text, value } from '../../core/text.ts';
import { parsePorts } from '../../sysctl/port-list.ts';
import type { Effects, Here } from './here.ts';
import { many, named, onlyTcp, share } from './wording.ts';

/** Keys that are often raised for the sake of a listener, and do nothing for its queues. */

const PORT_RANGE = 'net.ipv4.ip_local_port_range';
const RESERVED = 'net.ipv4.ip_local_reserved_ports';

function now(sysctl: string, here: Here, unit = ''): Text {
  const found = here.number(sysctl);
  return found === null ? [] : text`, ${value(`${found}${unit}`)} now`;
}

export const netdevMaxBacklog: Effects = (here) => {
  const most = here.number('net.core.netdev_max_backlog');
  const all =
    most === null || here.cpus === null ? [] : text`, ${value(most)} on each of ${here.cpus} CPUs now`;
  return [
    text`It is no listen queue: it counts packets that wait for the protocols${all}, and no listener holds more by it.`,
    text`It reaches loopback, RPS and drivers without NAPI; most network cards do not pass through it.`,
    text`It counts at once. Raised, it does something only where the second column of /proc/net/softnet_stat rises.`,
  ];
};

export const finTimeout: Effects = (here) => [
  text`It has nothing to do with a listener's queues, nor with TIME_WAIT, which always lasts 60 s.`,
  text`It sets how long a connection that this host closed first may wait in FIN_WAIT_2 for the other end to close${now('net.ipv4.tcp_fin_timeout', here, ' s')}.`,
  text`It counts for connections that come to that state after the change. Lowered, a client that is slow to close gets a reset for what it still sends.`,
];

const REUSE: ReadonlyMap<number, string> = new Map([
  [0, 'for none'],
  [1, 'for all'],
  [2, 'for those over loopback only'],
]);

export const twReuse: Effects = (here) => {
  const current = here.number('net.ipv4.tcp_tw_reuse');
  const whom = current === null ? undefined : REUSE.get(current);
  const timestamps = here.number('net.ipv4.tcp_timestamps');
  const stated =
    timestamps === null ? [] : text` (${key('net.ipv4.tcp_timestamps')} is ${value(timestamps)} here)`;
  return [
    text`It reaches only connections that this host opens${whom === undefined ? '' : `, ${whom} now`}: with the next connect(), which may take over a port whose last connection to the same address and port is in TIME_WAIT.`,
    text`It needs timestamps on both ends${stated}.`,
    text`It does nothing for connections that a listener accepts: neither their queues nor their number in TIME_WAIT changes.`,
  ];
};

export const maxTwBuckets: Effects = (here) => {
  const overflows = here.namespace.counter('TCPTimeWaitOverflow');
  const counted =
    overflows === null ? [] : text` ${key('TCPTimeWaitOverflow')} is ${value(overflows)} so far.`;
  return [
    text`It bounds the connections in TIME_WAIT${now('net.ipv4.tcp_max_tw_buckets', here)}: those beyond are gone at once, and nobody is refused.${counted}`,
    text`It counts at once, for connections that close after the change; it cuts none of those that wait.`,
    text`It has nothing to do with a listener's queues. A port is short only for connections that this host opens; lowered, it frees such ports, at the price of late segments that reach a new connection.`,
  ];
};

function reservedIn(first: number, last: number, here: Here): number {
  const list = here.live(RESERVED);
  const ranges = list.ok ? (parsePorts(list.value) ?? []) : [];
  const ports = new Set<number>();
  for (const [from, to] of ranges) {
    for (let port = Math.max(from, first); port <= Math.min(to, last); port += 1) ports.add(port);
  }
  return ports.size;
}

function isReserved(port: number, here: Here): boolean {
  return reservedIn(port, port, here) > 0;
}

function portsText(here: Here): Text {
  const [first, last] = here.numbers(PORT_RANGE) ?? [];
  if (first === undefined || last === undefined || first > last || first < 0 || last > 65_535) return [];
  const reserved = reservedIn(first, last, here);
  const less = reserved === 0 ? [] : text`, for ${key(RESERVED)} takes ${value(reserved)} out`;
  return text` ${value(last - first + 1 - reserved)} ports are left to take now${less}: so many connections may be open from one address to one address and port.`;
}

function listenersWithin(here: Here): readonly Text[] {
  const [first, last] = here.numbers(PORT_RANGE) ?? [];
  const tcp = onlyTcp(here.namespace.listeners);
  if (first === undefined || last === undefined) return [];
  const within = tcp.filter(
    ({ listener }) =>
      listener.protocol === 'tcp' &&
      listener.port >= first &&
      listener.port <= last &&
      !isReserved(listener.port, here),
  );
  if (within.length === 0) return [];
  return [
    text`The ports of ${share(within, tcp)} lie in it: while ${many(within.length, 'it is', 'they are')} stopped, a connection that this host opens may take one, and the start fails: ${named(within, () => '')}. ${key(RESERVED)} keeps a port out.`,
  ];
}

export const localPortRange: Effects = (here) => [
  text`It reaches only connections that this host opens, and programs that leave the port to the kernel.${portsText(here)}`,
  text`It counts at once, with the next connect(); connections that exist keep their ports.`,
  text`It does nothing for the connections that a listener accepts, nor for its queues.`,
  ...listenersWithin(here),
];
