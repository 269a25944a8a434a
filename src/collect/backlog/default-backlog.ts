import { type Fact, unknown } from '../../core/fact.ts';
import { speaksForDefault } from '../../servers/default-evidence.ts';
import type { BacklogByVersion, ServerEntry } from '../../servers/server-entry.ts';
import type { BacklogSource } from '../../snapshot/listener.ts';
import { backlogFrom, type ListenerOwner, UNBOUNDED } from './backlog-reading.ts';
import type { ListeningSocket } from './listen-address.ts';

/** h2o lets start_server open its sockets in master and daemon mode. */
const START_SERVER = /(?:^|\/)start_server$/;
const H2O_OWN = 65535;
const H2O_START_SERVER = 4096;

/** Only where the limit agrees: a socket that got more was asked for more. */
function unlessAbove(socket: ListeningSocket, source: BacklogSource, value: number): Fact<number> {
  const { limit } = socket;
  if (limit === undefined || limit <= value) return backlogFrom(source, value);
  return unknown('not-collected', `its limit of ${limit} is above the default of ${value}`);
}

type Release = readonly [number, number];

/** Major and minor number in a program's name or path: php-fpm8.2, php-fpm-8.1, /opt/remi/php81/… */
function releaseOf(server: ServerEntry, owners: readonly ListenerOwner[]): Release | null {
  for (const { comm, exe } of owners) {
    const program = exe?.slice(exe.lastIndexOf('/') + 1) ?? '';
    const isServer = server.match.comm.some((name) => program.startsWith(name) || comm.startsWith(name));
    const dotted = /(\d+)\.(\d+)$/.exec(program) ?? /(\d+)\.(\d+)$/.exec(comm);
    const digits = dotted ?? /\/php(\d)(\d)\//.exec(exe ?? '');
    if (isServer && digits !== null) return [Number(digits[1]), Number(digits[2])];
  }
  return null;
}

function isBefore([major, minor]: Release, bound: string): boolean {
  const [boundMajor = 0, boundMinor = 0] = bound.split('.').map(Number);
  return major < boundMajor || (major === boundMajor && minor < boundMinor);
}

function backlogOf(version: BacklogByVersion): number {
  return version.value === 'somaxconn' ? UNBOUNDED : version.value;
}

function byVersion(
  versions: readonly BacklogByVersion[],
  socket: ListeningSocket,
  release: Release | null,
): Fact<number> {
  if (release !== null) {
    const fitting = versions.find(
      ({ from, below }) =>
        (from === null || !isBefore(release, from)) && (below === null || isBefore(release, below)),
    );
    if (fitting !== undefined) return unlessAbove(socket, 'default', backlogOf(fitting));
  }
  // A limit rules out each release that asks for less.
  const possible = versions.map(backlogOf).filter((value) => (socket.limit ?? 0) <= value);
  const [only, ...others] = possible;
  if (only !== undefined && others.length === 0) return backlogFrom('inferred', only);
  return unknown('not-collected', 'its default depends on its release, which its name does not tell');
}

/** A runtime's default, where the limit speaks for it. @param somaxconn the live value; null where not known */
export function defaultOfRuntime(
  byDefault: Fact<number>,
  { limit }: ListeningSocket,
  somaxconn: number | null,
): Fact<number> {
  if (!byDefault.ok || speaksForDefault(limit, [byDefault.value], somaxconn)) return byDefault;
  const detail = `its program may ask for another number than the default of ${byDefault.value}`;
  return unknown('not-collected', detail);
}

/** What a server asks for when nobody configures it. */
export function defaultBacklog(
  server: ServerEntry,
  socket: ListeningSocket,
  owners: readonly ListenerOwner[],
): Fact<number> {
  if (server.backlogByVersion !== undefined) {
    return byVersion(server.backlogByVersion, socket, releaseOf(server, owners));
  }
  if (server.id === 'h2o') {
    const isMaster = owners.some(({ commandLine }) => commandLine.some((word) => START_SERVER.test(word)));
    return unlessAbove(socket, 'derived', isMaster ? H2O_START_SERVER : H2O_OWN);
  }
  const { defaultBacklog: byDefault } = server;
  switch (byDefault.kind) {
    case 'fixed':
      return unlessAbove(socket, 'default', byDefault.value);
    case 'derived':
      return byDefault.value === null
        ? unknown('not-collected', 'its default is computed from other settings')
        : unlessAbove(socket, 'derived', byDefault.value);
    case 'follows-somaxconn':
      return byDefault.passes === undefined
        ? unknown('absent', 'by default it has no number of its own: it asks for the somaxconn that it read')
        : backlogFrom('default', byDefault.passes);
    case 'libc-somaxconn':
      return unknown('not-collected', 'its default is SOMAXCONN of the C library at build time, 128 or 4096');
    case 'caller':
      return unknown('not-collected', 'the program chooses its backlog itself');
  }
}
