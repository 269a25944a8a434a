import type { ServerEntry } from '../server-entry.ts';

export const netty: ServerEntry = {
  id: 'netty',
  name: 'Netty',
  match: {
    comm: ['java'],
    commandLine: [/(^|\s)io\.netty\./],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'follows-somaxconn',
    rule: 'somaxconn as read when the class was loaded; 128 where that fails',
  },
  config: {
    configurable: true,
    directive: 'ChannelOption.SO_BACKLOG',
    files: [],
    example: 'serverBootstrap.option(ChannelOption.SO_BACKLOG, 4096)',
  },
  queues: { model: 'shared', note: 'SO_REUSEPORT with several binds opens more sockets.' },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'strace',
};
