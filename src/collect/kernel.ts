import { type Fact, known, thenFact, unknown } from '../core/fact.ts';
import {
  formatKernelVersion,
  isExactKernel,
  parseBanner,
  parseKernelRelease,
} from '../core/kernel-release.ts';
import type { HostReader } from '../core/ports.ts';
import type { Kernel } from '../snapshot/host.ts';
import type { UnseenLog } from './unseen.ts';

/** What stands for `uname -r` in a tree without /proc. */
const RELEASE_UNKNOWN = 'unknown';

/** The release, and the upstream version behind it where it can be known for certain. */
export function collectKernel(reader: HostReader, unseen: UnseenLog): Kernel {
  const release = orElse(line(reader, '/proc/sys/kernel/osrelease'), () => fromBanner(reader, 'release'));
  // `uname -v` says the same as /proc/sys/kernel/version.
  const build = orElse(line(reader, '/proc/sys/kernel/version', 'uname -v'), () =>
    fromBanner(reader, 'build'),
  );
  if (!release.ok) {
    unseen.add('kernel release', release);
    return { release: RELEASE_UNKNOWN, version: unknown('absent'), build };
  }
  const signature = line(reader, '/proc/version_signature');
  return { release: release.value, version: exactVersion(release.value, build, signature), build };
}

function line(reader: HostReader, path: string, from?: string): Fact<string> {
  return thenFact(reader.readText(path), (text) => known(text.trim(), from));
}

function orElse<T>(fact: Fact<T>, other: () => Fact<T>): Fact<T> {
  if (fact.ok) return fact;
  const instead = other();
  return instead.ok ? instead : fact;
}

function fromBanner(reader: HostReader, part: 'release' | 'build'): Fact<string> {
  return thenFact(reader.readText('/proc/version'), (text) => {
    const found = parseBanner(text)?.[part];
    return found === undefined ? unknown('malformed') : known(found, '/proc/version');
  });
}

function exactVersion(release: string, build: Fact<string>, signature: Fact<string>): Fact<string> {
  const parsed = parseKernelRelease(release, textOf(build), textOf(signature));
  if (parsed === null) return unknown('malformed', 'the release does not begin with a version');
  const { low, high } = parsed.range;
  if (isExactKernel(parsed.range)) return known(formatKernelVersion(low), parsed.from);
  return unknown('absent', `${formatKernelVersion(low)} to ${formatKernelVersion(high)}`);
}

function textOf(fact: Fact<string>): string | null {
  return fact.ok ? fact.value : null;
}
