import type { ServerEntry } from '../server-entry.ts';

export const phpStreams: ServerEntry = {
  id: 'php-streams',
  name: 'PHP stream_socket_server',
  match: {
    comm: ['php'],
    commandLine: [],
    specificity: 'fallback',
  },
  defaultBacklog: { kind: 'fixed', value: 32, rule: 'context option socket.backlog, 32 when unset' },
  config: {
    configurable: true,
    directive: 'context option socket.backlog',
    files: [],
    example: "stream_context_create(['socket' => ['backlog' => 4096]])",
  },
  queues: { model: 'shared', note: 'The context option so_reuseport allows several sockets.' },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: 'ReactPHP asks for 511.',
  verified: 'strace',
};
