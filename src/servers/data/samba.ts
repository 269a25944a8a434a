import type { ServerEntry } from '../server-entry.ts';

export const samba: ServerEntry = {
  id: 'samba',
  name: 'Samba smbd',
  match: {
    comm: ['smbd'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 50, rule: 'fixed in the source' },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: 'One socket per interface address and port.' },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart smbd' },
  note: null,
  verified: 'strace',
};
