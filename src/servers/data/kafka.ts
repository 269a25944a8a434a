import type { ServerEntry } from '../server-entry.ts';

export const kafka: ServerEntry = {
  id: 'kafka',
  name: 'Apache Kafka broker',
  match: {
    comm: ['java'],
    commandLine: [/(^|\s)kafka\.Kafka\b/, /(^|\s)kafka\.docker\./],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 50, rule: 'socket.listen.backlog.size, 50 when unset' },
  config: {
    configurable: true,
    directive: 'socket.listen.backlog.size',
    files: ['/etc/kafka/server.properties'],
    example: 'socket.listen.backlog.size=4096',
  },
  queues: { model: 'shared', note: 'One acceptor per listener.' },
  configChange: { action: 'restart', command: 'systemctl restart kafka' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart kafka' },
  note: '50 is small for a broker whose clients all reconnect at once.',
  verified: 'source',
};
