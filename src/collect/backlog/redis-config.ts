import { type Fact, known, type Unknown, unknown } from '../../core/fact.ts';
import type { FileLine } from '../../snapshot/fact.ts';
import { asBacklog } from './backlog-reading.ts';
import type { ConfigFiles } from './config-files.ts';
import { parseRedis, type RedisLine } from './redis-syntax.ts';

/** What of a configuration concerns its listeners, the last line of a kind counting. */
export type RedisSettings = {
  readonly port: number | null;
  readonly tlsPort: number;
  readonly unixSocket: string | null;
  readonly cluster: boolean;
  readonly clusterPort: number;
  readonly sentinel: boolean;
  readonly backlog: { readonly value: number; readonly at: FileLine | null } | null;
  /** Why a part of it could not be read; null where all of it was. */
  readonly missing: Unknown | null;
};

export const NO_SETTINGS: RedisSettings = {
  port: null,
  tlsPort: 0,
  unixSocket: null,
  cluster: false,
  clusterPort: 0,
  sentinel: false,
  backlog: null,
  missing: null,
};

const MOST_INCLUDES_DEEP = 10;
const MOST_FILES = 500;

/** Settings after one line; `file` is null for the command line. */
export function withLine(settings: RedisSettings, line: RedisLine, file: string | null): RedisSettings {
  const [name, argument = ''] = line.words;
  switch (name) {
    case 'port':
      return { ...settings, port: Number.parseInt(argument, 10) };
    case 'tls-port':
      return { ...settings, tlsPort: Number.parseInt(argument, 10) };
    case 'cluster-port':
      return { ...settings, clusterPort: Number.parseInt(argument, 10) };
    case 'unixsocket':
      return { ...settings, unixSocket: argument };
    case 'cluster-enabled':
      return { ...settings, cluster: argument.toLowerCase() === 'yes' };
    case 'sentinel':
      return { ...settings, sentinel: true };
    case 'tcp-backlog': {
      const value = asBacklog(argument);
      const at = file === null ? null : { file, line: line.line };
      return value === null ? settings : { ...settings, backlog: { value, at } };
    }
    default:
      return settings;
  }
}

type Walk = { settings: RedisSettings; files: number };

function includeInto(walk: Walk, files: ConfigFiles, pattern: string, chain: readonly string[]): void {
  // A relative path counts from where the server was started, which nothing tells any more.
  const paths = pattern.startsWith('/')
    ? files.expand(pattern)
    : unknown('not-collected', 'it includes a relative path');
  if (!paths.ok) {
    walk.settings = { ...walk.settings, missing: paths };
    return;
  }
  for (const path of paths.value) {
    const lines = readInto(walk, files, path, chain);
    if (!lines.ok) walk.settings = { ...walk.settings, missing: lines };
  }
}

function readInto(walk: Walk, files: ConfigFiles, path: string, chain: readonly string[]): Fact<true> {
  if (chain.includes(path) || chain.length > MOST_INCLUDES_DEEP || walk.files >= MOST_FILES) {
    return unknown('malformed', 'its configuration includes itself');
  }
  walk.files += 1;
  const text = files.text(path);
  if (!text.ok) return text;
  for (const line of parseRedis(text.value)) {
    const [name, argument] = line.words;
    if (name === 'include' && argument !== undefined) includeInto(walk, files, argument, [...chain, path]);
    else walk.settings = withLine(walk.settings, line, path);
  }
  return known(true);
}

/** A configuration and what it includes, in order. Unknown where the file itself cannot be read. */
export function readRedisConfig(files: ConfigFiles, path: string): Fact<RedisSettings> {
  const walk: Walk = { settings: NO_SETTINGS, files: 0 };
  const read = readInto(walk, files, path, []);
  return read.ok ? known(walk.settings) : read;
}
