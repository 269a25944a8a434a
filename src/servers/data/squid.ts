import type { ServerEntry } from '../server-entry.ts';

export const squid: ServerEntry = {
  id: 'squid',
  name: 'Squid',
  match: {
    comm: ['squid'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'derived',
    value: null,
    rule: 'a quarter of the maximum number of open files (ulimit -n or max_filedescriptors)',
  },
  config: {
    configurable: true,
    directive: 'max_filedescriptors (indirect)',
    files: ['/etc/squid/squid.conf', '/etc/squid/conf.d/*.conf'],
    example: 'max_filedescriptors 65536',
  },
  queues: { model: 'shared', note: 'SMP workers share the http_port socket.' },
  configChange: { action: 'restart', command: 'systemctl restart squid' },
  somaxconnChange: { action: 'reload', command: 'squid -k reconfigure' },
  note: 'There is no direct setting. squid -k reconfigure closes and reopens the sockets: a short gap in accepting.',
  verified: 'strace',
};
