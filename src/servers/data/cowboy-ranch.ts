import type { ServerEntry } from '../server-entry.ts';

export const cowboyRanch: ServerEntry = {
  id: 'cowboy-ranch',
  name: 'Cowboy and Ranch (Phoenix before Bandit, EMQX)',
  match: {
    comm: ['beam.smp'],
    commandLine: [/cowboy|phoenix/],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 1024, rule: 'socket option backlog, 1024 when not given' },
  config: {
    configurable: true,
    directive: 'backlog of socket_opts',
    files: [],
    example: 'transport_options: [socket_opts: [backlog: 4096]]',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'source',
};
