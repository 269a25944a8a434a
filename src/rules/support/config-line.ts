import type { ServerEntry } from '../../servers/server-entry.ts';
import type { Listener } from '../../snapshot/listener.ts';

/** Settings from which a server computes its backlog: another number than the backlog itself. */
function isIndirect({ config, defaultBacklog }: ServerEntry): boolean {
  return defaultBacklog.kind === 'derived' && /indirect|multiplier/.test(config.directive ?? '');
}

/** The ports of the examples, and what stands beside them that may not hold for the listener. */
const EXAMPLE_PORT = /(?<![\d.])(?:443|8080|80)(?!\d)/;
const EXAMPLE_ADDRESS = /0\.0\.0\.0:443 ssl/;

/** The listener's own address in place of the example's; null where the example is about a port and it has none. */
function about(listener: Listener, line: string): string | null {
  if (!EXAMPLE_PORT.test(line)) return line;
  if (listener.protocol === 'unix') return null;
  const { address, port } = listener;
  const host = address.includes(':') ? `[${address}]` : address;
  return EXAMPLE_ADDRESS.test(line)
    ? line.replace(EXAMPLE_ADDRESS, () => `${host}:${port}`)
    : line.replace(EXAMPLE_PORT, String(port));
}

/** How a server's configuration asks for a backlog: its own example with the last number replaced. */
export function configLine(server: ServerEntry | null, backlog: number, listener: Listener): string | null {
  const example = server?.config.example ?? null;
  if (server === null || example === null || isIndirect(server)) return null;
  const at = example.search(/\d+(?=\D*$)/);
  if (at < 0) return null;
  const before = about(listener, example.slice(0, at));
  return before === null ? null : before + example.slice(at).replace(/\d+/, String(backlog));
}
