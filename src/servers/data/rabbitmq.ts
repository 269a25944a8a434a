import type { ServerEntry } from '../server-entry.ts';

export const rabbitmq: ServerEntry = {
  id: 'rabbitmq',
  name: 'RabbitMQ',
  match: {
    comm: ['beam.smp'],
    commandLine: [/-s rabbit boot\b/, /\brabbit\b.*\bstart/],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'fixed',
    value: 128,
    rule: 'tcp_listen_options.backlog, 128 when unset; the distribution port asks for 128 too',
  },
  config: {
    configurable: true,
    directive: 'tcp_listen_options.backlog',
    files: ['/etc/rabbitmq/rabbitmq.conf'],
    example: 'tcp_listen_options.backlog = 4096',
  },
  queues: { model: 'shared', note: 'The acceptors share one socket.' },
  configChange: { action: 'restart', command: 'systemctl restart rabbitmq-server' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart rabbitmq-server' },
  note: 'The MQTT, STOMP and management plugins have tcp_listen_options of their own.',
  verified: 'strace',
};
