import type { ServerEntry } from '../server-entry.ts';

export const openbsdInetd: ServerEntry = {
  id: 'openbsd-inetd',
  name: 'inetd (openbsd-inetd)',
  match: {
    comm: ['inetd'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 128, rule: 'fixed in the source' },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: 'Services marked nowait share the socket of inetd.' },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart inetd' },
  note: null,
  verified: 'strace',
};
