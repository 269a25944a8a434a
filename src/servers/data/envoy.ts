import type { ServerEntry } from '../server-entry.ts';

export const envoy: ServerEntry = {
  id: 'envoy',
  name: 'Envoy (also in Istio, Contour, Consul)',
  match: {
    comm: ['envoy'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'follows-somaxconn',
    rule: 'tcp_backlog_size of the listener, else net.core.somaxconn; 128 before the setting existed (about 1.16)',
  },
  config: {
    configurable: true,
    directive: 'tcp_backlog_size',
    files: [],
    example: 'tcp_backlog_size: 4096',
  },
  queues: {
    model: 'per-worker',
    note: 'enable_reuse_port is on by default: one socket and one queue per worker thread.',
  },
  configChange: { action: 'listener-update-or-restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'source',
};
