import type { ServerEntry } from '../server-entry.ts';

export const rustStd: ServerEntry = {
  id: 'rust-std',
  name: 'Rust std::net::TcpListener',
  match: {
    comm: [],
    commandLine: [],
    specificity: 'manual',
  },
  defaultBacklog: {
    kind: 'fixed',
    value: 128,
    rule: '128 for TCP; the unix listener asks for as much as somaxconn allows',
  },
  config: {
    configurable: true,
    directive: 'none in std; Socket::listen of socket2',
    files: [],
    example: 'socket2::Socket::listen(4096)',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'strace',
};
