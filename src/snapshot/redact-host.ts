import type { Fact } from '../core/fact.ts';
import type { Host, Kernel, Loader } from './host.ts';
import type { Pseudonyms } from './pseudonyms.ts';

/** What we write ourselves where a fact comes from; anything else may be somebody's path. */
const OWN_ORIGINS =
  /^(?:config|command-line|default|derived|inferred|unknown|uname -[rv]|\/proc\/(?:version|version_signature|meminfo|self\/auxv|net\/netstat)|\/sys\/devices\/system\/cpu\/online|\/var\/lib\/dpkg\/status)$/;

/** The value stays; where it comes from, and why it is not known, are words. */
export function redactFact<T>(fact: Fact<T>, names: Pseudonyms): Fact<T> {
  if (!fact.ok) return { ok: false, why: fact.why };
  const { from } = fact;
  if (from === undefined || OWN_ORIGINS.test(from)) return fact;
  return { ...fact, from: names.of('origin', from) };
}

/** Parts of a release that say whose kernel it is, and for which machines. */
const TELLING =
  /^(?:|\d+|rc\d+|deb\d+(?:u\d+)?|bpo|el\d+(?:_\d+)*(?:uek)?|elrepo|oe\d+(?:sp\d+)?|an\d+|al\d+|vz\d+|amzn\d+|fc\d+|lp\d+|generic|lowlatency|aws|azure|gcp|gke|gkeop|ibm|kvm|nvidia|oem|oracle|raspi|xilinx|zynqmp|pve|default|cloud|rt|lts|amd64|arm64|x86_64|aarch64|s390x|ppc64le|unknown)$/;

function redactRelease(release: string): string {
  return release
    .split(/([-+.~])/)
    .map((part, index) => (index % 2 === 1 || TELLING.test(part) ? part : 'x'))
    .join('');
}

function redactKernel({ release, version, build }: Kernel, names: Pseudonyms): Kernel {
  const redactBuild = (fact: Fact<string>): Fact<string> =>
    fact.ok
      ? {
          ...fact,
          value: /\bDebian \d+(?:\.\d+){1,2}(?:-\d+)?(?=[-+ ]|$)/.exec(fact.value)?.[0] ?? 'redacted',
        }
      : fact;
  return {
    release: redactRelease(release),
    ...(version && { version: redactFact(version, names) }),
    ...(build && { build: redactFact(redactBuild(build), names) }),
  };
}

const WIDESPREAD =
  /^(?:debian|ubuntu|rhel|centos|rocky|almalinux|fedora|sles|opensuse(?:-leap|-tumbleweed)?|arch|amzn|ol|alpine)$/;

type OperatingSystem = { id: string; versionId: string; name: string };

function redactSystem({ id, versionId }: OperatingSystem): OperatingSystem {
  if (!WIDESPREAD.test(id)) return { id: 'other', versionId: '', name: 'other' };
  const version = /^[\d.]*$/.test(versionId) ? versionId : '';
  return { id, versionId: version, name: version === '' ? id : `${id} ${version}` };
}

export function redactHost(host: Host, names: Pseudonyms): Host {
  const { kernel, memoryBytes, pageBytes, ticksPerSecond, cpus, operatingSystem } = host;
  const system = operatingSystem?.ok
    ? { ...operatingSystem, value: redactSystem(operatingSystem.value) }
    : operatingSystem;
  return {
    ...host,
    kernel: redactKernel(kernel, names),
    ...(memoryBytes && { memoryBytes: redactFact(memoryBytes, names) }),
    ...(pageBytes && { pageBytes: redactFact(pageBytes, names) }),
    ...(ticksPerSecond && { ticksPerSecond: redactFact(ticksPerSecond, names) }),
    ...(cpus && { cpus: redactFact(cpus, names) }),
    ...(system && { operatingSystem: redactFact(system, names) }),
  };
}

/** What masks it stands in one of two places, on every host. */
export function redactLoader({ kind, version, maskedBy }: Loader, names: Pseudonyms): Loader {
  return {
    kind: redactFact(kind, names),
    ...(version && { version: redactFact(version, names) }),
    ...(maskedBy !== undefined && { maskedBy }),
  };
}
