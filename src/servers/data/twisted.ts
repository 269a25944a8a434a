import type { ServerEntry } from '../server-entry.ts';

export const twisted: ServerEntry = {
  id: 'twisted',
  name: 'Twisted (daphne, txweb)',
  match: {
    comm: ['twistd', 'daphne', 'python3', 'python'],
    commandLine: [/(^|[\s/])(twistd|daphne)\d*(\s|$)/],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 50, rule: 'argument backlog of listenTCP, 50 when not given' },
  config: {
    configurable: true,
    directive: 'backlog= of listenTCP or of the endpoint',
    files: [],
    example: 'reactor.listenTCP(80, f, backlog=4096)',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'strace',
};
