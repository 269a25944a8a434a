import type { ServerEntry } from '../server-entry.ts';

export const bun: ServerEntry = {
  id: 'bun',
  name: 'Bun / uWebSockets (uSockets)',
  match: {
    comm: ['bun'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 512, rule: 'fixed in the source (uSockets)' },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'source',
};
