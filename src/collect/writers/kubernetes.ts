import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { kubeProxy } from './kube-proxy.ts';
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
const RANCHER_CONFIGS = ['/etc/rancher/k3s/config.yaml', '/etc/rancher/rke2/config.yaml'] as const;
const FLAG_FILES = [
  '/var/lib/kubelet/kubeadm-flags.env',
  '/etc/default/kubelet',
  '/etc/sysconfig/kubelet',
  '/etc/systemd/system/k3s.service',
  '/etc/systemd/system/k3s-agent.service',
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

/** kernelSysctls() in pkg/agent/syssetup/setup.go of k3s. Those that are not sure hang on IPv6 and on the network plug-in. */
const K3S: readonly (readonly [key: string, sure: boolean])[] = [
  ['net.ipv4.conf.all.forwarding', true],
  ['net.ipv4.conf.default.forwarding', true],
  ['net.ipv6.conf.all.forwarding', false],
  ['net.ipv6.conf.default.forwarding', false],
  ['net.core.devconf_inherit_init_net', false],
  ['net.bridge.bridge-nf-call-iptables', false],
  ['net.bridge.bridge-nf-call-ip6tables', false],
];

function isProtecting(sources: WriterSources): boolean {
  const isSaidIn = (file: string, setting: RegExp) =>
    linesOf(sources.text(file) ?? '').some(({ text }) => setting.test(text));
  return (
    CONFIGS.some((file) => isSaidIn(file, /^protectKernelDefaults:\s*true\b/)) ||
    RANCHER_CONFIGS.some((file) => isSaidIn(file, /^protect-kernel-defaults:\s*["']?true\b/)) ||
    FLAG_FILES.some((file) => isSaidIn(file, /--protect-kernel-defaults(?:=true)?(?:[\s"']|$)/))
  );
}

function ofK3s(enabled: string | null): readonly OtherWriter[] {
  if (enabled === null || !/\/k3s(?:-agent)?\.service$/.test(enabled)) return [];
  const common = { by: 'k3s', file: enabled, when: 'after-loader', how: 'default' } as const;
  return K3S.map(([key, sure]) => writer({ ...common, sure }, key, '1'));
}

/** What the kubelet, k3s around it and kube-proxy set when they start. */
export function kubernetes(sources: WriterSources): readonly OtherWriter[] {
  if (!TRACES.some(sources.has)) return [];
  const enabled = UNITS.map(sources.enabledBy).find((link) => link !== null) ?? null;
  const file = CONFIGS.find(sources.has) ?? enabled;
  const others = [...ofK3s(enabled), ...kubeProxy(file, sources)];
  // With protectKernelDefaults it refuses to start instead.
  if (file === null || isProtecting(sources)) return others;
  // RKE2 has profiles under which its kubelet is told so.
  const sure = enabled !== null && !/\/rke2-\w+\.service$/.test(enabled);
  const common: Common = { by: 'kubelet', file, when: 'after-loader', how: 'default', sure };
  return [...KUBELET.map(([key, value]) => writer(common, key, value)), ...others];
}
