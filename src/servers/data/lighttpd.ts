import type { ServerEntry } from '../server-entry.ts';

export const lighttpd: ServerEntry = {
  id: 'lighttpd',
  name: 'lighttpd 1.4',
  match: {
    comm: ['lighttpd'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 1024, rule: 'server.listen-backlog, 1024 when unset' },
  config: {
    configurable: true,
    directive: 'server.listen-backlog',
    files: ['/etc/lighttpd/lighttpd.conf', '/etc/lighttpd/conf-enabled/*.conf'],
    example: 'server.listen-backlog = 8192',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'restart', command: 'systemctl restart lighttpd' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart lighttpd' },
  note: 'A graceful reload (SIGUSR1) keeps the old socket, also with a changed value.',
  verified: 'strace',
};
