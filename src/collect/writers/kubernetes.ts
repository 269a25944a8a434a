import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { type Common, linesOf, type WriterSources, writer } from './sources.ts';

/** The kubelet, and servers that have it built in. */
const UNITS = [
  'kubelet.service',
  'k3s.service',
  'k3s-agent.service',
  'rke2-server.service',
  'rke2-agent.service',
] as const;
const CONFIGS = [
  '/var/lib/kubelet/config.yaml',
  '/etc/kubernetes/kubelet.conf.yaml',
  '/etc/kubernetes/kubelet-config.yaml',
] as const;
const FLAG_FILES = [
  '/var/lib/kubelet/kubeadm-flags.env',
  '/etc/default/kubelet',
  '/etc/sysconfig/kubelet',
] as const;
const PROXY_CONFIGS = [
  '/var/lib/kube-proxy/kube-proxy-config.yaml',
  '/var/lib/kube-proxy/config.conf',
  '/etc/kubernetes/kube-proxy.yaml',
] as const;

/** Where nothing of them is there, nobody has to look whether they are enabled. */
const TRACES = [
  '/var/lib/kubelet',
  '/etc/kubernetes',
  '/usr/bin/kubelet',
  '/var/lib/kube-proxy',
  '/var/lib/rancher',
  '/usr/local/bin/k3s',
];

/** setupKernelTunables() in pkg/kubelet/cm/container_manager_linux.go. */
const KUBELET: readonly (readonly [key: string, value: string])[] = [
  ['vm.overcommit_memory', '1'],
  ['vm.panic_on_oom', '0'],
  ['kernel.panic', '10'],
  ['kernel.panic_on_oops', '1'],
  ['kernel.keys.root_maxkeys', '1000000'],
  ['kernel.keys.root_maxbytes', '25000000'],
];

const MAX = 'net.netfilter.nf_conntrack_max';
const ESTABLISHED = 'net.netfilter.nf_conntrack_tcp_timeout_established';
const CLOSE_WAIT = 'net.netfilter.nf_conntrack_tcp_timeout_close_wait';

function isProtecting(sources: WriterSources): boolean {
  const inConfig = CONFIGS.some((file) =>
    linesOf(sources.text(file) ?? '').some(({ text }) => /^protectKernelDefaults:\s*true\b/.test(text)),
  );
  return (
    inConfig ||
    FLAG_FILES.some((file) => /--protect-kernel-defaults(?:=true)?(?:\s|"|$)/.test(sources.text(file) ?? ''))
  );
}

/** `24h0m0s` in seconds, `1h`, `0s`; null for anything else. */
function seconds(duration: string): string | null {
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(duration);
  if (parts === null || duration === '') return null;
  const [, hours = '0', minutes = '0', rest = '0'] = parts;
  return String(Number(hours) * 3600 + Number(minutes) * 60 + Number(rest));
}

/** Keys of `conntrack:` in its configuration; 0 leaves a value alone. It raises a value, and never lowers one. */
function ofProxyConfig(file: string, text: string): readonly OtherWriter[] {
  return linesOf(text).flatMap(({ text: content, line }): readonly OtherWriter[] => {
    const [, name = '', value = ''] = /^(\w+):\s*["']?([\w]+)["']?$/.exec(content) ?? [];
    const common: Common = { by: 'kube-proxy', file, line, when: 'after-loader', how: 'setting', sure: true };
    const raised = (key: string, to: string | null): readonly OtherWriter[] =>
      to === '0' ? [] : [{ ...writer(common, key, to), relation: 'at-least' }];
    if (name === 'min' && /^\d+$/.test(value)) return raised(MAX, value);
    if (name === 'tcpEstablishedTimeout') return raised(ESTABLISHED, seconds(value));
    return name === 'tcpCloseWaitTimeout' ? raised(CLOSE_WAIT, seconds(value)) : [];
  });
}

/**
 * Most clusters run it in a pod, whose configuration is nowhere on the host. Without one it raises the table to 32,768
 * entries a CPU and the two timeouts to 24 hours and one.
 */
function ofProxyInPod(file: string): readonly OtherWriter[] {
  const common: Common = { by: 'kube-proxy', file, when: 'after-loader', how: 'default', sure: false };
  return [
    { ...writer(common, MAX, null), relation: 'at-least' },
    { ...writer(common, ESTABLISHED, '86400'), relation: 'at-least' },
    { ...writer(common, CLOSE_WAIT, '3600'), relation: 'at-least' },
  ];
}

function ofProxy(kubelet: string | null, sources: WriterSources): readonly OtherWriter[] {
  const config = PROXY_CONFIGS.find(sources.has);
  if (config !== undefined) return ofProxyConfig(config, sources.text(config) ?? '');
  return kubelet === null ? [] : ofProxyInPod(kubelet);
}

/** What the kubelet and kube-proxy set when they start. */
export function kubernetes(sources: WriterSources): readonly OtherWriter[] {
  if (!TRACES.some(sources.has)) return [];
  const enabled = UNITS.map(sources.enabledBy).find((link) => link !== null) ?? null;
  const file = CONFIGS.find(sources.has) ?? enabled;
  const proxied = ofProxy(file, sources);
  // With protectKernelDefaults it refuses to start instead.
  if (file === null || isProtecting(sources)) return proxied;
  const sure = enabled !== null;
  const common: Common = { by: 'kubelet', file, when: 'after-loader', how: 'default', sure };
  return [...KUBELET.map(([key, value]) => writer(common, key, value)), ...proxied];
}
