import type { ServerEntry } from '../server-entry.ts';

export const clickhouse: ServerEntry = {
  id: 'clickhouse',
  name: 'ClickHouse server / Keeper',
  match: {
    comm: ['clickhouse-serv', 'clickhouse-keep', 'clickhouse'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'fixed',
    value: 4096,
    rule: 'listen_backlog, 4096 when unset; 64 in older releases',
  },
  config: {
    configurable: true,
    directive: 'listen_backlog',
    files: ['/etc/clickhouse-server/config.xml', '/etc/clickhouse-server/config.d/*.xml'],
    example: '<listen_backlog>8192</listen_backlog>',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'restart', command: 'systemctl restart clickhouse-server' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart clickhouse-server' },
  note: null,
  verified: 'source',
};
