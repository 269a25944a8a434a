import type { ServerEntry } from '../server-entry.ts';

export const dovecot: ServerEntry = {
  id: 'dovecot',
  name: 'Dovecot',
  match: {
    comm: ['dovecot'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'derived',
    value: 100,
    rule: 'process_limit times client_limit of the service (imap-login: 100 * 1)',
  },
  config: {
    configurable: true,
    directive: 'process_limit and client_limit of the service (indirect)',
    files: ['/etc/dovecot/conf.d/10-master.conf'],
    example: 'service imap-login { process_limit = 1024 }',
  },
  queues: { model: 'shared', note: 'The master owns the socket and the login processes inherit it.' },
  configChange: { action: 'restart', command: 'systemctl restart dovecot' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart dovecot' },
  note: 'doveadm reload keeps the TCP listeners as they are.',
  verified: 'strace',
};
