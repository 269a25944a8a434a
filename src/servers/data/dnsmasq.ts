import type { ServerEntry } from '../server-entry.ts';

export const dnsmasq: ServerEntry = {
  id: 'dnsmasq',
  name: 'dnsmasq',
  match: {
    comm: ['dnsmasq'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 32, rule: 'fixed in the source; 5 in old releases' },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart dnsmasq' },
  note: null,
  verified: 'strace',
};
