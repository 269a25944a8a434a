import type { ServerEntry } from '../server-entry.ts';

export const vsftpd: ServerEntry = {
  id: 'vsftpd',
  name: 'vsftpd',
  match: {
    comm: ['vsftpd'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 32, rule: 'fixed in the source' },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart vsftpd' },
  note: null,
  verified: 'strace',
};
