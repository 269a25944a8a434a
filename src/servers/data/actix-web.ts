import type { ServerEntry } from '../server-entry.ts';

export const actixWeb: ServerEntry = {
  id: 'actix-web',
  name: 'actix-web',
  match: {
    comm: [],
    commandLine: [],
    specificity: 'manual',
  },
  defaultBacklog: { kind: 'fixed', value: 1024, rule: 'HttpServer::backlog, 1024 when not called' },
  config: {
    configurable: true,
    directive: 'HttpServer::backlog',
    files: [],
    example: 'HttpServer::new(app).backlog(8192).bind(addr)',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: 'backlog() counts only when called before bind().',
  verified: 'source',
};
