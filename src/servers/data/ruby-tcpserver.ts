import type { ServerEntry } from '../server-entry.ts';

export const rubyTcpserver: ServerEntry = {
  id: 'ruby-tcpserver',
  name: 'Ruby TCPServer and WEBrick',
  match: {
    comm: ['ruby'],
    commandLine: [],
    specificity: 'fallback',
  },
  defaultBacklog: { kind: 'libc-somaxconn', rule: 'Socket::SOMAXCONN of the build: 128 or 4096' },
  config: {
    configurable: true,
    directive: 'argument of listen',
    files: [],
    example: 'TCPServer.new(80).tap { |s| s.listen(8192) }',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'strace',
};
