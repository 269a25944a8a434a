import type { ServerEntry } from '../server-entry.ts';

export const socat: ServerEntry = {
  id: 'socat',
  name: 'socat',
  match: {
    comm: ['socat', 'socat1'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 5, rule: 'backlog= of the listening address, 5 when not given' },
  config: {
    configurable: true,
    directive: 'backlog= of the listening address',
    files: [],
    example: 'socat TCP-LISTEN:80,fork,backlog=1024 ...',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'strace',
};
