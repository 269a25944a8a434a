import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { type Common, type WriterSources, writer } from './sources.ts';

const CONFIG = '/etc/docker/daemon.json';
const UNITS = ['docker.service', 'docker.socket'] as const;
const DROP_INS = '/etc/systemd/system/docker.service.d';
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

/** An option as a flag on the daemon's command line, in a drop-in of its unit. */
function isFlagged(flag: string, sources: WriterSources): boolean {
  return sources
    .names(DROP_INS)
    .some((name) => name.endsWith('.conf') && sources.text(`${DROP_INS}/${name}`)?.includes(flag) === true);
}

/**
 * dockerd sets ip_forward to 1 where it is not, which sets `forwarding` of all interfaces with it. Without
 * communication between containers it has bridges hand their packets to iptables, and without the proxy for published
 * ports it lets loopback addresses be routed on the bridge.
 */
export function docker(sources: WriterSources): readonly OtherWriter[] {
  if (!TRACES.some(sources.has)) return [];
  const enabled =
    UNITS.map(sources.enabledBy).find((link) => link !== null) ??
    (sources.has('/run/docker.sock') ? '/run/docker.sock' : null);
  if (enabled === null) return [];
  const options = optionsIn(sources.text(CONFIG) ?? '');
  const isOff = (name: string) => options.get(name)?.value === false || isFlagged(`--${name}=false`, sources);
  const place = (name: string): Common => {
    const option = options.get(name);
    return option === undefined
      ? { ...COMMON, file: enabled, how: 'default', sure: true }
      : { ...COMMON, file: CONFIG, line: Math.max(option.line, 1), how: 'setting', sure: true };
  };
  return [
    ...(isOff('ip-forward') ? [] : [writer(place('ip-forward'), 'net.ipv4.ip_forward', '1')]),
    ...(isOff('icc')
      ? ['iptables', 'ip6tables'].map((program) =>
          writer(
            { ...place('icc'), sure: program === 'iptables' },
            `net.bridge.bridge-nf-call-${program}`,
            '1',
          ),
        )
      : []),
    ...(isOff('userland-proxy')
      ? [writer({ ...place('userland-proxy'), sure: false }, 'net.ipv4.conf.docker0.route_localnet', '1')]
      : []),
  ];
}
