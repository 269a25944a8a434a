import { type Fact, known, type Unknown, unknown } from '../../core/fact.ts';
import type { FileLine } from '../../snapshot/fact.ts';
import type { ConfigFiles } from './config-files.ts';
import { ANY_V4, type ConfiguredAddress, parseHostPort, parsePorts } from './listen-address.ts';
import { type NginxDirective, parseNginx } from './nginx-syntax.ts';

type NginxListen = {
  readonly address: ConfiguredAddress;
  /** null without `backlog=`. */
  readonly backlog: number | null;
  readonly at: FileLine;
};

export type NginxConfig = {
  readonly listens: readonly NginxListen[];
  /** Why some of it could not be read, null where all of it was. */
  readonly missing: Unknown | null;
};

/** Nesting of includes, as a chain; nginx itself gives up when it runs out of open files. */
const MOST_INCLUDES_DEEP = 20;
/** Directives looked at, a file counted each time that it is included. */
const MOST_DIRECTIVES = 500_000;
/** What a server without `listen` takes: 80 as root, else 8000. */
const PORTS_WITHOUT_LISTEN = [80, 8000];

function addressOf(word: string): ConfiguredAddress | null {
  if (word.startsWith('unix:')) return { kind: 'unix', path: word.slice('unix:'.length) };
  const ports = parsePorts(word);
  return ports === null ? parseHostPort(word, 80) : { kind: 'tcp', address: ANY_V4, ...ports };
}

function listenOf(directive: NginxDirective): NginxListen | null {
  const [, word, ...parameters] = directive.words;
  const address = word === undefined ? null : addressOf(word);
  if (address === null || parameters.includes('udp') || parameters.includes('quic')) return null;
  const written = parameters
    .findLast((parameter) => parameter.startsWith('backlog='))
    ?.slice('backlog='.length);
  const backlog = written !== undefined && /^\d{1,10}$/.test(written) ? Number(written) : null;
  return { address, backlog, at: { file: directive.file, line: directive.line } };
}

function directoryOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 1));
}

class ConfigWalk {
  missing: Unknown | null = null;
  readonly listens: NginxListen[] = [];
  private left = MOST_DIRECTIVES;
  private readonly files: ConfigFiles;
  private readonly parsed: Map<string, readonly NginxDirective[]>;
  private readonly directory: string;

  constructor(files: ConfigFiles, parsed: Map<string, readonly NginxDirective[]>, main: string) {
    this.files = files;
    this.parsed = parsed;
    this.directory = directoryOf(main);
  }

  /** Main context: blocks such as http, stream and mail hold servers. */
  main(directives: readonly NginxDirective[], path: string): void {
    this.each(directives, [path], (directive, chain) => {
      if (directive.block !== null) this.each(directive.block, chain, (inner, at) => this.server(inner, at));
    });
  }

  parse(path: string): Fact<readonly NginxDirective[]> {
    const before = this.parsed.get(path);
    if (before !== undefined) return known(before);
    const text = this.files.text(path);
    if (!text.ok) return text;
    const directives = parseNginx(text.value, path);
    this.parsed.set(path, directives);
    return known(directives);
  }

  private server(directive: NginxDirective, chain: readonly string[]): void {
    if (directive.words[0] !== 'server' || directive.block === null) return;
    let hasListen = false;
    this.each(directive.block, chain, (inner) => {
      if (inner.words[0] !== 'listen') return;
      hasListen = true;
      const listen = listenOf(inner);
      if (listen !== null) this.listens.push(listen);
    });
    if (hasListen) return;
    const at = { file: directive.file, line: directive.line };
    for (const port of PORTS_WITHOUT_LISTEN) {
      this.listens.push({
        address: { kind: 'tcp', address: ANY_V4, low: port, high: port },
        backlog: null,
        at,
      });
    }
  }

  /** The directives of one context, those of included files in place of their `include`. */
  private each(
    directives: readonly NginxDirective[],
    chain: readonly string[],
    visit: (directive: NginxDirective, chain: readonly string[]) => void,
  ): void {
    for (const directive of directives) {
      if (this.left === 0) {
        this.missing ??= unknown('not-collected', 'the configuration is larger than what is read of it');
        return;
      }
      this.left -= 1;
      const [word, argument] = directive.words;
      if (word !== 'include' || argument === undefined || directive.block !== null) visit(directive, chain);
      else for (const path of this.included(argument)) this.include(path, chain, visit);
    }
  }

  private included(argument: string): readonly string[] {
    const paths = this.files.expand(argument.startsWith('/') ? argument : `${this.directory}/${argument}`);
    if (paths.ok) return paths.value;
    this.missing ??= paths;
    return [];
  }

  private include(
    path: string,
    chain: readonly string[],
    visit: (directive: NginxDirective, chain: readonly string[]) => void,
  ): void {
    if (chain.includes(path) || chain.length > MOST_INCLUDES_DEEP) {
      this.missing ??= unknown('malformed', 'its configuration includes itself');
      return;
    }
    const directives = this.parse(path);
    if (directives.ok) this.each(directives.value, [...chain, path], visit);
    else this.missing ??= directives;
  }
}

/** Every `listen` of a configuration, and of what it includes. Unknown where the file itself cannot be read. */
export function nginxConfigs(files: ConfigFiles): (path: string) => Fact<NginxConfig> {
  const parsed = new Map<string, readonly NginxDirective[]>();
  const configs = new Map<string, Fact<NginxConfig>>();
  return (path) => {
    const before = configs.get(path);
    if (before !== undefined) return before;
    const walk = new ConfigWalk(files, parsed, path);
    const main = walk.parse(path);
    if (main.ok) walk.main(main.value, path);
    const config = main.ok ? known({ listens: walk.listens, missing: walk.missing }) : main;
    configs.set(path, config);
    return config;
  };
}
