import type { ServerEntry } from '../server-entry.ts';

export const jetty: ServerEntry = {
  id: 'jetty',
  name: 'Eclipse Jetty',
  match: {
    comm: ['java'],
    commandLine: [/(^|\s)org\.eclipse\.jetty\./, /(^|[\s/])start\.jar\b/],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 50, rule: 'acceptQueueSize; 0, the default, means 50 in the JDK' },
  config: {
    configurable: true,
    directive: 'jetty.http.acceptQueueSize; ServerConnector.setAcceptQueueSize',
    files: [],
    example: 'jetty.http.acceptQueueSize=4096',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'restart', command: 'systemctl restart jetty' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart jetty' },
  note: null,
  verified: 'strace',
};
