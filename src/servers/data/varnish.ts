import type { ServerEntry } from '../server-entry.ts';

export const varnish: ServerEntry = {
  id: 'varnish',
  name: 'Varnish Cache',
  match: {
    comm: ['varnishd', 'cache-main'],
    commandLine: [],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 1024, rule: 'parameter listen_depth, 1024 when unset' },
  backlogFlags: ['listen_depth='],
  config: {
    configurable: true,
    directive: '-p listen_depth=N',
    files: ['/etc/default/varnish', '/etc/varnish/varnish.params'],
    example: 'varnishd ... -p listen_depth=4096',
  },
  queues: {
    model: 'shared',
    note: 'The manager binds with 10, then the cache child calls listen() again with listen_depth.',
  },
  configChange: {
    action: 'child-restart',
    command: 'varnishadm param.set listen_depth <N> && varnishadm stop && varnishadm start',
  },
  somaxconnChange: { action: 'child-restart', command: 'varnishadm stop && varnishadm start' },
  note: 'Restarting the child loses the cache. The socket shows under the name cache-main. varnishreload only swaps VCL.',
  verified: 'strace',
};
