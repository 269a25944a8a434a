import type { ServerEntry } from '../server-entry.ts';

export const nodejs: ServerEntry = {
  id: 'nodejs',
  name: 'Node.js',
  match: {
    comm: ['node', 'nodejs'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 511, rule: '511 when listen() is called without a backlog' },
  config: {
    configurable: true,
    directive: 'backlog argument of server.listen',
    files: [],
    example: 'server.listen({ port: 80, backlog: 4096 })',
  },
  queues: {
    model: 'shared',
    note: 'In a cluster the primary opens one socket and deals the connections out.',
  },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: 'Frameworks differ in whether they pass a backlog on. Node 24 and later show as MainThread.',
  verified: 'strace',
};
