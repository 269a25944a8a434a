import type { ServerEntry } from '../server-entry.ts';

export const pythonSocketserver: ServerEntry = {
  id: 'python-socketserver',
  name: 'Python socketserver, http.server, wsgiref and xmlrpc',
  match: {
    comm: ['python3'],
    commandLine: [/-m http\.server\b/, /\bmanage\.py runserver\b/],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'fixed',
    value: 5,
    rule: 'class attribute request_queue_size, 5 when not overridden',
  },
  config: {
    configurable: true,
    directive: 'request_queue_size',
    files: [],
    example: 'request_queue_size = 1024',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'strace',
};
