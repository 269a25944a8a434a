import type { ServerEntry } from '../server-entry.ts';

export const asyncio: ServerEntry = {
  id: 'asyncio',
  name: 'Python asyncio',
  match: {
    comm: ['python3'],
    commandLine: [],
    specificity: 'manual',
  },
  defaultBacklog: { kind: 'fixed', value: 100, rule: 'argument backlog, 100 when not given' },
  config: {
    configurable: true,
    directive: 'backlog= of start_server and create_server',
    files: [],
    example: 'asyncio.start_server(handle, port=80, backlog=4096)',
  },
  queues: { model: 'shared', note: 'reuse_port=True allows several sockets.' },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'strace',
};
