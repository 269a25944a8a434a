import type { ServerEntry } from '../server-entry.ts';

export const perlIoSocket: ServerEntry = {
  id: 'perl-io-socket',
  name: 'Perl IO::Socket::INET',
  match: {
    comm: ['perl'],
    commandLine: [],
    specificity: 'fallback',
  },
  defaultBacklog: { kind: 'caller', rule: 'Listen => N has to be given; 1, 5 and SOMAXCONN are common' },
  config: {
    configurable: true,
    directive: 'Listen =>',
    files: [],
    example: 'Listen => 4096',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: null,
  verified: 'strace',
};
