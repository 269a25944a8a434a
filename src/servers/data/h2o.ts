import type { ServerEntry } from '../server-entry.ts';

export const h2o: ServerEntry = {
  id: 'h2o',
  name: 'H2O 2.2',
  match: {
    comm: ['h2o'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'derived',
    value: null,
    rule: '65535 when h2o opens the socket itself; 4096 in master and daemon mode, where start_server opens it',
  },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: 'The threads share the listener.' },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart h2o' },
  note: 'SIGHUP in master mode keeps the sockets as they are.',
  verified: 'strace',
};
