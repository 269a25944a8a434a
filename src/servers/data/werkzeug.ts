import type { ServerEntry } from '../server-entry.ts';

export const werkzeug: ServerEntry = {
  id: 'werkzeug',
  name: 'Werkzeug / Flask dev server',
  match: {
    comm: ['flask', 'python3', 'python'],
    commandLine: [/(^|[\s/])flask\b.* run\b/, /(^|\s)-m werkzeug\b/],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 128, rule: 'fixed in the source (LISTEN_QUEUE)' },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: 'Meant for development.',
  verified: 'source',
};
