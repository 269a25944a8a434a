import type { ServerEntry } from '../../servers/server-entry.ts';

/** Settings from which a server computes its backlog: another number than the backlog itself. */
function isIndirect({ config, defaultBacklog }: ServerEntry): boolean {
  return defaultBacklog.kind === 'derived' && /indirect|multiplier/.test(config.directive ?? '');
}

/** How a server's configuration asks for a backlog: its own example with the last number replaced. */
export function configLine(server: ServerEntry | null, backlog: number): string | null {
  const example = server?.config.example ?? null;
  if (server === null || example === null || isIndirect(server)) return null;
  const at = example.search(/\d+(?=\D*$)/);
  return at < 0 ? null : example.slice(0, at) + example.slice(at).replace(/\d+/, String(backlog));
}
