import { type Fact, type Unknown, unknown } from '../../core/fact.ts';
import type { ServerEntry } from '../../servers/server-entry.ts';
import { type BacklogReading, backlogFrom, type ListenerOwner, unreadConfig } from './backlog-reading.ts';
import type { ConfigFiles } from './config-files.ts';
import { defaultBacklog } from './default-backlog.ts';
import type { ListeningSocket } from './listen-address.ts';
import { NO_SETTINGS, type RedisSettings, readRedisConfig, withLine } from './redis-config.ts';
import { redisArguments } from './redis-syntax.ts';

/** Where distributions put the configuration of one instance or of many. */
const USUAL_CONFIGS = [
  '/etc/redis/*.conf',
  '/etc/valkey/*.conf',
  '/etc/keydb/*.conf',
  '/etc/redis.conf',
  '/etc/redis-sentinel.conf',
  '/etc/valkey.conf',
  '/usr/local/etc/redis/*.conf',
];

/** The cluster bus listens this much above the port unless cluster-port is set, with the same backlog. */
const CLUSTER_BUS_OFFSET = 10_000;
const DEFAULT_PORT = 6379;
const DEFAULT_SENTINEL_PORT = 26_379;

function portsOf(settings: RedisSettings): readonly number[] {
  const port = settings.port ?? (settings.sentinel ? DEFAULT_SENTINEL_PORT : DEFAULT_PORT);
  const base = settings.tlsPort === 0 ? port : settings.tlsPort;
  const bus = settings.clusterPort === 0 ? base + CLUSTER_BUS_OFFSET : settings.clusterPort;
  return [port, settings.tlsPort, ...(settings.cluster ? [bus] : [])].filter((one) => one !== 0);
}

function listensOn(settings: RedisSettings, socket: ListeningSocket): boolean {
  return socket.protocol === 'unix'
    ? settings.unixSocket === socket.path
    : portsOf(settings).includes(socket.port);
}

function readingOf(settings: RedisSettings, byDefault: Fact<number>): BacklogReading {
  const { backlog, missing } = settings;
  // What could not be read may set it anew behind this line.
  if (missing !== null) return { backlog: unreadConfig(missing) };
  if (backlog === null) return { backlog: byDefault };
  if (backlog.at === null) return { backlog: backlogFrom('command-line', backlog.value) };
  return { backlog: backlogFrom('config', backlog.value), backlogAt: backlog.at };
}

type Found = { readonly settings: readonly RedisSettings[]; readonly problem: Unknown | null };

/** Every configuration in the usual places that listens on this socket. */
function findSettings(
  read: (path: string) => Fact<RedisSettings>,
  files: ConfigFiles,
  socket: ListeningSocket,
): Found {
  const settings: RedisSettings[] = [];
  let problem: Unknown | null = null;
  for (const pattern of USUAL_CONFIGS) {
    const paths = files.expand(pattern);
    if (!paths.ok) problem ??= paths;
    for (const path of paths.ok ? paths.value : []) {
      const config = read(path);
      if (!config.ok && config.why !== 'absent') problem ??= config;
      if (config.ok && listensOn(config.value, socket)) settings.push(config.value);
    }
  }
  return { settings, problem };
}

function readingWithoutArguments(found: Found, byDefault: Fact<number>): BacklogReading {
  const [first, ...others] = found.settings;
  if (found.problem !== null && first === undefined) return { backlog: unreadConfig(found.problem) };
  if (first === undefined) return { backlog: byDefault };
  if (others.every((other) => other.backlog?.value === first.backlog?.value))
    return readingOf(first, byDefault);
  return { backlog: unknown('not-collected', 'several configurations listen on this port') };
}

/** Reads what Redis, Valkey or KeyDB asks for on a socket from its arguments and configuration. */
export function redisReader(files: ConfigFiles) {
  const configs = new Map<string, Fact<RedisSettings>>();
  const read = (path: string): Fact<RedisSettings> => {
    const config = configs.get(path) ?? readRedisConfig(files, path);
    configs.set(path, config);
    return config;
  };
  return (server: ServerEntry, socket: ListeningSocket, owners: readonly ListenerOwner[]): BacklogReading => {
    const byDefault = defaultBacklog(server, socket, owners);
    const given = owners.map(({ commandLine }) => redisArguments(commandLine)).find((one) => one !== null);
    // A relative path counts from where the server was started, which nothing tells any more.
    if (!given || (given.file !== null && !given.file.startsWith('/'))) {
      return readingWithoutArguments(findSettings(read, files, socket), byDefault);
    }
    const config = given.file === null ? null : read(given.file);
    if (config !== null && !config.ok) return { backlog: unreadConfig(config) };
    const settings = given.lines.reduce(
      (all, line) => withLine(all, line, null),
      config?.value ?? NO_SETTINGS,
    );
    return readingOf(settings, byDefault);
  };
}
