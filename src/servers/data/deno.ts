import type { ServerEntry } from '../server-entry.ts';

export const deno: ServerEntry = {
  id: 'deno',
  name: 'Deno',
  match: {
    comm: ['deno'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 128, rule: 'fixed in the source' },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: 'reusePort opens more sockets.' },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: 'Newer releases may take a backlog.',
  verified: 'source',
};
