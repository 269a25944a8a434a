import type { ServerEntry } from '../server-entry.ts';

export const nginx: ServerEntry = {
  id: 'nginx',
  name: 'nginx (also OpenResty, Angie, Tengine, freenginx)',
  match: {
    comm: ['nginx', 'openresty', 'angie'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 511, rule: '511 on Linux when listen has no backlog=' },
  config: {
    configurable: true,
    directive: 'backlog= parameter of listen',
    files: ['/etc/nginx/nginx.conf', '/etc/nginx/conf.d/*.conf', '/etc/nginx/sites-enabled/*'],
    example: 'listen 0.0.0.0:443 ssl backlog=4096;',
  },
  queues: {
    model: 'shared',
    note: 'The master opens one socket and the workers inherit it: more workers do not lengthen the queue. With reuseport each worker has a socket of its own.',
  },
  configChange: { action: 'reload', command: 'systemctl reload nginx' },
  somaxconnChange: { action: 'reload-only-if-value-changed', command: 'systemctl restart nginx' },
  note: 'A reload calls listen() again only where backlog= differs from the running value: after raising somaxconn alone, change backlog= as well or restart. Removing backlog= and reloading goes back to 511.',
  verified: 'strace',
};
