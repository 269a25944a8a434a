import type { Listener } from '../../src/snapshot/listener.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';

export function tcp(port: number, fields: Partial<Listener> = {}): Listener {
  const base = {
    protocol: 'tcp',
    address: '0.0.0.0',
    port,
    length: 0,
    limit: 511,
    processes: [{ name: 'nginx', pid: 70 }],
  };
  // The fields of a test belong to the protocol that the test asks for.
  return {
    ...base,
    server: 'nginx',
    backlog: { ok: true, value: 511, from: 'default' },
    ...fields,
  } as Listener;
}

export function unix(path: string, fields: Partial<Listener> = {}): Listener {
  // As above.
  return { protocol: 'unix', path, length: 0, limit: 128, ...fields } as Listener;
}

/** A host with a modern kernel, somaxconn as it boots, and these listeners. */
export function hostWith(listeners: readonly Listener[], fields: Partial<Snapshot> = {}): Snapshot {
  return {
    kind: 'snapshot',
    schemaVersion: 0,
    takenAt: '2026-11-20T09:00:00Z',
    host: {
      kernel: { release: '6.18.44', version: { ok: true, value: '6.18.44', from: 'uname -r' } },
      memoryBytes: { ok: true, value: 8 * 2 ** 30 },
      cpus: { ok: true, value: 4 },
      environment: 'host',
    },
    namespaces: [
      {
        id: '4026531840',
        name: 'host',
        sysctls: {
          'net.core.somaxconn': { ok: true, value: '4096' },
          'net.ipv4.tcp_syncookies': { ok: true, value: '1' },
          'net.ipv4.tcp_abort_on_overflow': { ok: true, value: '0' },
          'net.ipv4.tcp_max_syn_backlog': { ok: true, value: '512' },
        },
        listeners: [...listeners],
        samples: [{ at: 0, counters: { ListenOverflows: 0, ListenDrops: 0 } }],
      },
    ],
    sysctlFiles: [],
    loader: { kind: { ok: true, value: 'systemd' }, version: { ok: true, value: '257' } },
    ...fields,
  };
}

/** nginx asks for that much where somaxconn is 128. */
export function clampedHost(requested: number, fields: Partial<Snapshot> = {}): Snapshot {
  const snapshot = hostWith(
    [tcp(80, { limit: 128, backlog: { ok: true, value: requested, from: 'config' } })],
    fields,
  );
  const [namespace] = snapshot.namespaces;
  const sysctls = { ...namespace?.sysctls, 'net.core.somaxconn': { ok: true, value: '128' } };
  // The namespace of hostWith with one sysctl changed.
  return { ...snapshot, namespaces: [{ ...namespace, sysctls }] } as Snapshot;
}
