import type { ServerEntry } from '../server-entry.ts';

export const knot: ServerEntry = {
  id: 'knot',
  name: 'Knot DNS',
  match: {
    comm: ['knotd'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 10, rule: 'fixed in the source; the control socket 5' },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'per-worker', note: 'tcp-reuseport: on gives each TCP worker a socket.' },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart knot' },
  note: null,
  verified: 'strace',
};
