import type { ServerEntry } from '../server-entry.ts';

export const tokioMio: ServerEntry = {
  id: 'tokio-mio',
  name: 'Rust tokio and mio (hyper, axum, tonic, warp)',
  match: {
    comm: [],
    commandLine: [],
    specificity: 'manual',
  },
  defaultBacklog: {
    kind: 'derived',
    value: null,
    rule: 'by the release of mio: up to 1.0 1024, 1.1 as much as somaxconn allows, from 1.2 128',
  },
  config: {
    configurable: true,
    directive: 'TcpSocket::listen(n) instead of TcpListener::bind',
    files: [],
    example: 'socket.listen(4096)?',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: 'Updating a dependency alone can shorten the queue.',
  verified: 'source',
};
