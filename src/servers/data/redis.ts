import type { ServerEntry } from '../server-entry.ts';

export const redis: ServerEntry = {
  id: 'redis',
  name: 'Redis / Valkey / KeyDB',
  match: {
    comm: ['redis-server', 'valkey-server', 'keydb-server', 'redis-sentinel'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 511, rule: 'tcp-backlog, 511 when unset' },
  config: {
    configurable: true,
    directive: 'tcp-backlog',
    files: ['/etc/redis/*.conf', '/etc/valkey/*.conf', '/etc/redis.conf'],
    example: 'tcp-backlog 4096',
  },
  queues: { model: 'shared', note: 'One thread accepts; TCP and unix sockets ask for the same number.' },
  configChange: { action: 'restart', command: 'systemctl restart redis-server' },
  somaxconnChange: {
    action: 'rebind',
    command: 'redis-cli CONFIG SET port <free-port> && redis-cli -p <free-port> CONFIG SET port <port>',
  },
  note: 'tcp-backlog cannot be changed at run time. After raising somaxconn alone, CONFIG SET port to another number and back reopens the listeners, and clients that are connected stay.',
  verified: 'strace',
};
