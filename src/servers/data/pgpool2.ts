import type { ServerEntry } from '../server-entry.ts';

export const pgpool2: ServerEntry = {
  id: 'pgpool2',
  name: 'Pgpool-II',
  match: {
    comm: ['pgpool'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'derived',
    value: 64,
    rule: 'num_init_children times listen_backlog_multiplier (32 * 2)',
  },
  config: {
    configurable: true,
    directive: 'listen_backlog_multiplier',
    files: ['/etc/pgpool2/pgpool.conf'],
    example: 'listen_backlog_multiplier = 8',
  },
  queues: { model: 'shared', note: 'The children share the socket.' },
  configChange: { action: 'restart', command: 'systemctl restart pgpool2' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart pgpool2' },
  note: null,
  verified: 'strace',
};
