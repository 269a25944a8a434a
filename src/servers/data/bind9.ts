import type { ServerEntry } from '../server-entry.ts';

export const bind9: ServerEntry = {
  id: 'bind9',
  name: 'BIND named',
  match: {
    comm: ['named'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'fixed',
    value: 10,
    rule: 'tcp-listen-queue, 10 when unset, and never less; the control channel 5',
  },
  config: {
    configurable: true,
    directive: 'tcp-listen-queue',
    files: ['/etc/bind/named.conf.options', '/etc/named.conf'],
    example: 'tcp-listen-queue 512;',
  },
  queues: { model: 'per-worker', note: 'One listening socket per network thread.' },
  configChange: { action: 'restart', command: 'systemctl restart named' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart named' },
  note: 'rndc reload keeps the sockets. 10 is small when many resolvers fall back to TCP.',
  verified: 'strace',
};
