import type { ServerEntry } from '../server-entry.ts';

export const pgbouncer: ServerEntry = {
  id: 'pgbouncer',
  name: 'PgBouncer',
  match: {
    comm: ['pgbouncer'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 128, rule: 'listen_backlog, 128 when unset' },
  config: {
    configurable: true,
    directive: 'listen_backlog',
    files: ['/etc/pgbouncer/pgbouncer.ini'],
    example: 'listen_backlog = 4096',
  },
  queues: {
    model: 'shared',
    note: 'With so_reuseport=1 several processes share a port, each with its own queue.',
  },
  configChange: { action: 'restart', command: 'systemctl restart pgbouncer' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart pgbouncer' },
  note: 'RELOAD accepts the new value and leaves the socket as it is.',
  verified: 'strace',
};
