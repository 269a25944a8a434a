import type { ServerEntry } from '../server-entry.ts';

export const hitch: ServerEntry = {
  id: 'hitch',
  name: 'Hitch TLS proxy',
  match: {
    comm: ['hitch'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 100, rule: 'backlog, 100 when unset' },
  config: {
    configurable: true,
    directive: 'backlog',
    files: ['/etc/hitch/hitch.conf'],
    example: 'backlog = 4096',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'restart', command: 'systemctl restart hitch' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart hitch' },
  note: 'SIGHUP does not lengthen the queue.',
  verified: 'strace',
};
