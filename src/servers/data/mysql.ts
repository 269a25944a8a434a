import type { ServerEntry } from '../server-entry.ts';

export const mysql: ServerEntry = {
  id: 'mysql',
  name: 'MySQL Server',
  match: {
    comm: ['mysqld'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'derived',
    value: 151,
    rule: 'back_log, else max_connections (151) since 8.0; before, 50 + max_connections / 5, at most 900',
  },
  backlogByVersion: [
    { from: '8.0', below: null, value: 151 },
    { from: '5.6', below: '8.0', value: 80 },
  ],
  backlogFlags: ['--back_log', '--back-log'],
  config: {
    configurable: true,
    directive: 'back_log',
    files: [
      '/etc/mysql/my.cnf',
      '/etc/mysql/mysql.conf.d/mysqld.cnf',
      '/etc/mysql/conf.d/*.cnf',
      '/etc/my.cnf',
    ],
    example: 'back_log = 4096',
  },
  queues: { model: 'shared', note: 'admin_port and the X plugin have sockets of their own.' },
  configChange: { action: 'restart', command: 'systemctl restart mysql' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart mysql' },
  note: "back_log cannot be changed at run time; SHOW VARIABLES LIKE 'back_log' prints the number in use. A program called mysqld can also be MariaDB, with another default.",
  verified: 'docs',
};
