import type { TcpListener, UnixListener } from '../snapshot/listener.ts';
import type { ParsedRows } from './ss-tcp.ts';

/** TCP_LISTEN of include/net/tcp_states.h. */
const LISTEN_STATE = '0A';

const TCP_ROW =
  /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) [0-9A-F]+:([0-9A-F]+) \S+ +\S+ +(\d+) +\d+ +(\d+)/;

/**
 * The listeners of /proc/net/tcp or /proc/net/tcp6. The kernel writes the length of the accept queue there
 * (rx_queue) but not its limit, nor whether a socket on `::` takes IPv4 too.
 */
export function parseProcNetTcp(text: string): ParsedRows<TcpListener> {
  const listeners: TcpListener[] = [];
  let refused = 0;
  for (const line of text.split('\n').slice(1)) {
    if (line.trim() === '') continue;
    const match = TCP_ROW.exec(line);
    if (match === null) refused += 1;
    if (match === null || match[3] !== LISTEN_STATE) continue;
    const [, address = '', port = '', , length = '', uid, inode] = match;
    listeners.push({
      protocol: 'tcp',
      address: addressFromHex(address),
      port: Number.parseInt(port, 16),
      length: Number.parseInt(length, 16),
      uid: Number(uid),
      inode: Number(inode),
    });
  }
  return { listeners, refused };
}

/** Each group of eight digits is a 32-bit word in the byte order of the machine, taken for little-endian. */
export function addressFromHex(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)),
  );
  return bytes.length === 4 ? bytes.join('.') : ipv6Text(bytes);
}

/** As RFC 5952 writes it: the longest run of two or more zero groups is `::`; IPv4-mapped addresses stay dotted. */
function ipv6Text(bytes: readonly number[]): string {
  const mapped = bytes.slice(0, 12).every((byte, index) => byte === (index < 10 ? 0 : 0xff));
  if (mapped) return `::ffff:${bytes.slice(12).join('.')}`;
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  const run = longestZeroRun(groups);
  if (run.length < 2) return groups.join(':');
  return `${groups.slice(0, run.start).join(':')}::${groups.slice(run.start + run.length).join(':')}`;
}

function longestZeroRun(groups: readonly string[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== '0') start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}

/** __SO_ACCEPTCON, and SOCK_STREAM or SOCK_SEQPACKET. */
const UNIX_ROW =
  /^[0-9a-fA-F]{8,16}: [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{8}) ([0-9A-F]{4}) [0-9A-F]{2} +(\d+)(?: (.*))?$/s;
const LISTENING = 0x10000;

/**
 * The listeners of /proc/net/unix, where a line break in a name is written as it is. Nothing tells a row inside a
 * name from a genuine one here, so the caller believes only the inodes that a process is seen to hold.
 */
export function parseProcNetUnix(text: string): ParsedRows<UnixListener> {
  const byInode = new Map<number, UnixListener>();
  let refused = 0;
  for (const row of unixRows(text)) {
    const listener = unixListener(row);
    if (listener === null) continue;
    if (byInode.has(listener.inode)) refused += 1;
    else byInode.set(listener.inode, listener);
  }
  return { listeners: [...byInode.values()], refused };
}

/** A line that is no row goes on with the name in the row before it. */
function unixRows(text: string): readonly string[] {
  const rows: string[] = [];
  for (const line of text.replace(/\n$/, '').split('\n').slice(1)) {
    const last = rows.length - 1;
    if (UNIX_ROW.test(line) || last < 0) rows.push(line);
    else rows[last] += `\n${line}`;
  }
  return rows;
}

function unixListener(row: string): (UnixListener & { readonly inode: number }) | null {
  const [, flags = '', type, inode, path] = UNIX_ROW.exec(row) ?? [];
  if (path === undefined || (Number.parseInt(flags, 16) & LISTENING) === 0) return null;
  return type === '0001' || type === '0005' ? { protocol: 'unix', path, inode: Number(inode) } : null;
}
