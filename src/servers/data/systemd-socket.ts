import type { ServerEntry } from '../server-entry.ts';

export const systemdSocket: ServerEntry = {
  id: 'systemd-socket',
  name: 'systemd .socket units',
  match: {
    comm: ['systemd', 'init', 'systemd-socket-activate'],
    commandLine: [/systemd-socket-activate\b/, /(^|\/)(init|systemd)(\s|$)/],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'follows-somaxconn',
    passes: 2147483647,
    rule: 'Backlog=, else INT_MAX since systemd 254 and in maintained older releases; before, SOMAXCONN of the C library (128 or 4096)',
  },
  config: {
    configurable: true,
    directive: 'Backlog=',
    files: ['/etc/systemd/system/<socket>.d/*.conf'],
    example: 'Backlog=8192',
  },
  queues: { model: 'shared', note: 'The unit owns one socket per ListenStream= line.' },
  configChange: {
    action: 'socket-unit-restart',
    command: 'systemctl daemon-reload && systemctl stop <service> && systemctl restart <socket>',
  },
  somaxconnChange: {
    action: 'socket-unit-restart',
    command: 'systemctl stop <service> && systemctl restart <socket>',
  },
  note: 'Neither daemon-reload nor daemon-reexec calls listen() again, nor does restarting only the service. The backlog setting of the started program does not count.',
  verified: 'strace',
};
