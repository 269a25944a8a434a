/**
 * The systemd unit behind a cgroup's path: slices are passed over, `/system.slice/nginx.service` is `nginx.service`,
 * a cgroup that the unit made below its own still belongs to it, and below `user@1000.service` it is the unit of
 * that user's manager.
 * @returns null where the path holds no unit, as in most containers
 */
export function unitOfCgroup(path: string): string | null {
  const units = path
    .split('/')
    .map((part) => (part.startsWith('_') ? part.slice(1) : part))
    .filter((part) => UNIT.test(part));
  const [first, second] = units;
  if (first === undefined || first === 'init.scope') return null;
  if (!/^user@\d+\.service$/.test(first) || second === undefined || second === 'init.scope') return first;
  return second;
}

/** Names that systemd.unit(5) allows, of the kinds that hold processes or sockets. */
const UNIT = /^[\w:.\\@-]+\.(?:service|socket|scope|mount|swap)$/;

/**
 * The path in /proc/PID/cgroup that systemd put the process in: of the unified hierarchy, or of systemd's own
 * where that is empty (version 1, and hybrid).
 */
export function cgroupOfProcess(text: string): string | null {
  const lines = text.split('\n').map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
  const unified = lines.find((line) => line?.[1] === '')?.[2];
  const named = lines.find((line) => line?.[1] === 'name=systemd')?.[2];
  return [unified, named].find((path) => path !== undefined && path !== '/') ?? null;
}
