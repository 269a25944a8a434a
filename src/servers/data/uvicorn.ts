import type { ServerEntry } from '../server-entry.ts';

export const uvicorn: ServerEntry = {
  id: 'uvicorn',
  name: 'Uvicorn',
  match: {
    comm: ['uvicorn', 'python3', 'python'],
    commandLine: [/(^|[\s/])uvicorn(\s|$)/],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 2048, rule: '--backlog, 2048 when not given' },
  backlogFlags: ['--backlog'],
  config: {
    configurable: true,
    directive: '--backlog',
    files: [],
    example: 'uvicorn app:app --backlog 8192',
  },
  queues: { model: 'shared', note: '--workers share one socket, and each worker calls listen() on it.' },
  configChange: { action: 'restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: 'Under gunicorn the backlog of gunicorn counts.',
  verified: 'strace',
};
