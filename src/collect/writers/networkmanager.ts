import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { parseUnitFile, type UnitSetting } from '../backlog/unit-files.ts';
import { type Common, interfaceKey, startedBy, type WriterSources, writer } from './sources.ts';

const UNIT = 'NetworkManager.service';
const RUNS = '/run/NetworkManager';
const DIRECTORIES = [
  '/etc/NetworkManager/system-connections',
  '/run/NetworkManager/system-connections',
  '/usr/lib/NetworkManager/system-connections',
];

/**
 * Variables of IPv6 that it sets on each device it manages, to what the connection and router advertisements ask for:
 * activate_stage3_ip_config(), _commit_mtu() and _dev_addrgenmode6_set() in src/core/devices/nm-device.c, and
 * nm_platform_sysctl_ip_conf_set_ipv6_hop_limit_safe().
 */
const OF_DEVICES = ['disable_ipv6', 'accept_ra', 'use_tempaddr', 'addr_gen_mode', 'hop_limit', 'mtu'];

const COMMON = { by: 'networkmanager', when: 'after-loader' } as const;

function settingIn(settings: readonly UnitSetting[], section: string, key: string): UnitSetting | undefined {
  return settings.findLast((each) => each.section === section && each.key === key);
}

type Connection = {
  readonly settings: readonly UnitSetting[];
  /** `*` where it is for any device. */
  readonly name: string;
  readonly type: string;
  readonly starts: boolean;
};

function connectionIn(file: string, sources: WriterSources): Connection {
  const settings = parseUnitFile(sources.text(file) ?? '', file);
  return {
    settings,
    name: settingIn(settings, 'connection', 'interface-name')?.value ?? '*',
    type: settingIn(settings, 'connection', 'type')?.value ?? '',
    starts: settingIn(settings, 'connection', 'autoconnect')?.value !== 'false',
  };
}

/** The port of a bond or a bridge has no addresses of its own, whatever its file says of them. */
function isPort(settings: readonly UnitSetting[]): boolean {
  return ['master', 'controller'].some((key) => settingIn(settings, 'connection', key) !== undefined);
}

const WITH_IPV6 = /^(?:auto|dhcp|manual|link-local|shared)$/;

function ofIpv6({ settings, name }: Connection, sure: boolean): readonly OtherWriter[] {
  const method = settingIn(settings, 'ipv6', 'method');
  const privacy = settingIn(settings, 'ipv6', 'ip6-privacy');
  const isUsed = WITH_IPV6.test(method?.value ?? 'auto');
  const set = (variable: string, value: string, setting: UnitSetting, isSure: boolean) =>
    writer(from(setting, isSure), interfaceKey('ipv6', name, variable), value);
  return [
    ...(method?.value === 'disabled' ? [set('disable_ipv6', '1', method, sure)] : []),
    // activate_stage3_ip_config(): it answers router advertisements itself. With `ignore` it puts all back as it was.
    ...(method !== undefined && isUsed
      ? [set('accept_ra', '0', method, sure), set('disable_ipv6', '0', method, sure)]
      : []),
    ...(privacy !== undefined && /^[012]$/.test(privacy.value)
      ? [set('use_tempaddr', privacy.value, privacy, sure && isUsed)]
      : []),
    // _dev_ipshared6_start()
    ...(method?.value === 'shared' ? [writer(from(method, false), 'net.ipv6.conf.all.forwarding', '1')] : []),
  ];
}

/** _dev_ipshared4_init(). From 1.54 on it has each of its devices forward, and leaves ip_forward alone. */
const SHARED = ['net.ipv4.ip_forward', 'net.ipv4.ip_dynaddr', interfaceKey('ipv4', '*', 'forwarding')];

