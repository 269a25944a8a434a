import type { ServerEntry } from '../server-entry.ts';

export const twemproxy: ServerEntry = {
  id: 'twemproxy',
  name: 'twemproxy (nutcracker)',
  match: {
    comm: ['nutcracker'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 512, rule: 'backlog of the pool, 512 when unset' },
  config: {
    configurable: true,
    directive: 'backlog',
    files: ['/etc/nutcracker/nutcracker.yml'],
    example: 'backlog: 4096',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'restart', command: 'systemctl restart nutcracker' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart nutcracker' },
  note: null,
  verified: 'strace',
};
