import type { ServerEntry } from '../server-entry.ts';

export const slapd: ServerEntry = {
  id: 'slapd',
  name: 'OpenLDAP slapd',
  match: {
    comm: ['slapd'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 2048, rule: 'fixed at build time' },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart slapd' },
  note: null,
  verified: 'strace',
};
