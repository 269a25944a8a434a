import type { ServerEntry } from '../server-entry.ts';

export const cups: ServerEntry = {
  id: 'cups',
  name: 'CUPS',
  match: {
    comm: ['cupsd'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 128, rule: '128 with the default configuration' },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart cups' },
  note: 'Often started through cups.socket, where the Backlog= of the unit applies.',
  verified: 'strace',
};
