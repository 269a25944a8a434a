import type { ServerEntry } from '../server-entry.ts';

export const tornado: ServerEntry = {
  id: 'tornado',
  name: 'Tornado',
  match: {
    comm: ['python3', 'python'],
    commandLine: [/(^|\s)-m tornado\b/],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 128, rule: 'argument backlog, 128 when not given' },
  config: {
    configurable: true,
    directive: 'backlog= of listen and bind',
    files: [],
    example: 'server.bind(80, backlog=4096)',
  },
  queues: { model: 'shared', note: 'Forked processes share the socket.' },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'strace',
};
