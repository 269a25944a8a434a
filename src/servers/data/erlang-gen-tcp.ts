import type { ServerEntry } from '../server-entry.ts';

export const erlangGenTcp: ServerEntry = {
  id: 'erlang-gen-tcp',
  name: 'Erlang gen_tcp',
  match: {
    comm: ['beam.smp'],
    commandLine: [],
    specificity: 'fallback',
  },
  defaultBacklog: { kind: 'fixed', value: 5, rule: 'option backlog, 5 when not given' },
  config: {
    configurable: true,
    directive: '{backlog, N} of gen_tcp:listen',
    files: [],
    example: 'gen_tcp:listen(80,[{backlog,4096}])',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: 'Libraries such as ranch ask for more.',
  verified: 'strace',
};