function ofIpv4({ settings, name }: Connection, sure: boolean): readonly OtherWriter[] {
  const method = settingIn(settings, 'ipv4', 'method');
  const forwarding = settingIn(settings, 'ipv4', 'forwarding');
  return [
    ...(method?.value === 'shared' ? SHARED.map((key) => writer(from(method, false), key, '1')) : []),
    // From 1.54 on; 2 is what sharing asks for.
    ...(forwarding !== undefined && /^[01]$/.test(forwarding.value)
      ? [writer(from(forwarding, sure), interfaceKey('ipv4', name, 'forwarding'), forwarding.value)]
      : []),
  ];
}

function from({ file, line }: UnitSetting, sure: boolean): Common {
  return { ...COMMON, how: 'setting', file, line, sure };
}

const MAIN = '/etc/NetworkManager/NetworkManager.conf';
const DROP_INS = ['/usr/lib', '/run', '/etc'].map((directory) => `${directory}/NetworkManager/conf.d`);

/** Specifications of devices that one of its files tells it to leave alone (NetworkManager.conf(5)). */
function unmanagedIn(settings: readonly UnitSetting[]): readonly string[] {
  const lists = settings.flatMap(({ section, key, value }) => {
    if (section === 'keyfile' && /^unmanaged-devices\+?$/.test(key)) return [value];
    const isOff = section.startsWith('device') && key === 'managed' && /^(?:0|false|no|off)$/.test(value);
    return isOff ? [settingIn(settings, section, 'match-device')?.value ?? '*'] : [];
  });
  return lists.flatMap((list) => list.split(/[;,]/).map((each) => each.trim()));
}

function unmanagedDevices({ names, text }: WriterSources): readonly string[] {
  const dropIns = DROP_INS.flatMap((directory) =>
    names(directory)
      .filter((name) => name.endsWith('.conf'))
      .map((name) => `${directory}/${name}`),
  );
  return [...dropIns, MAIN].flatMap((file) => unmanagedIn(parseUnitFile(text(file) ?? '', file)));
}

/** Whether a specification may mean the interface: one by address, type or driver may mean any. */
function mayMean(specification: string, name: string): boolean {
  if (specification === '' || specification.startsWith('except:')) return false;
  const said = specification.replace(/^interface-name:=?/, '');
  if (said.includes(':')) return true;
  const [head = '', ...rest] = said.split(/[*?[]/);
  return rest.length === 0 ? said === name : name.startsWith(head);
}

/** Of several connections for one device only one is active. */
function rivals(connection: Connection): (other: Connection) => boolean {
  const { name, type } = connection;
  return (other) =>
    other !== connection &&
    other.starts &&
    (other.name === name || (other.name === '*' && other.type === type));
}

/** Of keyfiles, which hold secrets as well, only what bears on sysctls is looked at (nm-settings-keyfile(5)). */
function ofConnections(files: readonly string[], sources: WriterSources): readonly OtherWriter[] {
  const connections = files.map((file) => connectionIn(file, sources));
  const unmanaged = connections.length === 0 ? [] : unmanagedDevices(sources);
  return connections.flatMap((connection) => {
    const { name, starts, settings } = connection;
    const isSet = starts && name !== '*' && !isPort(settings) && !connections.some(rivals(connection));
    const sure = isSet && !unmanaged.some((each) => mayMean(each, name));
    return [...ofIpv4(connection, sure), ...ofIpv6(connection, sure)];
  });
}

export function networkManager(sources: WriterSources): readonly OtherWriter[] {
  if (!sources.has('/etc/NetworkManager')) return [];
  const start = sources.startsAtBoot(UNIT, RUNS);
  if (start === null) return [];
  const devices = { ...COMMON, how: 'default', file: start.file, sure: false } as const;
  return startedBy(start, [
    ...OF_DEVICES.map((variable) => writer(devices, interfaceKey('ipv6', '*', variable), null)),
    ...ofConnections(
      DIRECTORIES.flatMap((directory) =>
        sources
          .names(directory)
          .filter((name) => name.endsWith('.nmconnection'))
          .map((name) => `${directory}/${name}`),
      ),
      sources,
    ),
  ]);
}
