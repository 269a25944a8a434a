import type { Listener, TcpListener } from '../snapshot/listener.ts';

/** `0.0.0.0:80`, `[::1]:53`, `[fe80::1%eth0]:53`, `*:80`, or the path. Text from the host, not escaped. */
export function labelOf(listener: Listener): string {
  return listener.protocol === 'unix' ? listener.path : `${hostOf(listener)}:${listener.port}`;
}

function hostOf({ address, zone }: TcpListener): string {
  const scoped = zone === undefined ? address : `${address}%${zone}`;
  return address.includes(':') ? `[${scoped}]` : scoped;
}

/** An id for each listener, in their order: `tcp:0.0.0.0:80`, and `tcp:0.0.0.0:80#2` for the next socket there. */
export function idsOf(listeners: readonly Listener[]): readonly string[] {
  const taken = new Set<string>();
  const counts = new Map<string, number>();
  return listeners.map((listener) => {
    const base = `${listener.protocol}:${labelOf(listener)}`;
    let count = (counts.get(base) ?? 0) + 1;
    // A unix socket may be called `x#2` itself.
    while (taken.has(numbered(base, count))) count += 1;
    counts.set(base, count);
    const id = numbered(base, count);
    taken.add(id);
    return id;
  });
}

function numbered(base: string, count: number): string {
  return count === 1 ? base : `${base}#${count}`;
}
