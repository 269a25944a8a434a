import type { ServerEntry } from '../server-entry.ts';

export const pureFtpd: ServerEntry = {
  id: 'pure-ftpd',
  name: 'Pure-FTPd',
  match: {
    comm: ['pure-ftpd'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 9, rule: 'fixed in the source' },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart pure-ftpd' },
  note: null,
  verified: 'strace',
};
