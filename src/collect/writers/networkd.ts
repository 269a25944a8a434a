import { valueOr } from '../../core/fact.ts';
import { isAtLeast, type Version } from '../../core/version.ts';
import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { parseUnitFile, type UnitSetting, unitReader } from '../backlog/unit-files.ts';
import { type Common, interfaceKey, startedBy, type WriterSources, writer } from './sources.ts';

const DIRECTORIES = [
  '/etc/systemd/network',
  '/run/systemd/network',
  '/usr/local/lib/systemd/network',
  '/usr/lib/systemd/network',
];
const UNIT = 'systemd-networkd.service';
/** Its directory is there wherever it is installed, and the file once it has run. */
const RUNS = '/run/systemd/netif/state';
const GLOBAL = '/etc/systemd/networkd.conf';

function truth(value: string): boolean | null {
  if (/^(?:1|yes|y|true|t|on)$/i.test(value)) return true;
  return /^(?:0|no|n|false|f|off)$/i.test(value) ? false : null;
}

function asSwitch(value: string): string | null {
  const is = truth(value);
  return is === null ? null : is ? '1' : '0';
}

function asNumber(value: string): string | null {
  return /^\d+$/.test(value) ? value : null;
}

function asPositive(value: string): string | null {
  return value === '0' ? null : asNumber(value);
}

function oneOf(values: Readonly<Record<string, string>>): (value: string) => string | null {
  return (value) => (Object.hasOwn(values, value) ? (values[value] ?? null) : asSwitch(value));
}

type Directive = {
  readonly family: 'ipv4' | 'ipv6';
  readonly variable: string;
  /** The first version of systemd that knows it; left out where every one from 245 on does. */
  readonly since?: number;
  /** null where nothing is written. */
  valueOf(value: string): string | null;
};

const REVERSE_PATH = { no: '0', strict: '1', loose: '2' };
const IGMP = { v1: '1', v2: '2', v3: '3' };

/**
 * Directives of [Network] with the interface's variable that each sets, and since when (systemd.network(5),
 * link_set_sysctl() in src/network/networkd-sysctl.c).
 */
const DIRECTIVES: ReadonlyMap<string, Directive> = new Map([
  ['IPv4Forwarding', { family: 'ipv4', variable: 'forwarding', since: 256, valueOf: asSwitch }],
  ['IPv6Forwarding', { family: 'ipv6', variable: 'forwarding', since: 256, valueOf: asSwitch }],
  ['IPv6DuplicateAddressDetection', { family: 'ipv6', variable: 'dad_transmits', valueOf: asNumber }],
  ['IPv6HopLimit', { family: 'ipv6', variable: 'hop_limit', valueOf: asPositive }],
  ['IPv6MTUBytes', { family: 'ipv6', variable: 'mtu', valueOf: asNumber }],
  ['IPv4ProxyARP', { family: 'ipv4', variable: 'proxy_arp', valueOf: asSwitch }],
  ['ProxyARP', { family: 'ipv4', variable: 'proxy_arp', valueOf: asSwitch }],
  ['IPv4ProxyARPPrivateVLAN', { family: 'ipv4', variable: 'proxy_arp_pvlan', since: 256, valueOf: asSwitch }],
  ['IPv6ProxyNDP', { family: 'ipv6', variable: 'proxy_ndp', valueOf: asSwitch }],
  ['IPv6ProxyNDPAddress', { family: 'ipv6', variable: 'proxy_ndp', valueOf: () => '1' }],
  ['IPv4AcceptLocal', { family: 'ipv4', variable: 'accept_local', since: 246, valueOf: asSwitch }],
  ['IPv4RouteLocalnet', { family: 'ipv4', variable: 'route_localnet', since: 248, valueOf: asSwitch }],
  [
    'IPv4ReversePathFilter',
    { family: 'ipv4', variable: 'rp_filter', since: 255, valueOf: oneOf(REVERSE_PATH) },
  ],
  [
    'MulticastIGMPVersion',
    { family: 'ipv4', variable: 'force_igmp_version', since: 257, valueOf: oneOf(IGMP) },
  ],
]);

const PRIVACY = { 'prefer-public': '1', yes: '2', true: '2', on: '2', '1': '2' };

type Place = Pick<Common, 'by' | 'when' | 'sure'>;

type Written = { readonly setting: UnitSetting; readonly how: 'setting' };

function at(place: Place, { setting, how }: Written): Common {
  return { ...place, how, file: setting.file, line: setting.line };
}

