import type { Pseudonyms } from './pseudonyms.ts';
import type { GlobMatches } from './sysctl-file.ts';

/** Directories of /proc/sys that hold one of its own for each interface. */
const PER_INTERFACE = /^net[./](?:ipv4|ipv6|mpls)[./](?:conf|neigh)[./]/;
/** Not interfaces, or one that every host has. */
const OF_ALL = /^(?:all|default|lo|[*?]+)$/;

/**
 * The key with its interface replaced by the stand-in that a listener's zone gets. Whichever of `.` and `/` comes
 * first separates, and the other one stands for a dot in the interface's name (sysctl.d(5)). A pattern stays one.
 */
export function redactKey(key: string, names: Pseudonyms): string {
  const [before] = PER_INTERFACE.exec(key) ?? [];
  if (before === undefined) return key;
  const separator = before.charAt(3);
  const rest = key.slice(before.length);
  const end = rest.indexOf(separator);
  const written = end < 0 ? rest : rest.slice(0, end);
  const name = separator === '.' ? written.replaceAll('/', '.') : written;
  if (OF_ALL.test(name)) return key;
  const pattern = /[*?[{]/.test(name) ? '*' : '';
  return `${before}${names.of('interface', name)}${pattern}${rest.slice(written.length)}`;
}

export function redactGlobs(globs: GlobMatches, names: Pseudonyms): GlobMatches {
  const redacted = Object.entries(globs).map(([pattern, matches]) => {
    const found = matches.map(([path, mode]): [string, string] => [redactKey(path, names), mode]);
    return [redactKey(pattern, names), found] as const;
  });
  return Object.fromEntries(redacted);
}
