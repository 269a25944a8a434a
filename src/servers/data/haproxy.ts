import type { ServerEntry } from '../server-entry.ts';

export const haproxy: ServerEntry = {
  id: 'haproxy',
  name: 'HAProxy',
  match: {
    comm: ['haproxy'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'derived',
    value: null,
    rule: 'the first of: backlog of the bind line, backlog of the frontend, maxconn of the bind line, maxconn of the frontend (global maxconn, else computed from the limit on open files)',
  },
  config: {
    configurable: true,
    directive: 'backlog (bind option, or frontend/defaults keyword)',
    files: ['/etc/haproxy/haproxy.cfg', '/etc/haproxy/conf.d/*.cfg'],
    example: 'bind :443 backlog 4096',
  },
  queues: {
    model: 'shared',
    note: 'One socket for all threads, unless shards or several bind lines open more.',
  },
  configChange: { action: 'restart', command: 'systemctl restart haproxy' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart haproxy' },
  note: 'A reload in master-worker mode hands the sockets over and skips listen(). maxconn limits concurrency, but it also sizes the accept queue.',
  verified: 'strace',
};
