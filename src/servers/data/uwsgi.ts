import type { ServerEntry } from '../server-entry.ts';

export const uwsgi: ServerEntry = {
  id: 'uwsgi',
  name: 'uWSGI',
  match: {
    comm: ['uwsgi', 'uwsgi-core'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 100, rule: 'listen, 100 when unset' },
  backlogFlags: ['-l', '--listen'],
  config: {
    configurable: true,
    directive: 'listen',
    files: ['/etc/uwsgi/apps-enabled/*.ini', '/etc/uwsgi/*.ini'],
    example: 'listen = 1024',
  },
  queues: { model: 'shared', note: 'The workers share the socket.' },
  configChange: { action: 'restart', command: 'systemctl restart uwsgi' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart uwsgi' },
  note: 'A reload keeps the sockets as they are. uWSGI does not start when listen is above somaxconn: lowering somaxconn can stop it.',
  verified: 'strace',
};
