import type { ServerEntry } from '../server-entry.ts';

export const nginxUnit: ServerEntry = {
  id: 'nginx-unit',
  name: 'NGINX Unit',
  match: {
    comm: ['unitd'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 511, rule: '511 on Linux' },
  config: {
    configurable: true,
    directive: 'listeners.<address>.backlog',
    files: [],
    example: '{"listeners": {"*:80": {"pass": "applications/app", "backlog": 4096}}}',
  },
  queues: { model: 'shared', note: 'The router threads share the socket.' },
  configChange: { action: 'unknown', command: 'systemctl restart unit' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart unit' },
  note: 'Only newer releases have the setting; it is made through the control API.',
  verified: 'source',
};
