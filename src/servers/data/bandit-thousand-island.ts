import type { ServerEntry } from '../server-entry.ts';

export const banditThousandIsland: ServerEntry = {
  id: 'bandit-thousand-island',
  name: 'Bandit and Thousand Island (Phoenix since 1.7)',
  match: {
    comm: ['beam.smp'],
    commandLine: [],
    specificity: 'manual',
  },
  defaultBacklog: { kind: 'fixed', value: 1024, rule: 'transport option backlog, 1024 when not given' },
  config: {
    configurable: true,
    directive: 'backlog of transport_options',
    files: ['config/runtime.exs'],
    example: 'http: [thousand_island_options: [transport_options: [backlog: 4096]]]',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'source',
};
