import type { ServerEntry } from '../server-entry.ts';

export const nodeExporter: ServerEntry = {
  id: 'node-exporter',
  name: 'prometheus-node-exporter',
  match: {
    comm: ['prometheus-node', 'node_exporter'],
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
  somaxconnChange: { action: 'restart', command: 'systemctl restart prometheus-node-exporter' },
  note: null,
  verified: 'strace',
};
