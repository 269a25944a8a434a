import type { TcpListener, UnixListener } from '../../snapshot/listener.ts';

/** An address as a configuration names it. `host`: a name, which only a resolver could tell more of. */
export type ConfiguredAddress =
  | { readonly kind: 'tcp'; readonly address: string; readonly low: number; readonly high: number }
  | { readonly kind: 'host'; readonly low: number; readonly high: number }
  | { readonly kind: 'unix'; readonly path: string };

export type ListeningSocket = TcpListener | UnixListener;

export const ANY_V4 = '0.0.0.0';
export const ANY_V6 = '::';

const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const PORTS = /^(\d{1,5})(?:-(\d{1,5}))?$/;

/** One spelling for each IPv6 address; anything else as it is. */
function canonical(address: string): string {
  if (address === '*') return ANY_V6;
  if (!address.includes(':')) return address;
  const url = `http://[${address}]/`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : address;
}

type Ports = { readonly low: number; readonly high: number };

export function parsePorts(text: string): Ports | null {
  const found = PORTS.exec(text);
  if (found === null) return null;
  const low = Number(found[1]);
  const high = Number(found[2] ?? found[1]);
  return low <= high && high <= 65535 ? { low, high } : null;
}

/** `[::1]:80`, `127.0.0.1:80`, `*:80`, `name:80`; the port may be left out where a default is given. */
export function parseHostPort(text: string, defaultPort: number | null): ConfiguredAddress | null {
  const v6 = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  const colon = text.lastIndexOf(':');
  const host = v6?.[1] ?? (colon < 0 ? text : text.slice(0, colon));
  const port = v6 === null ? (colon < 0 ? undefined : text.slice(colon + 1)) : v6[2];
  const absent = defaultPort === null ? null : { low: defaultPort, high: defaultPort };
  const ports = port === undefined ? absent : parsePorts(port);
  if (ports === null || host === '') return null;
  if (v6 !== null) return { kind: 'tcp', address: canonical(host), ...ports };
  if (host === '*') return { kind: 'tcp', address: ANY_V4, ...ports };
  return IPV4.test(host) ? { kind: 'tcp', address: host, ...ports } : { kind: 'host', ...ports };
}

/** Whether the socket is the one that this address opens. A name is never sure, see `mayOpen`. */
export function opens(configured: ConfiguredAddress, socket: ListeningSocket): boolean {
  if (socket.protocol === 'unix') return configured.kind === 'unix' && configured.path === socket.path;
  if (configured.kind !== 'tcp' || !hasPort(configured, socket.port)) return false;
  return configured.address === canonical(socket.address);
}

export function mayOpen(configured: ConfiguredAddress, socket: ListeningSocket): boolean {
  return configured.kind === 'host' && socket.protocol === 'tcp' && hasPort(configured, socket.port);
}

function hasPort(ports: Ports, port: number): boolean {
  return ports.low <= port && port <= ports.high;
}
