import type { ServerEntry } from '../server-entry.ts';

export const hypercorn: ServerEntry = {
  id: 'hypercorn',
  name: 'Hypercorn',
  match: {
    comm: ['hypercorn', 'python3', 'python'],
    commandLine: [/(^|[\s/])hypercorn(\s|$)/],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 100, rule: '--backlog, 100 when not given' },
  backlogFlags: ['--backlog'],
  config: {
    configurable: true,
    directive: 'backlog / --backlog',
    files: ['hypercorn.toml'],
    example: 'backlog = 4096',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'strace',
};
