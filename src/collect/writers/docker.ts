import { valueOr } from '../../core/fact.ts';
import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { unitReader } from '../backlog/unit-files.ts';
import { type Common, interfaceKey, type WriterSources, writer } from './sources.ts';

const CONFIG = '/etc/docker/daemon.json';
const UNITS = ['docker.service', 'docker.socket'] as const;
/** Where nothing of it is there, nobody has to look whether it is enabled. */
const TRACES = ['/run/docker.sock', '/usr/bin/dockerd', '/etc/docker', '/var/lib/docker'];
const COMMON = { by: 'docker', when: 'after-loader' } as const;

type Option = { readonly value: unknown; readonly line: number };

/** Options of daemon.json with the line of each; what is no JSON has none, and dockerd does not start with it. */
function optionsIn(text: string): ReadonlyMap<string, Option> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return new Map();
    const lines = text.split('\n');
    const lineOf = (name: string) => lines.findIndex((line) => line.includes(JSON.stringify(name))) + 1;
    return new Map(Object.entries(parsed).map(([name, value]) => [name, { value, line: lineOf(name) }]));
  } catch {
    return new Map();
  }
}

/** Where an administrator replaces or completes the unit, and where its package has it. */
const UNIT_DIRECTORIES = ['/etc/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'];

/** The command line of the daemon: an empty ExecStart= takes back those before it (systemd.service(5)). */
function commandLine({ files, reader }: WriterSources): readonly string[] {
  const unit = valueOr(unitReader(files, reader, UNIT_DIRECTORIES).read('docker.service'), null);
  const starts = (unit?.settings ?? []).filter(({ key }) => key === 'ExecStart').map(({ value }) => value);
  return starts.slice(starts.lastIndexOf('') + 1).flatMap((line) => line.split(/\s+/));
}

/** A flag of the daemon without a value is a switch that is on; null where it has none of that name. */
function flagged(name: string, words: readonly string[]): string | null {
  const flag = words.findLast((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  return flag === undefined ? null : flag.slice(name.length + 3) || 'true';
}

type Switches = {
  isOff(name: string): boolean;
  isOn(name: string): boolean;
  /** Where the option is set, else where the daemon is enabled. */
  place(name: string): Common;
};

function switchesOf(
  options: ReadonlyMap<string, Option>,
  enabled: string,
  words: readonly string[],
): Switches {
  // As strconv.ParseBool() of Go reads them.
  const isFlagged = (name: string, values: RegExp) => values.test(flagged(name, words) ?? '');
  return {
    isOff: (name) => options.get(name)?.value === false || isFlagged(name, /^(?:0|f|false)$/i),
    isOn: (name) => options.get(name)?.value === true || isFlagged(name, /^(?:1|t|true)$/i),
    place: (name) => {
      const option = options.get(name);
      return option === undefined
        ? { ...COMMON, file: enabled, how: 'default', sure: true }
        : { ...COMMON, file: CONFIG, line: Math.max(option.line, 1), how: 'setting', sure: true };
    },
  };
}

/**
 * setupIPv4Forwarding() and setupIPv6Forwarding() in libnetwork/drivers/bridge/setup_ip_forwarding.go: the first bridge
 * network has ip_forward set to 1, which sets `forwarding` of all interfaces with it, and the first with IPv6 its two keys.
 */
function forwarding({ isOff, isOn, place }: Switches, hasBridge: boolean): readonly OtherWriter[] {
  if (isOff('ip-forward')) return [];
  const v4 = { ...place('ip-forward'), sure: hasBridge };
  const v6 = { ...place('ipv6'), sure: hasBridge };
  return [
    writer(v4, 'net.ipv4.ip_forward', '1'),
    ...(isOn('ipv6')
      ? ['default', 'all'].map((name) => writer(v6, interfaceKey('ipv6', name, 'forwarding'), '1'))
      : []),
  ];
}

/**
 * setupIPv4BridgeNetFiltering() in libnetwork/drivers/bridge/setup_bridgenetfiltering.go: where packets are forwarded
 * and iptables is used, without communication between containers, and in newer versions without the userland proxy.
 */
function filtering({ isOff, place }: Switches, hasBridge: boolean): readonly OtherWriter[] {
  const option = ['icc', 'userland-proxy'].find(isOff);
  if (option === undefined || isOff('iptables')) return [];
  const sure = option === 'icc' && hasBridge && !isOff('ip-forward');
  return ['iptables', 'ip6tables'].map((program) =>
    writer(
      { ...place(option), sure: sure && program === 'iptables' },
      `net.bridge.bridge-nf-call-${program}`,
      '1',
    ),
  );
}

/** What dockerd sets for the bridge that it makes at its start. */
export function docker(sources: WriterSources): readonly OtherWriter[] {
  if (!TRACES.some(sources.has)) return [];
  const enabled =
    UNITS.map(sources.enabledBy).find((link) => link !== null) ??
    (sources.has('/run/docker.sock') ? '/run/docker.sock' : null);
  if (enabled === null) return [];
  const options = optionsIn(sources.text(CONFIG) ?? '');
  const words = commandLine(sources);
  const switches = switchesOf(options, enabled, words);
  const bridge = String(options.get('bridge')?.value ?? flagged('bridge', words) ?? 'docker0');
  const hasBridge = bridge !== 'none';
  return [
    ...forwarding(switches, hasBridge),
    ...filtering(switches, hasBridge),
    // setupLoopbackAddressesRouting() in libnetwork/drivers/bridge/setup_ipv4_linux.go.
    ...(switches.isOff('userland-proxy') && hasBridge
      ? [
          writer(
            { ...switches.place('userland-proxy'), sure: false },
            interfaceKey('ipv4', bridge, 'route_localnet'),
            '1',
          ),
        ]
      : []),
  ];
}
