import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { execLines } from './exec-lines.ts';
import { type Common, interfaceKey, startedBy, type WriterSources, writer } from './sources.ts';

const CONFIG = '/etc/docker/daemon.json';
const UNIT = 'docker.service';
const RUNS = '/run/docker.sock';
/** Where nothing of it is there, nobody has to look whether it is enabled. */
const TRACES = [RUNS, '/usr/bin/dockerd', '/etc/docker', '/var/lib/docker'];
const COMMON = { by: 'docker', when: 'after-loader' } as const;

type Option = { readonly value: unknown; readonly line: number };

type Options = ReadonlyMap<string, Option>;

/** Options of daemon.json with the line of each; null for what is no JSON object: dockerd does not start with it. */
function optionsIn(text: string): Options | null {
  // getConflictFreeConfiguration() in daemon/config/config.go takes both for no options.
  if (/^\s*(?:null\s*)?$/.test(text)) return new Map();
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
    const lines = text.split('\n');
    const lineOf = (name: string) => lines.findIndex((line) => line.includes(JSON.stringify(name))) + 1;
    return new Map(Object.entries(parsed).map(([name, value]) => [name, { value, line: lineOf(name) }]));
  } catch {
    return null;
  }
}

/** The words on the daemon's command line. */
function commandLine(sources: WriterSources): readonly string[] {
  return execLines(sources.unit(UNIT)?.settings ?? [])
    .filter(({ key }) => key === 'ExecStart')
    .flatMap(({ value }) => value.replace(/["']/g, '').split(/\s+/));
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

function switchesOf(options: Options, enabled: string, words: readonly string[]): Switches {
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
  const start = sources.startsAtBoot(UNIT, RUNS);
  if (start === null) return [];
  const text = sources.text(CONFIG) ?? (sources.has(CONFIG) ? null : '');
  const told = text === null ? null : optionsIn(text);
  return told === null
    ? startedBy({ file: CONFIG, sure: false }, ofBridge(new Map(), CONFIG, sources))
    : startedBy(start, ofBridge(told, start.file, sources));
}

/** @param start what starts the daemon, for what it does without being told */
function ofBridge(options: Options, start: string, sources: WriterSources): readonly OtherWriter[] {
  const words = commandLine(sources);
  const switches = switchesOf(options, start, words);
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
