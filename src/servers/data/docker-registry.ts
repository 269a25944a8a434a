import type { ServerEntry } from '../server-entry.ts';

export const dockerRegistry: ServerEntry = {
  id: 'docker-registry',
  name: 'CNCF Distribution registry',
  match: {
    comm: ['docker-registry', 'registry'],
    commandLine: [/registry serve\b/],
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
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'strace',
};
