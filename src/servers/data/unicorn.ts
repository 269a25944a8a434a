import type { ServerEntry } from '../server-entry.ts';

export const unicorn: ServerEntry = {
  id: 'unicorn',
  name: 'Unicorn',
  match: {
    comm: ['unicorn', 'ruby'],
    commandLine: [/(^|[\s/])unicorn(_rails)?(\s|$)/],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 1024, rule: ':backlog of listen, 1024 when not given' },
  config: {
    configurable: true,
    directive: ':backlog of listen',
    files: ['config/unicorn.rb'],
    example: 'listen 8080, backlog: 4096',
  },
  queues: { model: 'shared', note: 'The workers share the socket.' },
  configChange: { action: 'reload', command: 'kill -HUP <pid>' },
  somaxconnChange: { action: 'reload', command: 'kill -HUP <pid>' },
  note: 'Calls listen() at every SIGHUP, also when nothing changed.',
  verified: 'strace',
};
