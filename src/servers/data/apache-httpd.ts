import type { ServerEntry } from '../server-entry.ts';

export const apacheHttpd: ServerEntry = {
  id: 'apache-httpd',
  name: 'Apache HTTP Server 2.4',
  match: {
    comm: ['apache2', 'httpd'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 511, rule: 'ListenBackLog, 511 when unset' },
  config: {
    configurable: true,
    directive: 'ListenBackLog',
    files: [
      '/etc/apache2/apache2.conf',
      '/etc/apache2/ports.conf',
      '/etc/apache2/conf-enabled/*.conf',
      '/etc/httpd/conf/httpd.conf',
    ],
    example: 'ListenBackLog 8192',
  },
  queues: {
    model: 'shared',
    note: 'SO_REUSEPORT is set, yet there is one socket unless ListenCoresBucketsRatio is above 0.',
  },
  configChange: { action: 'restart', command: 'systemctl restart apache2' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart apache2' },
  note: 'Neither a graceful reload nor apachectl -k restart calls listen() again: it takes a stop and a start.',
  verified: 'strace',
};
