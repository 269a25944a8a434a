import { valueOr } from '../../core/fact.ts';
import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { parseUnitFile, type UnitSetting, unitReader } from '../backlog/unit-files.ts';
import { type Common, interfaceKey, type WriterSources, writer } from './sources.ts';

const DIRECTORIES = [
  '/etc/systemd/network',
  '/run/systemd/network',
  '/usr/local/lib/systemd/network',
  '/usr/lib/systemd/network',
];
const UNIT = 'systemd-networkd.service';
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

function oneOf(values: Readonly<Record<string, string>>): (value: string) => string | null {
  return (value) => (Object.hasOwn(values, value) ? (values[value] ?? null) : asSwitch(value));
}

type Directive = {
  readonly family: 'ipv4' | 'ipv6';
  readonly variable: string;
  /** null where nothing is written. */
  valueOf(value: string): string | null;
};

const REVERSE_PATH = { no: '0', strict: '1', loose: '2' };
const IGMP = { v1: '1', v2: '2', v3: '3' };

/** Directives of [Network] with the interface's variable that each sets (systemd.network(5)). */
const DIRECTIVES: ReadonlyMap<string, Directive> = new Map([
  ['IPv4Forwarding', { family: 'ipv4', variable: 'forwarding', valueOf: asSwitch }],
  ['IPv6Forwarding', { family: 'ipv6', variable: 'forwarding', valueOf: asSwitch }],
  ['IPv6DuplicateAddressDetection', { family: 'ipv6', variable: 'dad_transmits', valueOf: asNumber }],
  ['IPv6HopLimit', { family: 'ipv6', variable: 'hop_limit', valueOf: asNumber }],
  ['IPv6MTUBytes', { family: 'ipv6', variable: 'mtu', valueOf: asNumber }],
  ['IPv4ProxyARP', { family: 'ipv4', variable: 'proxy_arp', valueOf: asSwitch }],
  ['ProxyARP', { family: 'ipv4', variable: 'proxy_arp', valueOf: asSwitch }],
  ['IPv4ProxyARPPrivateVLAN', { family: 'ipv4', variable: 'proxy_arp_pvlan', valueOf: asSwitch }],
  ['IPv6ProxyNDP', { family: 'ipv6', variable: 'proxy_ndp', valueOf: asSwitch }],
  ['IPv6ProxyNDPAddress', { family: 'ipv6', variable: 'proxy_ndp', valueOf: () => '1' }],
  ['IPv4AcceptLocal', { family: 'ipv4', variable: 'accept_local', valueOf: asSwitch }],
  ['IPv4RouteLocalnet', { family: 'ipv4', variable: 'route_localnet', valueOf: asSwitch }],
  ['IPv4ReversePathFilter', { family: 'ipv4', variable: 'rp_filter', valueOf: oneOf(REVERSE_PATH) }],
  ['MulticastIGMPVersion', { family: 'ipv4', variable: 'force_igmp_version', valueOf: oneOf(IGMP) }],
]);

const PRIVACY = { 'prefer-public': '1', yes: '2', true: '2', on: '2', '1': '2' };

type Place = Pick<Common, 'by' | 'when' | 'sure'>;
type Written = { readonly setting: UnitSetting; readonly how: 'setting' };

function at(place: Place, { setting, how }: Written): Common {
  return { ...place, how, file: setting.file, line: setting.line };
}

/** Before systemd 256 it turned forwarding on for the whole host, and never off. */
function forwarded(setting: UnitSetting, place: Place): readonly OtherWriter[] {
  const { value } = setting;
  const both = truth(value) === true;
  const common = at(place, { setting, how: 'setting' });
  return [
    ...(both || value === 'ipv4' ? [writer(common, 'net.ipv4.ip_forward', '1')] : []),
    ...(both || value === 'ipv6' ? [writer(common, 'net.ipv6.conf.all.forwarding', '1')] : []),
  ];
}

