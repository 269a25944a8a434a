import type { ServerEntry } from '../server-entry.ts';

export const grpcJava: ServerEntry = {
  id: 'grpc-java',
  name: 'gRPC Java (Netty transport)',
  match: {
    comm: ['java'],
    commandLine: [/(^|\s)io\.grpc\./],
    specificity: 'exact',
  },
  defaultBacklog: { kind: 'fixed', value: 128, rule: 'SO_BACKLOG 128, set by NettyServer' },
  config: {
    configurable: true,
    directive: 'NettyServerBuilder.withOption(ChannelOption.SO_BACKLOG, n)',
    files: [],
    example: 'builder.withOption(ChannelOption.SO_BACKLOG, 4096)',
  },
  queues: { model: 'shared', note: null },
  configChange: { action: 'code-change+restart', command: 'systemctl restart <unit>' },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: 'Less than plain Netty asks for.',
  verified: 'source',
};
