import type { ServerEntry } from '../server-entry.ts';

export const prosody: ServerEntry = {
  id: 'prosody',
  name: 'Prosody XMPP',
  match: {
    comm: ['prosody', 'lua'],
    commandLine: [/(^|[\s/])prosody(\s|$)/],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 128, rule: 'network_settings.tcp_backlog, 128 when unset' },
  config: {
    configurable: true,
    directive: 'network_settings.tcp_backlog',
    files: ['/etc/prosody/prosody.cfg.lua'],
    example: 'network_settings = { tcp_backlog = 512 }',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'restart', command: 'systemctl restart prosody' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart prosody' },
  note: 'The process shows under the name of the Lua interpreter.',
  verified: 'strace',
};
