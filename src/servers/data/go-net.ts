import type { ServerEntry } from '../server-entry.ts';

export const goNet: ServerEntry = {
  id: 'go-net',
  name: 'Go program (net.Listen)',
  match: {
    comm: [
      'cockroach',
      'consul',
      'containerd',
      'coredns',
      'dockerd',
      'grafana',
      'grafana-server',
      'influxd',
      'k3s-server',
      'kube-apiserver',
      'kube-controller-manager',
      'kube-proxy',
      'kube-scheduler',
      'kubelet',
      'minio',
      'vault',
    ],
    commandLine: [],
    specificity: 'fallback',
  },
  defaultBacklog: {
    kind: 'follows-somaxconn',
    rule: 'reads /proc/sys/net/core/somaxconn at its first listen() and keeps that number; 128 where it cannot be read, at most 65535 on kernels before 4.1',
  },
  config: {
    configurable: false,
    directive: null,
    files: [],
    example: null,
  },
  queues: { model: 'shared', note: 'One socket per Listen call.' },
  configChange: { action: 'n/a', command: null },
  somaxconnChange: { action: 'restart', command: 'systemctl restart <unit>' },
  note: 'The number is kept for the life of the process: opening the listener anew inside it is not enough.',
  verified: 'strace',
};
