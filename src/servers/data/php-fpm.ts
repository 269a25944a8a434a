import type { ServerEntry } from '../server-entry.ts';

export const phpFpm: ServerEntry = {
  id: 'php-fpm',
  name: 'PHP-FPM',
  match: {
    comm: ['php-fpm'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'follows-somaxconn',
    passes: 4294967295,
    rule: 'listen.backlog; unset, -1 since PHP 8.2 (as much as somaxconn allows), 511 before',
  },
  backlogByVersion: [
    { from: '8.2', below: null, value: 'somaxconn' },
    { from: '5.5', below: '8.2', value: 511 },
  ],
  config: {
    configurable: true,
    directive: 'listen.backlog',
    files: ['/etc/php/*/fpm/pool.d/*.conf', '/etc/php-fpm.d/*.conf'],
    example: 'listen.backlog = 4096',
  },
  queues: { model: 'shared', note: 'The children of a pool share its socket.' },
  configChange: { action: 'restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: 'The sample pool file still shows 511. A reload (SIGUSR2) keeps the sockets as they are.',
  verified: 'strace',
};
