import type { ServerEntry } from '../server-entry.ts';

export const mariadb: ServerEntry = {
  id: 'mariadb',
  name: 'MariaDB Server',
  match: {
    comm: ['mariadbd'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'derived',
    value: 80,
    rule: 'back_log, else 50 + max_connections / 5 (151), at most 900',
  },
  backlogFlags: ['--back_log', '--back-log'],
  config: {
    configurable: true,
    directive: 'back_log',
    files: ['/etc/mysql/my.cnf', '/etc/mysql/mariadb.conf.d/*.cnf', '/etc/my.cnf.d/*.cnf'],
    example: 'back_log = 4096',
  },
  queues: { model: 'shared', note: 'extra_port and the unix socket ask for the same number.' },
  configChange: { action: 'restart', command: 'systemctl restart mariadb' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart mariadb' },
  note: 'back_log cannot be changed at run time. Under mariadb.socket the Backlog= of the unit applies instead.',
  verified: 'strace',
};
