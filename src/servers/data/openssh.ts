import type { ServerEntry } from '../server-entry.ts';

export const openssh: ServerEntry = {
  id: 'openssh',
  name: 'OpenSSH sshd',
  match: {
    comm: ['sshd'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 128, rule: 'fixed at build time (SSH_LISTEN_BACKLOG)' },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'reload', command: 'systemctl reload ssh' },
  note: 'A reload starts sshd anew and reopens its sockets. MaxStartups is a different limit. Under ssh.socket the Backlog= of the unit applies instead.',
  verified: 'strace',
};
