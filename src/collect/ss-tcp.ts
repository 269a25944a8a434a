import type { TcpListener } from '../snapshot/listener.ts';

export type ParsedRows<L> = {
  readonly listeners: readonly L[];
  /** Rows that are not what `ss` prints, and those that repeat an inode. */
  readonly refused: number;
};

/** Netid and State appear only where `ss` was asked for more than one of them. */
const ROW = /^(?:tcp +)?(?:LISTEN +)?(\d+) +(\d+) +(\S+) +(\S+)(?: +(.*))?$/;

/** `0.0.0.0`, `*`, `[::1]`, `::1`, with the zone inside or outside the brackets, or without them. */
const LOCAL = /^\[?([^[\]%]+)\]?(?:%([^\]]+)\]?)?:(\d+)$/;

/**
 * The rows of `ss -Htnem --cgroup state listening`. Nothing in them is chosen by an unprivileged user but the path
 * of a cgroup, which holds no line break (cgroup_mkdir refuses it) and comes last.
 */
export function parseSsTcp(output: string): ParsedRows<TcpListener> {
  const byInode = new Set<number>();
  const listeners: TcpListener[] = [];
  let refused = 0;
  for (const row of logicalRows(output)) {
    const listener = parseRow(row);
    if (listener === null || (listener.inode !== undefined && byInode.has(listener.inode))) {
      refused += 1;
      continue;
    }
    if (listener.inode !== undefined) byInode.add(listener.inode);
    listeners.push(listener);
  }
  return { listeners, refused };
}

/** `ss` puts the memory of a socket on a line of its own that begins with a tab. */
function logicalRows(output: string): readonly string[] {
  const rows: string[] = [];
  for (const line of output.split('\n')) {
    if (line.trim() === '') continue;
    const last = rows.length - 1;
    if (line.startsWith('\t') && last >= 0) rows[last] += ` ${line.trim()}`;
    else rows.push(line.trimEnd());
  }
  return rows;
}

function parseRow(row: string): TcpListener | null {
  const match = ROW.exec(row);
  const local = LOCAL.exec(match?.[3] ?? '');
  if (match === null || local === null) return null;
  const [, length, limit, , , details = ''] = match;
  const [, address = '', zone, port] = local;
  if (Number(port) > 65535) return null;
  return {
    protocol: 'tcp',
    address,
    port: Number(port),
    ...(zone === undefined ? {} : { zone }),
    ...detailsOf(details),
    length: Number(length),
    ...limitOf(Number(limit), details),
  };
}

/**
 * Where the kernel's socket diagnosis is not to be had, `ss` falls back to /proc/net by itself and prints 0 for a
 * limit that it does not know; then it knows no memory figures either.
 */
export function limitOf(limit: number, details: string): { limit?: number } {
  return limit > 0 || /\b(?:sk)?mem:\(/.test(details) ? { limit } : {};
}

/** `skmem:(r0,rb131072,t0,tb16384,f0,w0,o0,bl0,d3)`: the last figure is sk_drops. */
export function dropsOf(details: string): { drops?: number } {
  const drops = /\bskmem:\([^)]*,d(\d+)\)/.exec(details)?.[1];
  return drops === undefined ? {} : { drops: Number(drops) };
}

type Details = Pick<TcpListener, 'inode' | 'uid' | 'drops' | 'cgroup' | 'v6only'>;

function detailsOf(details: string): Details {
  // What a cgroup's name could imitate is looked for before it only.
  const cut = details.search(/(?:^| )cgroup:/);
  const trusted = cut < 0 ? details : details.slice(0, cut);
  const inode = /(?:^| )ino:(\d+)/.exec(trusted)?.[1];
  const uid = /(?:^| )uid:(\d+)/.exec(trusted)?.[1];
  const v6only = / v6only:([01])(?: |$)/.exec(details)?.[1];
  const cgroup = /(?:^| )cgroup:(\/.*?)(?: v6only:| <-> ?|$)/.exec(details)?.[1];
  return {
    // `ss -e` prints a uid only where it is not 0.
    ...(inode === undefined ? {} : { inode: Number(inode), uid: Number(uid ?? 0) }),
    ...dropsOf(details.slice(details.lastIndexOf('skmem:('))),
    ...(v6only === undefined ? {} : { v6only: v6only === '1' }),
    ...(cgroup === undefined || cgroup === '/' ? {} : { cgroup: cgroup.trimEnd() }),
  };
}