/** What an older systemd does not know it passes over; whether a version that nobody knows does is not certain. */
function since(
  first: number | undefined,
  version: Version | null,
  writers: readonly OtherWriter[],
): readonly OtherWriter[] {
  if (first === undefined) return writers;
  if (version === null) return writers.map((each) => ({ ...each, sure: false }));
  return isAtLeast(version, [first], [first]) ? writers : [];
}

const FAMILIES = ['ipv4', 'ipv6'] as const;
type Family = (typeof FAMILIES)[number];
const FORWARDING = { ipv4: 'net.ipv4.ip_forward', ipv6: 'net.ipv6.conf.all.forwarding' } as const;

/** Of a directive that is a switch for both families, or names one. */
function isFor(family: Family, value: string): boolean {
  return value === family || value === 'both' || truth(value) === true;
}

/** From there on IPv4Forwarding= and IPv6Forwarding= stand for IPForward=. */
const WITH_FORWARDING = 256;

/**
 * Before systemd 256 it turned forwarding on for the whole host, and never off; from then on it is passed over
 * (config_parse_ip_forward_deprecated() in src/network/networkd-sysctl.c).
 */
function forwarded(setting: UnitSetting, { place, version }: Network): readonly OtherWriter[] {
  if (version !== null && isAtLeast(version, [WITH_FORWARDING], version)) return [];
  const common = { ...at(place, { setting, how: 'setting' }), sure: false };
  return FAMILIES.filter((family) => isFor(family, setting.value)).map((family) =>
    writer(common, FORWARDING[family], '1'),
  );
}

/** On the link where that itself is told nothing, or in some versions on all (link_get_ip_forwarding()). */
function masqueraded(setting: UnitSetting, name: string, place: Place): readonly OtherWriter[] {
  const common = { ...at(place, { setting, how: 'setting' }), sure: false };
  // As a switch it is for IPv4.
  const value = truth(setting.value) === true ? 'ipv4' : setting.value;
  return FAMILIES.filter((family) => isFor(family, value)).flatMap((family) =>
    [interfaceKey(family, name, 'forwarding'), FORWARDING[family]].map((key) => writer(common, key, '1')),
  );
}

type Network = {
  readonly settings: readonly UnitSetting[];
  /** The main file, without its drop-ins. */
  readonly file: string;
  readonly name: string;
  readonly place: Place;
  /** IPv6PrivacyExtensions= of networkd.conf. */
  readonly privacy: UnitSetting | undefined;
  /** Of systemd; null where it is not known. */
  readonly version: Version | null;
};

/** What networkd sets of every interface that it manages, whatever the file says of it. */
function always({ settings, file, name, place, privacy: ofAll }: Network): readonly OtherWriter[] {
  const last = (key: string) => settings.findLast((each) => each.section === 'Network' && each.key === key);
  const from = (setting: UnitSetting | undefined, sure = true): Common => ({
    ...(setting === undefined ? { ...place, how: 'default', file } : at(place, { setting, how: 'setting' })),
    sure: place.sure && sure,
  });
  const privacy = last('IPv6PrivacyExtensions') ?? ofAll;
  const written = privacy?.value ?? 'no';
  return [
    // Older versions set it where they ask for addresses by DHCP alone.
    writer(
      from(undefined, isFor('ipv4', last('DHCP')?.value ?? 'no')),
      interfaceKey('ipv4', name, 'promote_secondaries'),
      '1',
    ),
    // It answers router advertisements itself, or ignores them: either way the kernel must not.
    writer(from(last('IPv6AcceptRA')), interfaceKey('ipv6', name, 'accept_ra'), '0'),
    ...(written === 'kernel'
      ? []
      : [writer(from(privacy), interfaceKey('ipv6', name, 'use_tempaddr'), oneOf(PRIVACY)(written))]),
    ...enabledIpv6(last, from, name),
  ];
}

/** link_update_ipv6_sysctl(): not for ports, nor where the link has no address of IPv6 at all (link_ipv6_enabled()). */
function enabledIpv6(
  last: (key: string) => UnitSetting | undefined,
  from: (setting: UnitSetting | undefined, sure: boolean) => Common,
  name: string,
): readonly OtherWriter[] {
  if (['Bond', 'Bridge'].some((key) => last(key) !== undefined)) return [];
  // By default all but some kinds of links have one, and the file does not tell the kind.
  const linkLocal = last('LinkLocalAddressing');
  const sure = linkLocal !== undefined && isFor('ipv6', linkLocal.value);
  return [writer(from(linkLocal, sure), interfaceKey('ipv6', name, 'disable_ipv6'), '0')];
}

