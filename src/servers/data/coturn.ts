import type { ServerEntry } from '../server-entry.ts';

export const coturn: ServerEntry = {
  id: 'coturn',
  name: 'coturn',
  match: {
    comm: ['turnserver'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 1024, rule: 'fixed in the source' },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'per-thread', note: 'Each relay thread has a listener.' },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart coturn' },
  note: null,
  verified: 'strace',
};
