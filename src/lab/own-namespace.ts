/**
 * A command that runs in a network namespace of its own and is killed when whoever started it is gone: the namespace ends
 * with it.
 * @param flags of unshare(1) besides --net
 */
export function inOwnNamespace(
  flags: readonly string[],
  command: readonly string[],
): readonly [string, ...string[]] {
  return ['unshare', ...flags, '--net', '--', 'setpriv', '--pdeathsig', 'KILL', '--', ...command];
}
