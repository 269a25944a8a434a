import type { ServerEntry } from '../server-entry.ts';

export const epmd: ServerEntry = {
  id: 'epmd',
  name: 'Erlang port mapper',
  match: {
    comm: ['epmd'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'libc-somaxconn', rule: 'SOMAXCONN of the C library at build time' },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart epmd' },
  note: null,
  verified: 'strace',
};
