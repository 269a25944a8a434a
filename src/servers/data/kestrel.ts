import type { ServerEntry } from '../server-entry.ts';

export const kestrel: ServerEntry = {
  id: 'kestrel',
  name: 'ASP.NET Core Kestrel',
  match: {
    comm: ['dotnet'],
    commandLine: [/\.dll(\s|$)/],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 512, rule: 'SocketTransportOptions.Backlog, 512 when unset' },
  config: {
    configurable: true,
    directive: 'SocketTransportOptions.Backlog',
    files: [],
    example: 'builder.WebHost.UseSockets(o => o.Backlog = 4096)',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'source',
};
