import type { OtherWriter } from '../../snapshot/other-writer.ts';
import type { Start } from './boot-units.ts';
import { kubeProxy } from './kube-proxy.ts';
import { type Common, linesOf, startedBy, type WriterSources, writer } from './sources.ts';

const KUBELET_UNIT = 'kubelet.service';
/** The kubelet, and servers that have it built in. */
const UNITS = [
  KUBELET_UNIT,
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

type Started = { readonly unit: (typeof UNITS)[number]; readonly start: Start };

/** By one of its units, or perhaps by something else, where it has a configuration here. */
function startOf(sources: WriterSources): Started | null {
  for (const unit of UNITS) {
    const start = sources.startsAtBoot(unit);
    if (start !== null) return { unit, start };
  }
  const start = sources.startsAtBoot(KUBELET_UNIT, CONFIGS.find(sources.has));
  return start === null ? null : { unit: KUBELET_UNIT, start };
}

function ofK3s({ unit, start }: Started): readonly OtherWriter[] {
  if (!unit.startsWith('k3s')) return [];
  const common = { by: 'k3s', file: start.file, when: 'after-loader', how: 'default' } as const;
  return startedBy(
    start,
    K3S.map(([key, sure]) => writer({ ...common, sure }, key, '1')),
  );
}

/** What the kubelet, k3s around it and kube-proxy set when they start. */
export function kubernetes(sources: WriterSources): readonly OtherWriter[] {
  if (!TRACES.some(sources.has)) return [];
  const started = startOf(sources);
  if (started === null) return kubeProxy(null, sources);
  const { unit, start } = started;
  const config = CONFIGS.find(sources.has);
  const file = config ?? start.file;
  const others = [...ofK3s(started), ...kubeProxy(file, sources)];
  // With protectKernelDefaults it refuses to start instead.
  if (isProtecting(sources)) return others;
  // The unit of kubeadm names a configuration without which it ends; RKE2 has profiles that forbid all this.
  const isTold = unit === KUBELET_UNIT ? config !== undefined : unit.startsWith('k3s');
  const common: Common = {
    by: 'kubelet',
    file,
    when: 'after-loader',
    how: 'default',
    sure: start.sure && isTold,
  };
  return [...KUBELET.map(([key, value]) => writer(common, key, value)), ...others];
}
