import type { ServerEntry } from '../server-entry.ts';

export const waitress: ServerEntry = {
  id: 'waitress',
  name: 'Waitress',
  match: {
    comm: ['waitress-serve', 'python3', 'python'],
    commandLine: [/(^|[\s/])waitress(-serve)?(\s|$)/],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 1024, rule: '--backlog, 1024 when not given' },
  backlogFlags: ['--backlog'],
  config: {
    configurable: true,
    directive: '--backlog',
    files: [],
    example: 'waitress-serve --backlog=4096 ...',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'strace',
};
