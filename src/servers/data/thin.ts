import type { ServerEntry } from '../server-entry.ts';

export const thin: ServerEntry = {
  id: 'thin',
  name: 'Thin',
  match: {
    comm: ['thin', 'ruby'],
    commandLine: [/(^|[\s/])thin(\s|$)/],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 100, rule: 'fixed by EventMachine' },
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
  verified: 'strace',
};
