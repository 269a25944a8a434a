import type { ServerEntry } from '../server-entry.ts';

export const cassandra: ServerEntry = {
  id: 'cassandra',
  name: 'Apache Cassandra',
  match: {
    comm: ['java'],
    commandLine: [/org\.apache\.cassandra\.service\.CassandraDaemon/],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'follows-somaxconn',
    rule: 'native transport: somaxconn as Netty read it at start; internode port: 512',
  },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart cassandra' },
  note: null,
  verified: 'source',
};
