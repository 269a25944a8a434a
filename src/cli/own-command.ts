import type { HostReader } from '../core/ports.ts';

/** What starts ourselves again, the same Node and the same files. */
export function ownCommand(...args: readonly string[]): readonly [string, ...string[]] {
  return [process.execPath, process.argv[1] ?? '', ...args];
}

/** `net:[4026531840]`; empty where /proc does not tell. */
export function ownNamespace(reader: HostReader): string {
  const link = reader.readLink('/proc/self/ns/net');
  return link.ok ? link.value : '';
}
