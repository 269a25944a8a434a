import type { ServerEntry } from '../server-entry.ts';

export const memcached: ServerEntry = {
  id: 'memcached',
  name: 'memcached',
  match: {
    comm: ['memcached'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 1024, rule: '-b, 1024 when not given' },
  backlogFlags: ['-b', '--listen-backlog'],
  config: {
    configurable: true,
    directive: '-b / --listen-backlog',
    files: ['/etc/memcached.conf', '/etc/sysconfig/memcached'],
    example: '-b 4096',
  },
  queues: { model: 'shared', note: 'One thread accepts for all worker threads.' },
  configChange: { action: 'restart', command: 'systemctl restart memcached' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart memcached' },
  note: 'Debian reads one option a line from /etc/memcached.conf. There is no reload.',
  verified: 'strace',
};
