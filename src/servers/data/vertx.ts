import type { ServerEntry } from '../server-entry.ts';

export const vertx: ServerEntry = {
  id: 'vertx',
  name: 'Vert.x / Quarkus',
  match: {
    comm: ['java'],
    commandLine: [/(^|\s)io\.vertx\./, /\bquarkus-run\.jar\b/],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'follows-somaxconn',
    rule: 'acceptBacklog; -1, the default, leaves it to Netty, which reads somaxconn',
  },
  config: {
    configurable: true,
    directive: 'setAcceptBacklog; quarkus.http.accept-backlog',
    files: [],
    example: 'quarkus.http.accept-backlog=4096',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'source',
};
