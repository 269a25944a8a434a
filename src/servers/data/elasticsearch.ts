import type { ServerEntry } from '../server-entry.ts';

export const elasticsearch: ServerEntry = {
  id: 'elasticsearch',
  name: 'Elasticsearch / OpenSearch',
  match: {
    comm: ['java'],
    commandLine: [
      /org\.elasticsearch\.bootstrap/,
      /org\.opensearch\.bootstrap/,
      /org\.elasticsearch\.server/,
    ],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'follows-somaxconn', rule: 'somaxconn as Netty read it at start' },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: 'One socket per bound address for each of 9200 and 9300.' },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart elasticsearch' },
  note: null,
  verified: 'source',
};
