import type { ServerEntry } from '../server-entry.ts';

export const grpcCore: ServerEntry = {
  id: 'grpc-core',
  name: 'gRPC core (C++, Python, Ruby, PHP)',
  match: {
    comm: [],
    commandLine: [],
    specificity: 'manual',
  },
  defaultBacklog: {
    kind: 'follows-somaxconn',
    rule: 'reads somaxconn once; SOMAXCONN of the C library where that fails',
  },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'per-thread', note: 'so_reuseport is on by default: several listeners may share a port.' },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: 'Old copies never used what they had read and asked for SOMAXCONN.',
  verified: 'source',
};
