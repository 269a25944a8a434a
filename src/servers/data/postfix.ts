import type { ServerEntry } from '../server-entry.ts';

export const postfix: ServerEntry = {
  id: 'postfix',
  name: 'Postfix (master)',
  match: {
    comm: ['master'],
    commandLine: [/\/postfix\/(s?bin\/)?master\b/],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'derived',
    value: 100,
    rule: 'default_process_limit (100), for every socket of master.cf',
  },
  config: {
    configurable: true,
    directive: 'default_process_limit (indirect)',
    files: ['/etc/postfix/main.cf'],
    example: 'default_process_limit = 1000',
  },
  queues: { model: 'shared', note: 'The smtpd processes share the socket of master.' },
  configChange: { action: 'restart', command: 'systemctl restart postfix' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart postfix' },
  note: 'postfix reload keeps the socket of a service whose address did not change.',
  verified: 'strace',
};
