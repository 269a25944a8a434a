import { type Fact, type Unknown, unknown } from '../../core/fact.ts';
import { INT_MAX } from '../../core/integers.ts';
import type { HostReader } from '../../core/ports.ts';
import type { FileLine } from '../../snapshot/fact.ts';
import { systemdVersion } from '../systemd-version.ts';
import {
  asBacklog,
  type BacklogReading,
  backlogFrom,
  type ListenerOwner,
  unreadConfig,
} from './backlog-reading.ts';
import type { ConfigFiles } from './config-files.ts';
import {
  ANY_V4,
  ANY_V6,
  type ConfiguredAddress,
  type ListeningSocket,
  opens,
  parseHostPort,
  parsePorts,
} from './listen-address.ts';
import {
  SYSTEM_UNIT_DIRECTORIES,
  type Unit,
  type UnitReader,
  USER_UNIT_DIRECTORIES,
  unitReader,
} from './unit-files.ts';

/**
 * `addresses` are those of the unit's ListenStream= and ListenSequentialPacket= lines; `backlog` null without
 * Backlog=. What ListenDatagram= and the others open does not listen.
 */
type SocketUnit = {
  readonly name: string;
  readonly addresses: readonly ConfiguredAddress[];
  readonly backlog: { readonly value: number; readonly at: FileLine } | null;
};

const MANAGER = /(?:^|\/)systemd(?: \(deleted\))?$/;
const SOCKET_SUFFIX = '.socket';

/** pid 1 where that is systemd, and each user's manager. */
export function isSystemdManager(owner: ListenerOwner): boolean {
  const isSystemd = owner.exe === null ? owner.comm === 'systemd' : MANAGER.test(owner.exe);
  return isSystemd && (owner.pid === 1 || owner.commandLine.includes('--user'));
}

const LISTEN = /^Listen(?:Stream|Datagram|SequentialPacket|FIFO|Special|Netlink|MessageQueue|USBFunction)$/;

/** Of sequential-packet sockets only unix ones are among our listeners: a port would be one of SCTP. */
function listensBy(key: string, opened: string): boolean {
  return key === 'ListenStream' ? opened !== '' : key === 'ListenSequentialPacket' && /^[/@]/.test(opened);
}

/** The specifiers that sockets are named with (systemd.unit(5)); one that only the manager knows stays as it is. */
function withSpecifiers(value: string, unit: string): string {
  if (!value.includes('%')) return value;
  const stem = unit.slice(0, -SOCKET_SUFFIX.length);
  const [prefix = '', instance = ''] = stem.split('@', 2);
  const known = new Map([
    ['t', '/run'],
    ['n', unit],
    ['N', stem],
    ['p', prefix],
    ['P', prefix],
    ['i', instance],
    ['I', instance],
    ['%', '%'],
  ]);
  return value.replace(/%(.)/g, (both, letter: string) => known.get(letter) ?? both);
}

function socketUnitOf({ name, settings }: Unit): SocketUnit {
  let listen: readonly string[] = [];
  let backlog: SocketUnit['backlog'] = null;
  for (const { section, key, value, file, line } of settings) {
    if (section !== 'Socket') continue;
    // An empty value takes back what stood before, whichever kind of socket it was (systemd.socket(5)).
    if (LISTEN.test(key) && value === '') listen = [];
    const opened = withSpecifiers(value, name);
    if (listensBy(key, opened)) listen = [...listen, opened];
    if (key !== 'Backlog') continue;
    const number = /^\d+$/.test(value) ? asBacklog(value) : null;
    if (number !== null) backlog = { value: number, at: { file, line } };
    else if (value === '') backlog = null;
  }
  return { name, addresses: listen.flatMap(addressesOf), backlog };
}

/** A port alone is an IPv6 socket that takes IPv4 too, or an IPv4 one on a kernel without IPv6. */
function addressesOf(value: string): readonly ConfiguredAddress[] {
  if (value.startsWith('/')) return [{ kind: 'unix', path: value.replace(/\/+/g, '/') }];
  if (value.startsWith('@')) return [{ kind: 'unix', path: value }];
  const ports = parsePorts(value);
  if (ports !== null) return [ANY_V6, ANY_V4].map((address) => ({ kind: 'tcp', address, ...ports }));
  const address = parseHostPort(value.replace(/%[^:\]]*$/, ''), null);
  return address === null ? [] : [address];
}

