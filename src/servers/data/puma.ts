import type { ServerEntry } from '../server-entry.ts';

export const puma: ServerEntry = {
  id: 'puma',
  name: 'Puma',
  match: {
    comm: ['puma', 'ruby'],
    commandLine: [/^puma:? /, /(^|[\s/])puma(\s|$)/],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 1024, rule: 'backlog of the bind address, 1024 when not given' },
  config: {
    configurable: true,
    directive: 'backlog of the bind address',
    files: ['config/puma.rb'],
    example: "bind 'tcp://0.0.0.0:3000?backlog=4096'",
  },
  queues: { model: 'shared', note: 'The workers of a cluster share the socket.' },
  configChange: { action: 'restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: 'SIGUSR1 and SIGUSR2 keep the sockets as they are. The shorthand port cannot set a backlog.',
  verified: 'strace',
};
