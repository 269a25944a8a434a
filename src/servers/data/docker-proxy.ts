import type { ServerEntry } from '../server-entry.ts';

export const dockerProxy: ServerEntry = {
  id: 'docker-proxy',
  name: 'docker-proxy (userland port proxy)',
  match: {
    comm: ['docker-proxy'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'follows-somaxconn',
    rule: 'reads /proc/sys/net/core/somaxconn at its first listen() and keeps that number, in the network namespace of the host',
  },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'docker restart <container>' },
  note: 'Most connections go by NAT straight to the listener inside the container, which somaxconn of the container limits.',
  verified: 'strace',
};
