import { type Fact, unknown } from '../../core/fact.ts';
import type { HostReader } from '../../core/ports.ts';
import type { ServerEntry } from '../../servers/server-entry.ts';
import { type BacklogReading, backlogFrom, type ListenerOwner, unreadConfig } from './backlog-reading.ts';
import type { ConfigFiles } from './config-files.ts';
import { defaultBacklog } from './default-backlog.ts';
import { type ListeningSocket, mayOpen, opens } from './listen-address.ts';
import { type NginxConfig, nginxConfigs } from './nginx-listens.ts';

/** What the options of nginx say about its files: `-c`, `-p`. */
export type NginxOptions = { readonly config: string | null; readonly prefix: string | null };

const MASTER_TITLE = /^nginx: master process /;
/** Options of nginx that take an argument, in the same word or the next. */
const WITH_ARGUMENT = new Set(['c', 'p', 'g', 'e', 's']);
const USUAL_CONFIGS = [
  '/etc/nginx/nginx.conf',
  '/etc/angie/angie.conf',
  '/usr/local/nginx/conf/nginx.conf',
  '/usr/local/openresty/nginx/conf/nginx.conf',
];

/** Reads options as ngx_get_options() does: letters may share a word, and the last of a kind counts. */
export function nginxOptions(words: readonly string[]): NginxOptions {
  const found = new Map<string, string>();
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (!word.startsWith('-')) continue;
    for (let at = 1; at < word.length; at += 1) {
      const letter = word.charAt(at);
      if (!WITH_ARGUMENT.has(letter)) continue;
      const attached = word.slice(at + 1);
      if (attached === '') index += 1;
      const argument = attached === '' ? words[index] : attached;
      if (argument !== undefined) found.set(letter, argument);
      break;
    }
  }
  return { config: found.get('c') ?? null, prefix: found.get('p') ?? null };
}

/** The master alone carries the options: workers are called `nginx: worker process`. */
function optionsOf(owners: readonly ListenerOwner[]): NginxOptions {
  const lines = owners.map((owner) => owner.commandLine.join(' '));
  const title = lines.find((line) => MASTER_TITLE.test(line));
  if (title !== undefined) return nginxOptions(title.replace(MASTER_TITLE, '').split(/\s+/));
  const plain = owners.find((owner) => !owner.commandLine[0]?.startsWith('nginx:'));
  return nginxOptions(plain?.commandLine.slice(1) ?? []);
}

/** A build from source keeps everything under one prefix: PREFIX/sbin/nginx, PREFIX/conf/nginx.conf. */
function prefixesOf(options: NginxOptions, owners: readonly ListenerOwner[]): readonly string[] {
  if (options.prefix !== null) return [options.prefix];
  const prefixes = owners.map(({ exe }) => /^(.*)\/s?bin\/[^/]+$/.exec(exe ?? '')?.[1] ?? '');
  return [...new Set(prefixes)].filter((prefix) => prefix !== '' && prefix !== '/usr');
}

function candidatesOf(options: NginxOptions, owners: readonly ListenerOwner[]): readonly string[] {
  const { config } = options;
  if (config?.startsWith('/')) return [config];
  const prefixes = prefixesOf(options, owners).map((prefix) => prefix.replace(/\/$/, ''));
  if (config !== null) return [...prefixes, '/etc/nginx'].map((prefix) => `${prefix}/${config}`);
  return [...prefixes.map((prefix) => `${prefix}/conf/nginx.conf`), ...USUAL_CONFIGS];
}

type ReadConfig = (path: string) => Fact<NginxConfig>;

function firstConfig(read: ReadConfig, paths: readonly string[]): Fact<NginxConfig> {
  for (const path of paths) {
    const config = path.startsWith('/')
      ? read(path)
      : unknown('not-collected', 'its prefix is a relative path');
    if (config.ok || config.why !== 'absent') return config;
  }
  return unknown('absent');
}

function readingOf(config: NginxConfig, socket: ListeningSocket, byDefault: Fact<number>): BacklogReading {
  const same = config.listens.filter((listen) => opens(listen.address, socket));
  // One listen sets it for all servers of the address; nginx refuses a second, different one.
  const set = same.find((listen) => listen.backlog !== null);
  if (set !== undefined && set.backlog !== null) {
    return { backlog: backlogFrom('config', set.backlog), backlogAt: set.at };
  }
  if (config.missing !== null) return { backlog: unreadConfig(config.missing) };
  const named = config.listens.filter((listen) => mayOpen(listen.address, socket));
  if (same.length === 0 && named.length === 0) {
    return { backlog: unknown('absent', 'its configuration has no listen for this address') };
  }
  const unsure = named.some((listen) => listen.backlog !== null);
  return {
    backlog: unsure ? unknown('not-collected', 'its configuration listens on a host name') : byDefault,
  };
}

/** Reads what nginx asks for on a socket from its configuration. */
export function nginxReader(files: ConfigFiles, reader: HostReader) {
  const read = nginxConfigs(files);
  return (server: ServerEntry, socket: ListeningSocket, owners: readonly ListenerOwner[]): BacklogReading => {
    const options = optionsOf(owners);
    const config = firstConfig(read, candidatesOf(withDirectory(reader, options, owners), owners));
    const byDefault = defaultBacklog(server, socket, owners);
    if (config.ok) return readingOf(config.value, socket, byDefault);
    // Without a file to be found it was built with a path that we do not know.
    return { backlog: config.why === 'absent' ? byDefault : unreadConfig(config) };
  };
}

/** A relative prefix counts from where the master was started, which is where it still is. */
function withDirectory(
  reader: HostReader,
  options: NginxOptions,
  owners: readonly ListenerOwner[],
): NginxOptions {
  const { prefix } = options;
  if (prefix === null || prefix.startsWith('/')) return options;
  const directory = owners.map(({ pid }) => reader.readLink(`/proc/${pid}/cwd`)).find((link) => link.ok);
  return directory?.ok ? { ...options, prefix: `${directory.value}/${prefix}` } : options;
}
