import type { ServerEntry } from '../server-entry.ts';

export const caddy: ServerEntry = {
  id: 'caddy',
  name: 'Caddy 2',
  match: {
    comm: ['caddy'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'follows-somaxconn',
    rule: 'reads /proc/sys/net/core/somaxconn at its first listen() and keeps that number',
  },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart caddy' },
  note: 'caddy reload keeps the socket of an unchanged address; even a new address in the same process asks for the old number.',
  verified: 'strace',
};
