import type { ServerEntry } from '../server-entry.ts';

export const stunnel: ServerEntry = {
  id: 'stunnel',
  name: 'stunnel',
  match: {
    comm: ['stunnel', 'stunnel4'],
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
  somaxconnChange: { action: 'reload', command: 'systemctl reload stunnel4' },
  note: 'SIGHUP closes and reopens the sockets.',
  verified: 'strace',
};
