import { type Fact, type Unknown, unknown } from '../../core/fact.ts';
import { speaksForDefault } from '../../servers/default-evidence.ts';
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

type Config = { readonly path: string; readonly settings: RedisSettings };
type Found = { readonly configs: readonly Config[]; readonly problem: Unknown | null };

/** Every configuration in the usual places that listens on this socket. */
function findConfigs(
  read: (path: string) => Fact<RedisSettings>,
  files: ConfigFiles,
  socket: ListeningSocket,
): Found {
  const configs: Config[] = [];
  let problem: Unknown | null = null;
  for (const pattern of USUAL_CONFIGS) {
    const paths = files.expand(pattern);
    if (!paths.ok) problem ??= paths;
    for (const path of paths.ok ? paths.value : []) {
      const config = read(path);
      if (!config.ok && config.why !== 'absent') problem ??= config;
      if (config.ok && listensOn(config.value, socket)) configs.push({ path, settings: config.value });
    }
  }
  return { configs, problem };
}

const UNIT = /^(redis|valkey|keydb)(?:-server)?(-sentinel)?(?:@([\w.-]+))?\.service$/;

/**
 * The files with which distributions' units start the server: Debian's `redis-server@NAME` reads
 * /etc/redis/redis-NAME.conf, that of Fedora and SUSE, `redis@NAME`, /etc/redis/NAME.conf.
 */
export function configsOfUnit(unit: string): readonly string[] {
  const [, family = '', sentinel, instance] = UNIT.exec(unit) ?? [];
  if (family === '') return [];
  if (instance !== undefined)
    return [`/etc/${family}/${family}-${instance}.conf`, `/etc/${family}/${instance}.conf`];
  return sentinel === undefined
    ? [`/etc/${family}/${family}.conf`, `/etc/${family}.conf`]
    : [`/etc/${family}/sentinel.conf`, `/etc/${family}-sentinel.conf`];
}

type Circumstances = {
  readonly socket: ListeningSocket;
  readonly byDefault: Fact<number>;
  readonly units: readonly string[];
  /** The live value; null where not known. */
  readonly somaxconn: number | null;
};

/** Whether the live limit can have come from this request, and is no number of somebody else's. */
function limitAgrees(requested: number, { socket: { limit }, somaxconn }: Circumstances): boolean {
  return limit !== undefined && limit <= requested && speaksForDefault(limit, [requested], somaxconn);
}

/** A file that the process does not name is its own where its unit names it, or where the limit speaks for it. */
function readingWithoutArguments({ configs, problem }: Found, around: Circumstances): BacklogReading {
  const { byDefault } = around;
  const vouched = around.units.flatMap(configsOfUnit);
  const own = configs.find(({ path }) => vouched.includes(path));
  if (own !== undefined) return readingOf(own.settings, byDefault);
  const [first, ...others] = configs.map(({ settings }) => settings);
  if (problem !== null && first === undefined) return { backlog: unreadConfig(problem) };
  if (others.some((other) => other.backlog?.value !== first?.backlog?.value))
    return { backlog: unknown('not-collected', 'several configurations listen on this port') };
  const reading = first === undefined ? { backlog: byDefault } : readingOf(first, byDefault);
  return [reading, { backlog: byDefault }].find((each) => fits(each, around)) ?? UNTIED;
}

/** What is not known claims nothing, so it needs no agreement. */
function fits({ backlog }: BacklogReading, around: Circumstances): boolean {
  return backlog?.ok === true ? limitAgrees(backlog.value, around) : true;
}

const UNTIED: BacklogReading = {
  backlog: unknown(
    'not-collected',
    'its arguments are lost, and its limit fits no configuration that was found',
  ),
};

/**
 * Reads what Redis, Valkey or KeyDB asks for on a socket from its arguments and configuration.
 * @param somaxconn reads the live value; null where not known
 */
export function redisReader(files: ConfigFiles, somaxconn: () => number | null) {
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
      const units = owners.flatMap(({ unit }) => (unit === null ? [] : [unit]));
      const around = { socket, byDefault, units, somaxconn: somaxconn() };
      return readingWithoutArguments(findConfigs(read, files, socket), around);
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
