import type { Capture, ListenerFacts, NamespaceFacts, Scenario } from '../fixtures/scenarios/scenario.ts';
import { allListeners, mapListeners, mapNamespaces, renamed } from './rename.ts';
import { scaled } from './scale.ts';

/** The arbitrary part of a variant. */
export type Dice = {
  readonly factor: number;
  readonly shift: number;
  readonly word: string;
  readonly order: number;
};

/**
 * The same situation told otherwise: what the audit must say follows from what it must say of the original.
 * null where the variant makes no sense of a scenario, or would change its meaning.
 */
export type Variant = {
  readonly name: string;
  readonly of: (scenario: Scenario, dice: Dice) => Scenario | null;
};

const LOCAL = /^(.*):(\d+)( #\d+)?$/;

function otherPort(local: string, shift: number): string {
  const [, address, port, nth = ''] = LOCAL.exec(local) ?? [];
  return `${address}:${1024 + ((Number(port) * 31 + shift) % 60_000)}${nth}`;
}

function otherPorts(scenario: Scenario, { shift }: Dice): Scenario | null {
  if (allListeners(scenario).length === 0) return null;
  return renamed(scenario, {
    local: ({ protocol, local }) =>
      protocol === 'tcp' ? otherPort(local, shift) : `/run/other-${shift}${local}`,
    process: (name) => name,
  });
}

/** Programs that no list knows; a name may hold any byte but NUL. */
function otherNames(scenario: Scenario, { word, shift }: Dice): Scenario | null {
  const known = allListeners(scenario).some(({ server }) => server !== undefined);
  if (known || allListeners(scenario).length === 0) return null;
  return renamed(scenario, {
    local: ({ local }) => local,
    process: (name) => `z${word}${(name.length + shift) % 100}`.slice(0, 15),
  });
}

function onIpv6(scenario: Scenario): Scenario | null {
  if (!allListeners(scenario).some(({ protocol }) => protocol === 'tcp')) return null;
  return renamed(scenario, {
    local: ({ protocol, local }) =>
      protocol === 'tcp' ? local.replace(/^(?:\*|[\d.]+):/, '[2001:db8::7]:') : local,
    process: (name) => name,
  });
}

function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const at = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(at), ...items.slice(0, at)].toReversed();
}

function otherOrder(scenario: Scenario, { order }: Dice): Scenario | null {
  if (allListeners(scenario).length < 2) return null;
  return mapNamespaces(scenario, (namespace) => ({
    ...namespace,
    listeners: rotated(namespace.listeners ?? [], order),
  }));
}

function withBystander(scenario: Scenario, bystander: ListenerFacts): Scenario {
  const grown = mapNamespaces(scenario, (namespace, index) =>
    index > 0 ? namespace : { ...namespace, listeners: [bystander, ...(namespace.listeners ?? [])] },
  );
  return {
    ...grown,
    expect: {
      ...scenario.expect,
      diagnosis: [...scenario.expect.diagnosis, { sign: 'spares-listener', local: bystander.local }],
    },
  };
}

function aUnixBystander(scenario: Scenario, { shift }: Dice): Scenario {
  return withBystander(scenario, {
    protocol: 'unix',
    local: `/run/by\nstander-${shift}.sock`,
    process: 'bystander',
    requested: 64,
    length: 0,
    limit: 64,
  });
}

/** Counters say only that some listener overflowed: a second one is a bystander only where another one is seen full. */
function isToldApart({ facts: { namespaces } }: Scenario): boolean {
  const [{ listeners = [], increases = {}, sinceBoot = {} }] = namespaces;
  const overflows = (increases.ListenOverflows ?? 0) + (sinceBoot.ListenOverflows ?? 0);
  return (
    overflows === 0 || listeners.some(({ protocol, length, limit }) => protocol === 'tcp' && length > limit)
  );
}

function aTcpBystander(scenario: Scenario, { shift }: Dice): Scenario | null {
  if (!isToldApart(scenario)) return null;
  return withBystander(scenario, {
    protocol: 'tcp',
    local: `127.0.0.2:${1024 + (shift % 60_000)}`,
    process: 'bystander',
    requested: 64,
    length: 0,
    limit: 64,
  });
}

function irrelevantSysctls(scenario: Scenario, { shift }: Dice): Scenario {
  return mapNamespaces(scenario, (namespace) => ({
    ...namespace,
    sysctls: {
      ...namespace.sysctls,
      'net.ipv4.ip_default_ttl': 64,
      'net.ipv4.conf.lo.rp_filter': 0,
      [`net.ipv4.neigh.eth${shift}.delay_first_probe_time`]: 5,
    },
  }));
}

function irrelevantCounters(scenario: Scenario, { shift }: Dice): Scenario {
  return mapNamespaces(scenario, (namespace) =>
    namespace.increases === undefined
      ? namespace
      : {
          ...namespace,
          increases: { ...namespace.increases, TCPTimeouts: shift, TCPBacklogDrop: 3, DelayedACKs: 900 },
        },
  );
}

const IS_SYSCTL_FILE = /\/sysctl\.d\/|\/sysctl\.conf$/;

