import type { ServerEntry } from '../server-entry.ts';

export const postgresql: ServerEntry = {
  id: 'postgresql',
  name: 'PostgreSQL',
  match: {
    comm: ['postgres', 'postmaster'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'derived',
    value: null,
    rule: 'up to 15: twice MaxBackends, at most 10000 (244 by default); later: twice max_connections',
  },
  config: {
    configurable: true,
    directive: 'max_connections (indirect)',
    files: ['/etc/postgresql/*/*/postgresql.conf'],
    example: 'max_connections = 1000',
  },
  queues: {
    model: 'shared',
    note: 'One socket per listen address and the unix socket, all with the same backlog; only the postmaster accepts.',
  },
  configChange: { action: 'restart', command: 'systemctl restart postgresql' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart postgresql' },
  note: 'There is no direct setting, and more max_connections costs shared memory: prefer a pooler. A reload does not touch the sockets.',
  verified: 'strace',
};
