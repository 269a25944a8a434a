import type { ServerEntry } from '../server-entry.ts';

export const aiohttp: ServerEntry = {
  id: 'aiohttp',
  name: 'aiohttp web',
  match: {
    comm: ['python3', 'python'],
    commandLine: [/(^|\s)-m aiohttp\b/],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 128, rule: 'argument backlog, 128 when not given' },
  config: {
    configurable: true,
    directive: 'backlog= of run_app',
    files: [],
    example: 'web.run_app(app, backlog=4096)',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'strace',
};
