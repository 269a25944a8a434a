import { type Fact, known, thenFact, unknown, valueOr } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';
import type { Environment, Loader, LoaderKind } from '../snapshot/host.ts';
import { maskOf } from './masked-unit.ts';
import { libraryDirectories, systemdVersion } from './systemd-version.ts';

export const DPKG_STATUS = '/var/lib/dpkg/status';
export const DPKG_STATUS_BYTES = 64 * 1024 * 1024;

/**
 * What applies the sysctl files at boot, and its version, without running anything. A container without an init has
 * none for certain; elsewhere one that was not found may have another name.
 */
export function collectLoader(reader: HostReader, environment: Environment): Loader {
  const kind = loaderKind(reader, environment);
  switch (kind) {
    case null:
      return { kind: unknown('absent', 'no program that reads them was found') };
    case 'systemd': {
      const maskedBy = maskOf('systemd-sysctl.service', reader);
      const version = systemdVersion(reader);
      return { kind: known(kind), version, ...(maskedBy === null ? {} : { maskedBy }) };
    }
    case 'procps':
    case 'openrc':
      // OpenRC's sysctl service runs whatever sysctl(8) is installed.
      return { kind: known(kind), version: procpsVersion(reader) };
    default:
      return { kind: known(kind) };
  }
}

function loaderKind(reader: HostReader, environment: Environment): LoaderKind | null {
  // sd_booted(3): systemd is the first process.
  if (exists(reader, '/run/systemd/system')) return 'systemd';
  // In a container without an init of its own nothing reads sysctl files, whatever is installed in it.
  if (environment === 'container' && !exists(reader, '/run/openrc')) return 'none';
  if (exists(reader, '/run/openrc') || exists(reader, '/sbin/openrc-run')) {
    return isBusybox(reader) ? 'openrc-busybox' : 'openrc';
  }
  if (systemdSysctl(reader)) return 'systemd';
  if (isBusybox(reader)) return 'busybox';
  return exists(reader, '/sbin/sysctl') || exists(reader, '/usr/sbin/sysctl') ? 'procps' : null;
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

/** The package's version where dpkg knows it, else what the library's name tells. Costs a look into dpkg's database. */
export function procpsVersion(reader: HostReader): Fact<string> {
  const packaged = thenFact(reader.readText(DPKG_STATUS, DPKG_STATUS_BYTES), (text) => {
    const version = /^Package: procps\n(?:.+\n)*?Version: (?:\d+:)?(\d+(?:\.\d+)*)/m.exec(text)?.[1];
    return version === undefined ? unknown('absent') : known(version, DPKG_STATUS);
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