function listensOn(unit: SocketUnit, socket: ListeningSocket): boolean {
  return unit.addresses.some((address) => opens(address, socket));
}

type Manager = {
  readonly units: UnitReader;
  readonly sockets: readonly SocketUnit[];
  readonly problem: Unknown | null;
};

function loadManager(files: ConfigFiles, reader: HostReader, directories: readonly string[]): Manager {
  const units = unitReader(files, reader, directories);
  const sockets: SocketUnit[] = [];
  let problem: Unknown | null = null;
  for (const name of units.names(SOCKET_SUFFIX)) {
    if (units.isAlias(name)) continue;
    const unit = units.read(name);
    if (unit.ok) sockets.push(socketUnitOf(unit.value));
    else if (unit.why !== 'absent') problem ??= unit;
  }
  return { units, sockets, problem };
}

/** Of several units for one address: the one that the socket belongs to, else those that are started at boot. */
function chosen(
  manager: Manager,
  fitting: readonly SocketUnit[],
  unitName: string | undefined,
): readonly SocketUnit[] {
  const own = fitting.filter(({ name }) => name === unitName);
  const wanted = fitting.filter(({ name }) => manager.units.isWanted(name));
  return own.length > 0 ? own : wanted.length > 0 ? wanted : fitting;
}

/** null where it cannot be told. */
function systemdRelease(reader: HostReader): number | null {
  const version = systemdVersion(reader);
  return version.ok ? Number.parseInt(version.value, 10) : null;
}

/**
 * Without Backlog= systemd asks for INT_MAX since 254, and distributions carry that in 252 as well (252.39 of Debian
 * was seen to). Before, it was SOMAXCONN of the C library, 128 or 4096: a greater limit rules that out.
 */
function defaultOf(release: number | null, socket: ListeningSocket): Fact<number> {
  if (release === null || release >= 252) return backlogFrom('default', INT_MAX);
  if ((socket.limit ?? 0) > 4096) return backlogFrom('inferred', INT_MAX);
  return unknown('not-collected', 'systemd of this release asks for SOMAXCONN of its C library, 128 or 4096');
}

/** Reads what a systemd manager asks for on a socket from its .socket units. */
export function socketUnitReader(files: ConfigFiles, reader: HostReader) {
  const managers = new Map<readonly string[], Manager>();
  let release: { readonly value: number | null } | null = null;
  return (socket: ListeningSocket, owners: readonly ListenerOwner[]): BacklogReading => {
    const ofUser =
      owners.some((owner) => isSystemdManager(owner) && owner.pid !== 1) ||
      (owners.length === 0 && socket.cgroup?.includes('/user@') === true);
    const directories = ofUser ? USER_UNIT_DIRECTORIES : SYSTEM_UNIT_DIRECTORIES;
    const manager = managers.get(directories) ?? loadManager(files, reader, directories);
    managers.set(directories, manager);
    const fitting = chosen(
      manager,
      manager.sockets.filter((unit) => listensOn(unit, socket)),
      socket.unit,
    );
    const [unit, ...others] = fitting;
    if (unit === undefined) {
      const missing = unknown('absent', 'no .socket unit listens on it');
      return { backlog: manager.problem === null ? missing : unreadConfig(manager.problem) };
    }
    if (others.some((other) => other.backlog?.value !== unit.backlog?.value)) {
      return { backlog: unknown('not-collected', 'several .socket units listen on it') };
    }
    if (unit.backlog === null) {
      release ??= { value: systemdRelease(reader) };
      return { backlog: defaultOf(release.value, socket), unit: unit.name };
    }
    return {
      backlog: backlogFrom('config', unit.backlog.value),
      backlogAt: unit.backlog.at,
      unit: unit.name,
    };
  };
}
