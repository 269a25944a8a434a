import type { ServerEntry } from '../server-entry.ts';

export const exim: ServerEntry = {
  id: 'exim',
  name: 'Exim',
  match: {
    comm: ['exim4', 'exim'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 20, rule: 'smtp_connect_backlog, 20 when unset' },
  config: {
    configurable: true,
    directive: 'smtp_connect_backlog',
    files: ['/etc/exim4/conf.d/main/*', '/etc/exim4/exim4.conf.template', '/etc/exim/exim.conf'],
    example: 'smtp_connect_backlog = 512',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'restart', command: 'systemctl restart exim4' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart exim4' },
  note: null,
  verified: 'strace',
};
