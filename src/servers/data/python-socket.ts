import type { ServerEntry } from '../server-entry.ts';

export const pythonSocket: ServerEntry = {
  id: 'python-socket',
  name: 'Python socket.listen and create_server',
  match: {
    comm: ['python3', 'python'],
    commandLine: [],
    specificity: 'fallback',
  },
  defaultBacklog: { kind: 'fixed', value: 128, rule: 'listen() without a number: 128 at most' },
  config: {
    configurable: true,
    directive: 'argument of listen',
    files: [],
    example: 'sock.listen(4096)',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: 'Python raises a negative number to 0: listen(-1) is the shortest queue, not the longest.',
  verified: 'strace',
};
