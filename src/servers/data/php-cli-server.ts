import type { ServerEntry } from '../server-entry.ts';

export const phpCliServer: ServerEntry = {
  id: 'php-cli-server',
  name: 'PHP built-in web server (php -S)',
  match: {
    comm: ['php'],
    commandLine: [/\bphp[\d.]*\b.* -S /],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'libc-somaxconn', rule: 'SOMAXCONN of the C library at build time' },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: 'Meant for development.',
  verified: 'strace',
};
