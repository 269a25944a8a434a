import type { ServerEntry } from '../server-entry.ts';

export const mongodb: ServerEntry = {
  id: 'mongodb',
  name: 'MongoDB mongod/mongos',
  match: {
    comm: ['mongod', 'mongos'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'libc-somaxconn',
    rule: 'net.listenBacklog, else SOMAXCONN of the C library at build time; newer releases detect a number at start',
  },
  backlogFlags: ['--listenBacklog'],
  config: {
    configurable: true,
    directive: 'net.listenBacklog / --listenBacklog',
    files: ['/etc/mongod.conf', '/etc/mongos.conf'],
    example: 'net: { listenBacklog: 4096 }',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'restart', command: 'systemctl restart mongod' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart mongod' },
  note: null,
  verified: 'source',
};