/** Neither comments nor keys that nobody asked about change anything. */
function busierFiles(scenario: Scenario, { shift }: Dice): Scenario | null {
  const { files } = scenario.facts;
  if (files === undefined) return null;
  const busier = files.map((file) =>
    IS_SYSCTL_FILE.test(file.path)
      ? {
          ...file,
          text: `# by hand, ${shift}\n\n; old = 1\nkernel.panic = ${shift}\n  ${file.text}\n# end\n`,
        }
      : file,
  );
  const other = { path: `/etc/sysctl.d/${shift % 89}-other.conf`, text: 'kernel.sysrq = 1\n' };
  return { ...scenario, facts: { ...scenario.facts, files: [...busier, other] } };
}

const HEALTHY: Omit<NamespaceFacts, 'environment'> = {
  sysctls: { 'net.core.somaxconn': 4096, 'net.ipv4.tcp_syncookies': 1 },
  listeners: [
    { protocol: 'tcp', local: '127.0.0.3:4999', process: 'neighbour', requested: 64, length: 0, limit: 64 },
  ],
  increases: { ListenOverflows: 0, ListenDrops: 0 },
};

function aHealthyNeighbour(scenario: Scenario): Scenario | null {
  const [first, ...others] = scenario.facts.namespaces;
  if (others.length > 0) return null;
  const environment = first.environment === 'host' ? 'container' : 'host';
  return {
    ...scenario,
    facts: { ...scenario.facts, namespaces: [first, { ...HEALTHY, environment }] },
    expect: {
      ...scenario.expect,
      diagnosis: [...scenario.expect.diagnosis, { sign: 'spares-listener', local: '127.0.0.3:4999' }],
    },
  };
}

function captured(how: Capture) {
  return (scenario: Scenario): Scenario => ({
    ...scenario,
    facts: { ...scenario.facts, capture: { ...scenario.facts.capture, ...how } },
  });
}

function reversedNamespaces(scenario: Scenario): Scenario | null {
  return scenario.facts.namespaces.length < 2 ? null : captured({ namespaceOrder: 'reversed' })(scenario);
}

function laterServers(scenario: Scenario): Scenario | null {
  if (!allListeners(scenario).some(({ server, process }) => server === undefined && process !== null))
    return null;
  return mapListeners(scenario, (listener) => ({
    ...listener,
    ...(listener.server === undefined && listener.process !== null ? { server: listener.process } : {}),
  }));
}

/** As systemd calls them, and with no state told. */
function unitNames(scenario: Scenario): Scenario | null {
  const { services } = scenario.facts;
  if (services === undefined || services.some(({ requested }) => requested === undefined)) return null;
  const unit = (name: string) => `${name}.service`;
  return {
    ...scenario,
    facts: {
      ...scenario.facts,
      services: services.map(({ name, state: _state, ...rest }) => ({ ...rest, name: unit(name) })),
    },
    expect: {
      ...scenario.expect,
      diagnosis: scenario.expect.diagnosis.map((sign) =>
        sign.sign === 'names-service' ? { ...sign, name: unit(sign.name) } : sign,
      ),
    },
  };
}

function loadedBy(loader: 'systemd' | 'procps') {
  return (scenario: Scenario): Scenario | null =>
    scenario.facts.files === undefined ? null : { ...scenario, facts: { ...scenario.facts, loader } };
}

/** A program that was not recognised goes by its process's name. */
function unknownServers(scenario: Scenario): Scenario | null {
  const processes = new Map(
    allListeners(scenario).flatMap(({ server, process }) =>
      server === undefined || process === null ? [] : [[server, process] as const],
    ),
  );
  if (processes.size === 0) return null;
  const unrecognised = mapListeners(scenario, ({ server: _server, ...rest }) => rest);
  return renamed(unrecognised, {
    local: ({ local }) => local,
    process: (name) => processes.get(name) ?? name,
  });
}

export const VARIANTS: readonly Variant[] = [
  { name: 'other ports and paths', of: otherPorts },
  { name: 'unknown program names', of: otherNames },
  { name: 'servers not recognised while collecting', of: unknownServers },
  { name: 'servers of a later version of ours', of: laterServers },
  { name: 'units instead of services', of: unitNames },
  { name: 'systemd-sysctl as the loader', of: loadedBy('systemd') },
  { name: 'procps as the loader', of: loadedBy('procps') },
  { name: 'IPv6 addresses', of: onIpv6 },
  { name: 'another order of listeners', of: otherOrder },
  { name: 'a unix bystander', of: aUnixBystander },
  { name: 'a TCP bystander', of: aTcpBystander },
  { name: 'irrelevant sysctls', of: irrelevantSysctls },
  { name: 'irrelevant counters', of: irrelevantCounters },
  { name: 'busier files', of: busierFiles },
  { name: 'a healthy neighbour namespace', of: aHealthyNeighbour },
  { name: 'scaled numbers', of: (scenario, { factor }) => scaled(scenario, factor) },
  { name: 'a longer sample', of: captured({ sampleSeconds: 600 }) },
  { name: 'counters from zero', of: captured({ counterBase: 0 }) },
  { name: 'counters from far up', of: captured({ counterBase: 4_000_000_000 }) },
  { name: 'no socket details', of: captured({ socketDetails: false }) },
  { name: 'no origin of backlogs', of: captured({ backlogOrigin: false }) },
  { name: 'environment told by the namespace', of: captured({ environmentOf: 'namespace' }) },
  { name: 'namespaces in another order', of: reversedNamespaces },
];
