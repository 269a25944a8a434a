import { type Fact, known, unknown, valueOr } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';

/** Whether /lib is /usr/lib under another name, as on all distributions of today. */
export function isUsrMerged(reader: HostReader): boolean {
  const lib = reader.lstat('/lib');
  return lib.ok && lib.value.kind === 'link' && /^\/?usr\/lib\/?$/.test(valueOr(reader.readLink('/lib'), ''));
}

/** `/usr/lib/x86_64-linux-gnu` on Debian, `/usr/lib64` or `/usr/lib` elsewhere; only Debian's have to be looked for. */
export function* libraryDirectories(reader: HostReader): Generator<string> {
  const roots = isUsrMerged(reader) ? ['/usr/lib'] : ['/usr/lib', '/lib'];
  yield* roots;
  yield* ['/usr/lib64', '/lib64'];
  for (const directory of roots) {
    const names = valueOr(reader.list(directory), []);
    yield* names.filter((name) => /-linux-(?:gnu|musl)/.test(name)).map((name) => `${directory}/${name}`);
  }
}

/** `libsystemd-shared-252.so`, `libsystemd-shared-257.13-1.fc42.so`: made from the same source as systemd itself. */
export function systemdVersion(reader: HostReader): Fact<string> {
  for (const directory of libraryDirectories(reader)) {
    for (const name of valueOr(reader.list(`${directory}/systemd`), [])) {
      const version = /^libsystemd-shared-(\d+(?:\.\d+)*)/.exec(name)?.[1];
      if (version !== undefined) return known(version, `${directory}/systemd/${name}`);
    }
  }
  return unknown('absent', 'no libsystemd-shared');
}
