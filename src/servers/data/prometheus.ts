import type { ServerEntry } from '../server-entry.ts';

export const prometheus: ServerEntry = {
  id: 'prometheus',
  name: 'Prometheus',
  match: {
    comm: ['prometheus'],
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
  somaxconnChange: { action: 'restart', command: 'systemctl restart prometheus' },
  note: '--web.max-connections limits open connections, not the accept queue.',
  verified: 'strace',
};
