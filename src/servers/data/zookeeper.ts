import type { ServerEntry } from '../server-entry.ts';

export const zookeeper: ServerEntry = {
  id: 'zookeeper',
  name: 'Apache ZooKeeper',
  match: {
    comm: ['java'],
    commandLine: [/org\.apache\.zookeeper\.server\.quorum\.QuorumPeerMain/],
    specificity: 'exact',
  },
  defaultBacklog: {
    kind: 'fixed',
    value: 50,
    rule: 'clientPortListenBacklog; -1, the default, means 50 in the JDK',
  },
  config: {
    configurable: true,
    directive: 'clientPortListenBacklog',
    files: ['/etc/zookeeper/conf/zoo.cfg'],
    example: 'clientPortListenBacklog=1024',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'restart', command: 'systemctl restart zookeeper' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart zookeeper' },
  note: null,
  verified: 'docs',
};
