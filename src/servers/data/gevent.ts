import type { ServerEntry } from '../server-entry.ts';

export const gevent: ServerEntry = {
  id: 'gevent',
  name: 'gevent StreamServer / pywsgi',
  match: {
    comm: ['python3', 'python'],
    commandLine: [/(^|\s)-m gevent\b/],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'fixed',
    value: 128,
    rule: 'argument backlog, 128 when not given; 256 in older releases',
  },
  config: {
    configurable: true,
    directive: 'backlog= of the server',
    files: [],
    example: 'WSGIServer(addr, app, backlog=4096)',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'strace',
};
