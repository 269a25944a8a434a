import type { ServerEntry } from '../server-entry.ts';

export const proftpd: ServerEntry = {
  id: 'proftpd',
  name: 'ProFTPD',
  match: {
    comm: ['proftpd'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 128, rule: 'tcpBackLog, 128 when unset; the control socket 5' },
  config: {
    configurable: true,
    directive: 'tcpBackLog',
    files: ['/etc/proftpd/proftpd.conf'],
    example: 'tcpBackLog 1024',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'restart', command: 'systemctl restart proftpd' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart proftpd' },
  note: null,
  verified: 'strace',
};
