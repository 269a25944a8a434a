import { type Fact, known, thenFact, unknown, valueOr } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';
import type { Environment, Loader, LoaderKind } from '../snapshot/host.ts';

const DPKG_STATUS_BYTES = 64 * 1024 * 1024;

/** What applies the sysctl files at boot, and its version, without running anything. */
export function collectLoader(reader: HostReader, environment: Environment): Loader {
  const kind = loaderKind(reader, environment);
  switch (kind) {
    case 'systemd':
      return { kind: known(kind), version: systemdVersion(reader) };
    case 'procps':
    case 'openrc':
      // OpenRC's sysctl service runs whatever sysctl(8) is installed.
      return { kind: known(kind), version: procpsVersion(reader) };
    default:
      return { kind: known(kind) };
  }
}

function loaderKind(reader: HostReader, environment: Environment): LoaderKind {
  // sd_booted(3): systemd is the first process.
  if (exists(reader, '/run/systemd/system')) return 'systemd';
  // In a container without an init of its own nothing reads sysctl files, whatever is installed in it.
  if (environment === 'container' && !exists(reader, '/run/openrc')) return 'none';
  if (exists(reader, '/run/openrc') || exists(reader, '/sbin/openrc-run')) return 'openrc';
  if (systemdSysctl(reader)) return 'systemd';
  if (isBusybox(reader)) return 'busybox';
  return exists(reader, '/sbin/sysctl') || exists(reader, '/usr/sbin/sysctl') ? 'procps' : 'none';
}

function exists(reader: HostReader, path: string): boolean {
  return reader.stat(path).ok;
}

function systemdSysctl(reader: HostReader): boolean {
  return ['/usr/lib/systemd/systemd-sysctl', '/lib/systemd/systemd-sysctl'].some((path) =>
    exists(reader, path),
  );
}

function isBusybox(reader: HostReader): boolean {
  return ['/sbin/sysctl', '/usr/sbin/sysctl', '/bin/sysctl'].some((path) =>
    /\bbusybox$/.test(valueOr(reader.readLink(path), '')),
  );
}

/** `libsystemd-shared-252.so`, `libsystemd-shared-257.13-1.fc42.so`: made from the same source as systemd-sysctl. */
function systemdVersion(reader: HostReader): Fact<string> {
  for (const directory of libraryDirectories(reader)) {
    for (const name of valueOr(reader.list(`${directory}/systemd`), [])) {
      const version = /^libsystemd-shared-(\d+(?:\.\d+)*)/.exec(name)?.[1];
      if (version !== undefined) return known(version, `${directory}/systemd/${name}`);
    }
  }
  return unknown('absent', 'no libsystemd-shared');
}

/** `/usr/lib/x86_64-linux-gnu` on Debian, `/usr/lib64` or `/usr/lib` elsewhere; only Debian's have to be looked for. */
function* libraryDirectories(reader: HostReader): Generator<string> {
  const isMerged = /^\/?usr\/lib\/?$/.test(valueOr(reader.readLink('/lib'), ''));
  const roots = isMerged ? ['/usr/lib'] : ['/usr/lib', '/lib'];
  yield* roots;
  yield* ['/usr/lib64', '/lib64'];
  for (const directory of roots) {
    const names = valueOr(reader.list(directory), []);
    yield* names.filter((name) => /-linux-(?:gnu|musl)/.test(name)).map((name) => `${directory}/${name}`);
  }
}

/** The package's version where dpkg knows it, else what the library's name tells. */
function procpsVersion(reader: HostReader): Fact<string> {
  const packaged = thenFact(reader.readText('/var/lib/dpkg/status', DPKG_STATUS_BYTES), (text) => {
    const version = /^Package: procps\n(?:.+\n)*?Version: (?:\d+:)?(\d+(?:\.\d+)*)/m.exec(text)?.[1];
    return version === undefined ? unknown('absent') : known(version, '/var/lib/dpkg/status');
  });
  return packaged.ok ? packaged : procpsFromLibrary(reader);
}

/** libproc2 came with 4.0.0; the last release before it, and the last of libprocps.so.8, was 3.3.17. */
function procpsFromLibrary(reader: HostReader): Fact<string> {
  for (const directory of libraryDirectories(reader)) {
    for (const name of valueOr(reader.list(directory), [])) {
      if (/^libproc2\.so\.\d/.test(name)) return known('4', `${directory}/${name}`);
      if (/^libprocps\.so\.\d/.test(name)) return known('3.3', `${directory}/${name}`);
    }
  }
  return unknown('absent', 'no libproc2 or libprocps');
}
