import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { parseUnitFile, type UnitSetting } from '../backlog/unit-files.ts';
import { type Common, interfaceKey, type WriterSources, writer } from './sources.ts';

const UNIT = 'NetworkManager.service';
const DIRECTORIES = [
  '/etc/NetworkManager/system-connections',
  '/run/NetworkManager/system-connections',
  '/usr/lib/NetworkManager/system-connections',
];

/** Variables of IPv6 that it sets on each device it manages, to what the connection asks for. */
const OF_DEVICES = ['disable_ipv6', 'accept_ra', 'use_tempaddr', 'addr_gen_mode'];

const COMMON = { by: 'networkmanager', when: 'after-loader' } as const;

function settingIn(settings: readonly UnitSetting[], section: string, key: string): UnitSetting | undefined {
  return settings.findLast((each) => each.section === section && each.key === key);
}

/** Of a keyfile, which holds secrets as well, only what bears on sysctls is looked at (nm-settings-keyfile(5)). */
function ofConnection(file: string, sources: WriterSources): readonly OtherWriter[] {
  const settings = parseUnitFile(sources.text(file) ?? '', file);
  const name = settingIn(settings, 'connection', 'interface-name')?.value ?? '*';
  const starts = settingIn(settings, 'connection', 'autoconnect')?.value !== 'false';
  const from = ({ line }: UnitSetting, sure: boolean): Common => ({
    ...COMMON,
    how: 'setting',
    file,
    line,
    sure,
  });
  const sure = starts && name !== '*';
  const [ipv4, ipv6] = [settingIn(settings, 'ipv4', 'method'), settingIn(settings, 'ipv6', 'method')];
  const privacy = settingIn(settings, 'ipv6', 'ip6-privacy');
  return [
    // Some versions forward on the device alone.
    ...(ipv4?.value === 'shared' ? [writer(from(ipv4, false), 'net.ipv4.ip_forward', '1')] : []),
    ...(ipv6?.value === 'shared' ? [writer(from(ipv6, false), 'net.ipv6.conf.all.forwarding', '1')] : []),
    ...(ipv6?.value === 'disabled' || ipv6?.value === 'ignore'
      ? [
          writer(
            from(ipv6, sure && ipv6.value === 'disabled'),
            interfaceKey('ipv6', name, 'disable_ipv6'),
            ipv6.value === 'disabled' ? '1' : null,
          ),
        ]
      : []),
    ...(privacy !== undefined && /^[012]$/.test(privacy.value)
      ? [writer(from(privacy, sure), interfaceKey('ipv6', name, 'use_tempaddr'), privacy.value)]
      : []),
  ];
}

export function networkManager(sources: WriterSources): readonly OtherWriter[] {
  if (!sources.has('/etc/NetworkManager')) return [];
  const enabled =
    sources.enabledBy(UNIT) ?? (sources.has('/run/NetworkManager') ? '/run/NetworkManager' : null);
  if (enabled === null) return [];
  const devices = { ...COMMON, how: 'default', file: enabled, sure: false } as const;
  return [
    ...OF_DEVICES.map((variable) => writer(devices, interfaceKey('ipv6', '*', variable), null)),
    ...DIRECTORIES.flatMap((directory) =>
      sources
        .names(directory)
        .filter((name) => name.endsWith('.nmconnection'))
        .flatMap((name) => ofConnection(`${directory}/${name}`, sources)),
    ),
  ];
}
