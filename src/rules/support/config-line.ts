import type { ServerEntry } from '../../servers/server-entry.ts';

/** Settings from which a server computes its backlog: another number than the backlog itself. */
function isIndirect({ config, defaultBacklog }: ServerEntry): boolean {
  return defaultBacklog.kind === 'derived' && /indirect|multiplier/.test(config.directive ?? '');
}

/**
 * What in an example belongs to somebody's host: an address, a port, a program's own name, what was left out. Whoever
 * typed it would lose what stands there on theirs (`ssl`, `default_server`).
 */
const OF_ANOTHER_HOST = /(?<![\d.])(?:443|8080|3000|80)(?!\d)|\.\.\.|app:app/;

/** The part that is about the backlog: `backlog=4096`, `"backlog": 4096`, `--backlog 8192`, `s.listen(8192)`. */
const PARAMETER =
  /\{backlog,\d+\}|[\w.-]*listen\(\d+\)|"?[\w.-]*(?:backlog|acceptCount|listen_depth)"?(?:\s*[=:]\s*|\s)(?:"\d+"|\d+)/gi;

function parameterOf(example: string): string | null {
  if (!OF_ANOTHER_HOST.test(example)) return example;
  return [...example.matchAll(PARAMETER)].at(-1)?.[0] ?? null;
}

/**
 * How a server's configuration asks for a backlog: its own example with the last number replaced. Where the backlog
 * is a parameter of a line that says more, the parameter alone: the rest of that line stays as it is.
 */
export function configLine(server: ServerEntry | null, backlog: number): string | null {
  const example = server?.config.example ?? null;
  if (server === null || example === null || isIndirect(server)) return null;
  return parameterOf(example)?.replace(/\d+(?=\D*$)/, String(backlog)) ?? null;
}