/** The names that [Match] gives; `*` for all that it does not tell. */
function matchedNames(settings: readonly UnitSetting[]): {
  readonly names: readonly string[];
  readonly exact: boolean;
} {
  const match = settings.filter(({ section }) => section === 'Match');
  const names = match.filter(({ key }) => key === 'Name').flatMap(({ value }) => value.split(/\s+/));
  const isPlain = match.every(({ key }) => key === 'Name') && !names.some((name) => /^!|[?[]/.test(name));
  const told = names.filter((name) => name !== '' && !/^!|[?[]/.test(name));
  return { names: told.length === 0 ? ['*'] : told, exact: isPlain && names.length > 0 };
}

function ofInterface(network: Network): readonly OtherWriter[] {
  const { settings, name, place, version } = network;
  return [
    ...always(network),
    ...settings.flatMap((setting): readonly OtherWriter[] => {
      if (setting.section !== 'Network') return [];
      if (setting.key === 'IPForward') return forwarded(setting, network);
      if (setting.key === 'IPMasquerade') return masqueraded(setting, name, place);
      const directive = DIRECTIVES.get(setting.key);
      const value = directive?.valueOf(setting.value) ?? null;
      if (directive === undefined || value === null) return [];
      const key = interfaceKey(directive.family, name, directive.variable);
      return since(directive.since, version, [writer(at(place, { setting, how: 'setting' }), key, value)]);
    }),
  ];
}

function mainFile(name: string, { has }: WriterSources): string {
  return `${DIRECTORIES.find((directory) => has(`${directory}/${name}`)) ?? DIRECTORIES[0]}/${name}`;
}

/** Of [Network] in networkd.conf and its drop-ins. */
function globalSettings(sources: WriterSources): readonly UnitSetting[] {
  const directory = `${GLOBAL}.d`;
  const files = [GLOBAL, ...sources.names(directory).map((name) => `${directory}/${name}`)];
  return files
    .flatMap((file) => parseUnitFile(sources.text(file) ?? '', file))
    .filter(({ section }) => section === 'Network');
}

/** IPv4Forwarding= and IPv6Forwarding= of networkd.conf are for all interfaces (manager_set_ip_forwarding()). */
function globals(settings: readonly UnitSetting[], version: Version | null): readonly OtherWriter[] {
  const place = { by: 'systemd-networkd', when: 'after-loader', sure: true } as const;
  return settings.flatMap((setting): readonly OtherWriter[] => {
    const family = /^IPv([46])Forwarding$/.exec(setting.key)?.[1];
    const value = asSwitch(setting.value);
    if (family === undefined || value === null) return [];
    const common = at(place, { setting, how: 'setting' });
    const writers = ['all', 'default'].map((name) =>
      writer(common, interfaceKey(family === '4' ? 'ipv4' : 'ipv6', name, 'forwarding'), value),
    );
    return since(WITH_FORWARDING, version, writers);
  });
}

/** Where the host's own .network files are, and those that netplan makes. What systemd ships is for its own containers. */
const OWN = DIRECTORIES.slice(0, 2);

/** systemd-networkd sets variables of each link that a .network file manages, after the loader has run. */
export function networkd(sources: WriterSources): readonly OtherWriter[] {
  const settings = globalSettings(sources);
  const isConfigured = OWN.some((directory) => sources.names(directory).length > 0);
  if (!isConfigured && settings.length === 0) return [];
  const start = sources.startsAtBoot(UNIT, RUNS);
  if (start === null) return [];
  const privacy = settings.findLast(({ key }) => key === 'IPv6PrivacyExtensions');
  const version = sources.systemdVersion();
  return startedBy(start, [...globals(settings, version), ...ofLinks(sources, { privacy, version })]);
}

function ofLinks(
  sources: WriterSources,
  ofAll: Pick<Network, 'privacy' | 'version'>,
): readonly OtherWriter[] {
  const units = unitReader(sources.files, sources.reader, DIRECTORIES);
  // The first file whose [Match] fits manages the link, so names that an earlier one may have taken are not certain.
  const taken = new Set<string>();
  return units.names('.network').flatMap((file): readonly OtherWriter[] => {
    const settings = valueOr(units.read(file), null)?.settings ?? [];
    if (isUnmanaged(settings)) return [];
    const { names, exact } = matchedNames(settings);
    return names.flatMap((name) => {
      const sure = exact && !taken.has(name) && ![...taken].some((each) => each.includes('*'));
      taken.add(name);
      const place = { by: 'systemd-networkd', when: 'after-loader', sure } as const;
      return ofInterface({ settings, file: mainFile(file, sources), name, place, ...ofAll });
    });
  });
}

function isUnmanaged(settings: readonly UnitSetting[]): boolean {
  return settings.some(
    ({ section, key, value }) => section === 'Link' && key === 'Unmanaged' && truth(value) === true,
  );
}
