import type { ServerEntry } from '../server-entry.ts';

export const unbound: ServerEntry = {
  id: 'unbound',
  name: 'Unbound',
  match: {
    comm: ['unbound'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 256, rule: 'fixed in the source' },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'per-thread', note: 'so-reuseport gives each thread a socket.' },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart unbound' },
  note: null,
  verified: 'strace',
};
