import { type Fact, unknown } from '../../core/fact.ts';
import type { HostReader } from '../../core/ports.ts';
import { isChosenByProgram } from '../../servers/default-evidence.ts';
import { matchServer } from '../../servers/match.ts';
import type { ServerEntry } from '../../servers/server-entry.ts';
import { type BacklogReading, backlogFrom, type ListenerOwner } from './backlog-reading.ts';
import { commandLineBacklog } from './command-line-backlog.ts';
import { configFiles } from './config-files.ts';
import { defaultBacklog, defaultOfRuntime } from './default-backlog.ts';
import type { ListeningSocket } from './listen-address.ts';
import { nginxReader } from './nginx-backlog.ts';
import { hasForeignRoot } from './process-root.ts';
import { redisReader } from './redis-backlog.ts';
import { isSystemdManager, socketUnitReader } from './socket-units.ts';

export type { BacklogReading, ListenerOwner } from './backlog-reading.ts';

type ReadConfiguration = (
  server: ServerEntry,
  socket: ListeningSocket,
  owners: readonly ListenerOwner[],
) => BacklogReading;

/** `own` are the owners that are the server, `all` those that only help it too. */
type Known = {
  readonly server: ServerEntry;
  readonly own: readonly ListenerOwner[];
  readonly all: readonly ListenerOwner[];
};

/** Each process is recognised once, however many sockets it holds. */
function serverFinder(): (owner: ListenerOwner) => ServerEntry | null {
  const byPid = new Map<number, ServerEntry | null>();
  return (owner) => {
    const before = byPid.get(owner.pid);
    const server = before === undefined ? matchServer(owner) : before;
    byPid.set(owner.pid, server);
    return server;
  };
}

/** The server among the owners of a socket; exact entries before runtimes. */
function serverOf(
  owners: readonly ListenerOwner[],
  match: (owner: ListenerOwner) => ServerEntry | null,
): Known | null {
  const matched = owners.flatMap((owner) => {
    const server = match(owner);
    return server === null ? [] : [{ server, owner }];
  });
  const best = matched.find(({ server }) => server.match.specificity === 'exact') ?? matched[0];
  if (best === undefined) return null;
  const own = matched.filter(({ server }) => server === best.server).map(({ owner }) => owner);
  return { server: best.server, own, all: owners };
}

function fromCommandLine(known: Known): BacklogReading | null {
  for (const owner of known.own) {
    const backlog = commandLineBacklog(known.server, owner);
    if (backlog !== null) return { backlog: backlogFrom('command-line', backlog) };
  }
  return null;
}

/** systemd makes the sockets of a unit in its cgroup, which also those see who may not see pid 1's descriptors. */
function isSocketUnit(listener: ListeningSocket): boolean {
  return listener.unit?.endsWith('.socket') === true;
}

function numberIn(text: Fact<string>): number | null {
  return text.ok && /^\d+\n?$/.test(text.value) ? Number(text.value) : null;
}

/**
 * Reads what each listener asked for: from the configuration of nginx, Redis and systemd, from arguments where they
 * are unambiguous, else from what we know of the server. Configuration is read once per call of this function, at
 * most 5000 files and 16 MiB, and nothing of a command line ever comes back.
 */
export function backlogReader(
  reader: HostReader,
): (listener: ListeningSocket, owners: readonly ListenerOwner[]) => BacklogReading {
  const files = configFiles(reader);
  const match = serverFinder();
  const readSocketUnit = socketUnitReader(files, reader);
  const somaxconn = () => numberIn(files.text('/proc/sys/net/core/somaxconn'));
  const configured: ReadonlyMap<string, ReadConfiguration> = new Map([
    ['nginx', nginxReader(files, reader)],
    ['redis', redisReader(files, somaxconn)],
  ]);
  return (listener, owners) => {
    if (isSocketUnit(listener) || owners.some(isSystemdManager)) {
      return { server: 'systemd-socket', ...readSocketUnit(listener, owners) };
    }
    if (owners.length === 0) return { backlog: unknown('not-collected', 'its process could not be seen') };
    const known = serverOf(owners, match);
    if (known === null) return { backlog: unknown('not-collected', 'its program is not one that we know') };
    return { server: known.server.id, ...readServer(known, listener) };
  };

  function readServer(known: Known, listener: ListeningSocket): BacklogReading {
    const { server, own, all } = known;
    const readConfiguration = configured.get(server.id);
    const given = fromCommandLine(known);
    if (given !== null) return given;
    if (readConfiguration === undefined) {
      const byDefault = defaultBacklog(server, listener, all);
      const isWeak = isChosenByProgram(server);
      return { backlog: isWeak ? defaultOfRuntime(byDefault, listener, somaxconn()) : byDefault };
    }
    if (own.some(({ pid }) => hasForeignRoot(reader, pid))) {
      return { backlog: unknown('not-collected', 'its configuration is in a root directory of its own') };
    }
    return readConfiguration(server, listener, own);
  }
}
