import type { ServerEntry } from '../server-entry.ts';

export const javaServersocket: ServerEntry = {
  id: 'java-serversocket',
  name: 'Java ServerSocket, ServerSocketChannel and HttpServer',
  match: {
    comm: ['java'],
    commandLine: [],
    specificity: 'fallback',
  },
  defaultBacklog: { kind: 'fixed', value: 50, rule: '50 when the backlog argument is missing or below 1' },
  config: {
    configurable: true,
    directive: 'backlog argument of the constructor or of bind',
    files: [],
    example: 'ssc.bind(addr, 4096)',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'strace',
};