/** What networkd sets of every interface that it manages, whatever the file says of it. */
function always(
  settings: readonly UnitSetting[],
  file: string,
  name: string,
  place: Place,
): readonly OtherWriter[] {
  const last = (key: string) => settings.findLast((each) => each.section === 'Network' && each.key === key);
  const from = (key: string): Common => {
    const setting = last(key);
    return setting === undefined
      ? { ...place, how: 'default', file }
      : at(place, { setting, how: 'setting' });
  };
  const privacy = last('IPv6PrivacyExtensions')?.value ?? 'no';
  return [
    writer({ ...place, how: 'default', file }, interfaceKey('ipv4', name, 'promote_secondaries'), '1'),
    // It answers router advertisements itself, or ignores them: either way the kernel must not.
    writer(from('IPv6AcceptRA'), interfaceKey('ipv6', name, 'accept_ra'), '0'),
    ...(privacy === 'kernel'
      ? []
      : [
          writer(
            from('IPv6PrivacyExtensions'),
            interfaceKey('ipv6', name, 'use_tempaddr'),
            oneOf(PRIVACY)(privacy),
          ),
        ]),
  ];
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

function ofInterface(
  settings: readonly UnitSetting[],
  file: string,
  name: string,
  place: Place,
): readonly OtherWriter[] {
  return [
    ...always(settings, file, name, place),
    ...settings.flatMap((setting): readonly OtherWriter[] => {
      if (setting.section !== 'Network') return [];
      if (setting.key === 'IPForward') return forwarded(setting, place);
      const directive = DIRECTIVES.get(setting.key);
      const value = directive?.valueOf(setting.value) ?? null;
      if (directive === undefined || value === null) return [];
      const key = interfaceKey(directive.family, name, directive.variable);
      return [writer(at(place, { setting, how: 'setting' }), key, value)];
    }),
  ];
}

function mainFile(name: string, { has }: WriterSources): string {
  return `${DIRECTORIES.find((directory) => has(`${directory}/${name}`)) ?? DIRECTORIES[0]}/${name}`;
}

/** IPv4Forwarding= and IPv6Forwarding= of networkd.conf are for all interfaces (systemd 256). */
function globals(sources: WriterSources): readonly OtherWriter[] {
  const directory = `${GLOBAL}.d`;
  const files = [GLOBAL, ...sources.names(directory).map((name) => `${directory}/${name}`)];
  const settings = files.flatMap((file) => {
    const text = sources.text(file) ?? '';
    return text.includes('Forwarding') ? parseUnitFile(text, file) : [];
  });
  const place = { by: 'systemd-networkd', when: 'after-loader', sure: true } as const;
  return settings.flatMap((setting): readonly OtherWriter[] => {
    const family = /^IPv([46])Forwarding$/.exec(setting.key)?.[1];
    const value = asSwitch(setting.value);
    if (family === undefined || setting.section !== 'Network' || value === null) return [];
    const common = at(place, { setting, how: 'setting' });
    return ['all', 'default'].map((name) =>
      writer(common, interfaceKey(family === '4' ? 'ipv4' : 'ipv6', name, 'forwarding'), value),
    );
  });
}

/** Where the host's own .network files are, and those that netplan makes. What systemd ships is for its own containers. */
const OWN = DIRECTORIES.slice(0, 2);

/** systemd-networkd sets variables of each link that a .network file manages, after the loader has run. */
export function networkd(sources: WriterSources): readonly OtherWriter[] {
  const ofAll = globals(sources);
  const isConfigured = OWN.some((directory) => sources.names(directory).length > 0);
  if (!isConfigured && ofAll.length === 0) return [];
  // Its directory in /run is there wherever it is installed, and the file once it has run.
  const runs = sources.has('/run/systemd/netif/state') || sources.enabledBy(UNIT) !== null;
  return runs ? [...ofAll, ...ofLinks(sources)] : [];
}

function ofLinks(sources: WriterSources): readonly OtherWriter[] {
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
      return ofInterface(settings, mainFile(file, sources), name, place);
    });
  });
}

function isUnmanaged(settings: readonly UnitSetting[]): boolean {
  return settings.some(
    ({ section, key, value }) => section === 'Link' && key === 'Unmanaged' && truth(value) === true,
  );
}
