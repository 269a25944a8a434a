import type { ServerEntry } from '../server-entry.ts';

export const tomcat: ServerEntry = {
  id: 'tomcat',
  name: 'Apache Tomcat (also inside Spring Boot)',
  match: {
    comm: ['java'],
    commandLine: [
      /\borg\.apache\.catalina\.startup\.Bootstrap\b/,
      /(^|[\s/])spring-boot/,
      /(^|\s)org\.springframework\.boot\.loader\./,
    ],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 100, rule: 'acceptCount of the Connector, 100 when unset' },
  config: {
    configurable: true,
    directive: 'acceptCount; server.tomcat.accept-count in Spring Boot',
    files: ['/etc/tomcat*/server.xml'],
    example: '<Connector port="8080" acceptCount="4096"/>',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'restart', command: 'systemctl restart tomcat10' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart tomcat10' },
  note: 'When maxConnections (8192) is reached Tomcat stops accepting, and the accept queue is all that is left.',
  verified: 'strace',
};
