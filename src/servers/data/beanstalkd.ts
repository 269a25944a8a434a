import type { ServerEntry } from '../server-entry.ts';

export const beanstalkd: ServerEntry = {
  id: 'beanstalkd',
  name: 'beanstalkd',
  match: {
    comm: ['beanstalkd'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 1024, rule: 'fixed in the source' },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart beanstalkd' },
  note: null,
  verified: 'strace',
};
