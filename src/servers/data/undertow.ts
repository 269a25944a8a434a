import type { ServerEntry } from '../server-entry.ts';

export const undertow: ServerEntry = {
  id: 'undertow',
  name: 'Undertow / WildFly',
  match: {
    comm: ['java'],
    commandLine: [/(^|\s)io\.undertow\./, /\bjboss-modules\.jar\b/],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'fixed',
    value: 1000,
    rule: 'Options.BACKLOG, which Undertow.Builder sets to 1000',
  },
  config: {
    configurable: true,
    directive: 'Options.BACKLOG',
    files: [],
    example: 'Undertow.builder().setSocketOption(Options.BACKLOG, 8192)',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'source',
};
