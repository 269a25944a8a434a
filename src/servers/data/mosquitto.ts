import type { ServerEntry } from '../server-entry.ts';

export const mosquitto: ServerEntry = {
  id: 'mosquitto',
  name: 'Eclipse Mosquitto',
  match: {
    comm: ['mosquitto'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 100, rule: 'fixed in the source' },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart mosquitto' },
  note: 'When all clients reconnect at once, 100 overflows whatever somaxconn says: put a proxy in front.',
  verified: 'strace',
};
