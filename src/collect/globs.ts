import { valueOr } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';
import type { GlobMatches } from '../snapshot/sysctl-file.ts';
import { expandGlob } from './backlog/glob.ts';
import { octalMode } from './sysctl-files.ts';

const PROC_SYS = '/proc/sys/';
/** A host with a thousand interfaces has some two thousand directories below net/ipv4/conf and net/ipv6/conf. */
const MOST_MATCHES = 5_000;
const MOST_ALTERNATIVES = 64;

/**
 * What each pattern in the sysctl files stands for on this host, with the modes of the variables: loaders pass over
 * some that may not be read or written. No value is read. A pattern that could not be followed is left out.
 */
export function collectGlobs(reader: HostReader, patterns: ReadonlySet<string>): GlobMatches {
  const list = (path: string) => reader.list(path);
  const expanded = [...patterns].flatMap((pattern) => {
    const alternatives = withoutBraces(pattern).filter(staysBelow);
    const found = alternatives.map((each) => expandGlob(list, `${PROC_SYS}${each}`, MOST_MATCHES));
    if (found.some((paths) => !paths.ok)) return [];
    const paths = [...new Set(found.flatMap((each) => valueOr(each, [])))];
    return [[pattern, paths.flatMap((path) => matchAt(reader, path))] as const];
  });
  return Object.fromEntries(expanded);
}

/** A pattern is somebody's text: what climbs out of /proc/sys stands for no variable. */
function staysBelow(pattern: string): boolean {
  return !pattern.split('/').includes('..');
}

function matchAt(reader: HostReader, path: string): [string, string][] {
  const stat = reader.lstat(path);
  return stat.ok && stat.value.kind === 'file'
    ? [[path.slice(PROC_SYS.length), octalMode(stat.value.mode)]]
    : [];
}

/** `{a,b}/c` as `a/c` and `b/c` (GLOB_BRACE of glob(3)); braces that do not pair stay what they are. */
export function withoutBraces(pattern: string): readonly string[] {
  let open = [pattern];
  for (;;) {
    const next = open.flatMap(firstBraceApart);
    if (next.length === open.length || next.length > MOST_ALTERNATIVES) return open;
    open = next;
  }
}

/** By the first pair without another inside it; a pair without a comma stays what it is. */
function firstBraceApart(pattern: string): readonly string[] {
  const match = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/.exec(pattern);
  if (match === null) return [pattern];
  const [, before = '', alternatives = '', after = ''] = match;
  return alternatives.split(',').map((each) => `${before}${each}${after}`);
}
