import { valueOr } from '../../core/fact.ts';
import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { onlineCpus } from '../host-facts.ts';
import { type Common, type WriterSources, writer } from './sources.ts';

const UNIT = 'kube-proxy.service';
const CONFIGS = [
  '/var/lib/kube-proxy/kube-proxy-config.yaml',
  '/var/lib/kube-proxy/config.conf',
  '/etc/kubernetes/kube-proxy.yaml',
] as const;

type Entry = { readonly value: string; readonly line: number };
/** By `conntrack.min`; a key of the first level by its name alone. */
type Entries = ReadonlyMap<string, Entry>;

const NOTHING = /^(?:null|~)?$/;

/**
 * The first two levels of a YAML mapping in block style, without what is null. An audit does without the parser of
 * YAML, whose loading costs more than the rest of this.
 */
function entriesIn(text: string): Entries {
  const entries = new Map<string, Entry>();
  let section = '';
  for (const [index, raw] of text.split('\n').entries()) {
    const [, indent = '', name = '', rest = ''] = /^(\s*)(\w+):(?:\s+(.*))?$/.exec(raw.trimEnd()) ?? [];
    const value = rest.replace(/(?:^|\s+)#.*$/, '').replace(/^(["'])(.*)\1$/, '$2');
    if (name !== '' && indent === '') section = name;
    if (name === '' || NOTHING.test(value)) continue;
    entries.set(indent === '' ? name : `${section}.${name}`, { value, line: index + 1 });
  }
  return entries;
}

/** `24h0m0s` in seconds, `1h`, `0s`; null for anything else. */
function seconds(duration: string): string | null {
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(duration);
  if (parts === null || duration === '') return null;
  const [, hours = '0', minutes = '0', rest = '0'] = parts;
  return String(Number(hours) * 3600 + Number(minutes) * 60 + Number(rest));
}

const LEAVES = '0';

/** Durations with their keys and what is set where nothing is said: SetDefaults_KubeProxyConfiguration() in pkg/proxy/apis/config/v1alpha1/defaults.go. */
const TIMEOUTS = [
  ['tcpEstablishedTimeout', 'tcp_timeout_established', '86400'],
  ['tcpCloseWaitTimeout', 'tcp_timeout_close_wait', '3600'],
  ['udpTimeout', 'udp_timeout', LEAVES],
  ['udpStreamTimeout', 'udp_timeout_stream', LEAVES],
] as const;
const ENTRIES_PER_CPU = 32 * 1024;
const LEAST_ENTRIES = 128 * 1024;
/** Some versions stop here, whatever `min` is. */
const MOST_ENTRIES = 1024 * 1024;

/**
 * getConntrackMax() in pkg/proxy/conntrack/sysctls.go, and before that in cmd/kube-proxy/app/server.go: `min` is a
 * bound of what the CPUs make, and nothing by itself. null where it is not known.
 */
function conntrackMax(entries: Entries, cpus: number | null): string | null {
  const perCpu = Number(entries.get('conntrack.maxPerCore')?.value ?? ENTRIES_PER_CPU);
  const least = Number(entries.get('conntrack.min')?.value ?? LEAST_ENTRIES);
  if (perCpu <= 0) return LEAVES;
  const scaled = perCpu * (cpus ?? Number.NaN);
  return scaled <= MOST_ENTRIES && Number.isInteger(least) ? String(Math.max(scaled, least)) : null;
}

/**
 * Some versions only raise a value, and others set it outright: setIntSysCtl() and setSysctls() in
 * pkg/proxy/conntrack/sysctls.go, and before that in cmd/kube-proxy/app/conntrack.go. Certain is what they have in common.
 */
function raised(common: Common, name: string, to: string | null): readonly OtherWriter[] {
  if (to === LEAVES) return [];
  const set = writer({ ...common, sure: false }, `net.netfilter.nf_conntrack_${name}`, to);
  return common.sure && to !== null ? [{ ...set, sure: true, relation: 'at-least' }, set] : [set];
}

function ofConntrack(entries: Entries, common: Common, cpus: number | null): readonly OtherWriter[] {
  // A mapping in flow style is not looked into.
  const sure = common.sure && !entries.has('conntrack');
  const from = (...names: readonly string[]): Common => {
    const entry = names.map((name) => entries.get(`conntrack.${name}`)).find((each) => each !== undefined);
    return entry === undefined
      ? { ...common, sure, how: 'default' }
      : { ...common, sure, how: 'setting', line: entry.line };
  };
  return [
    ...raised(from('maxPerCore', 'min'), 'max', conntrackMax(entries, cpus)),
    ...TIMEOUTS.flatMap(([name, key, otherwise]) => {
      const entry = entries.get(`conntrack.${name}`);
      return raised(from(name), key, entry === undefined ? otherwise : seconds(entry.value));
    }),
    ...(entries.get('conntrack.tcpBeLiberal')?.value === 'true'
      ? [writer(from('tcpBeLiberal'), 'net.netfilter.nf_conntrack_tcp_be_liberal', '1')]
      : []),
  ];
}

/** PrivilegedInit() in pkg/proxy/ipvs, and before that NewProxier() in pkg/proxy/ipvs/proxier.go. */
const IPVS = [
  ['net.ipv4.vs.conntrack', '1'],
  ['net.ipv4.vs.expire_nodest_conn', '1'],
  ['net.ipv4.vs.expire_quiescent_template', '1'],
  ['net.ipv4.ip_forward', '1'],
] as const;
const STRICT_ARP = [
  ['net.ipv4.conf.all.arp_ignore', '1'],
  ['net.ipv4.conf.all.arp_announce', '2'],
] as const;

/** `nftables` sets nothing. */
function ofMode(entries: Entries, common: Common): readonly OtherWriter[] {
  const mode = entries.get('mode');
  const at: Common = mode === undefined ? common : { ...common, how: 'setting', line: mode.line };
  if (mode?.value === 'ipvs') {
    const isStrict = entries.get('ipvs.strictARP')?.value === 'true';
    return [
      ...[...IPVS, ...(isStrict ? STRICT_ARP : [])].map(([key, value]) => writer(at, key, value)),
      // Left alone from Linux 5.9 on.
      writer({ ...at, sure: false }, 'net.ipv4.vs.conn_reuse_mode', '0'),
    ];
  }
  const isIptables = mode === undefined || mode.value === 'iptables';
  const isOff = entries.get('iptables.localhostNodePorts')?.value === 'false';
  // NewProxier() in pkg/proxy/iptables/proxier.go; not where nodePortAddresses leaves loopback out, nor in all versions.
  return isIptables && !isOff
    ? [writer({ ...at, sure: false }, 'net.ipv4.conf.all.route_localnet', '1')]
    : [];
}

function ofEntries(entries: Entries, common: Common, sources: WriterSources): readonly OtherWriter[] {
  const cpus = valueOr(onlineCpus(sources.reader), null);
  return [...ofConntrack(entries, common, cpus), ...ofMode(entries, common)];
}

/**
 * What kube-proxy sets when it starts. Most clusters run it in a pod, whose configuration is nowhere on the host: then
 * it may be what it does by default.
 * @param kubelet the file that tells of the kubelet; null where nothing does
 */
export function kubeProxy(kubelet: string | null, sources: WriterSources): readonly OtherWriter[] {
  const common = { by: 'kube-proxy', when: 'after-loader', how: 'default' } as const;
  for (const file of CONFIGS) {
    const entries = entriesIn(sources.text(file) ?? '');
    if (entries.get('kind')?.value !== 'KubeProxyConfiguration') continue;
    // Its unit, or a pod with that file.
    const start = sources.startsAtBoot(UNIT, file);
    if (start !== null) return ofEntries(entries, { ...common, file, sure: start.sure }, sources);
  }
  return kubelet === null ? [] : ofEntries(new Map(), { ...common, file: kubelet, sure: false }, sources);
}
