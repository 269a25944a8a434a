import type { ServerEntry } from '../server-entry.ts';

export const gunicorn: ServerEntry = {
  id: 'gunicorn',
  name: 'Gunicorn',
  match: {
    comm: ['gunicorn', 'python3', 'python'],
    commandLine: [/(^|[\s/])gunicorn[\d.]*(:|\s|$)/],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 2048, rule: '--backlog, 2048 when not given' },
  backlogFlags: ['--backlog'],
  config: {
    configurable: true,
    directive: 'backlog / --backlog',
    files: ['gunicorn.conf.py'],
    example: 'backlog = 8192',
  },
  queues: {
    model: 'shared',
    note: 'The workers share the sockets of the arbiter; reuse_port opens one per worker.',
  },
  configChange: { action: 're-exec', command: 'kill -USR2 <pid>' },
  somaxconnChange: { action: 're-exec', command: 'kill -USR2 <pid>' },
  note: 'SIGHUP reloads the application only. After SIGUSR2 stop the old arbiter; a restart does the same with a gap.',
  verified: 'strace',
};
