import { valueOr } from '../core/fact.ts';
import type { Clock, Exec, HostReader, Identity } from '../core/ports.ts';
import type { Namespace } from '../snapshot/namespace.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import { startSampling } from './counters.ts';
import { collectSurroundings, type Surroundings } from './environment.ts';
import { collectGlobs } from './globs.ts';
import { collectHostFacts } from './host-facts.ts';
import { collectKernel } from './kernel.ts';
import { collectListeners } from './listeners.ts';
import { collectLoader } from './loader.ts';
import { keysNamedIn, type NamedKeys } from './named-keys.ts';
import { reportOtherNamespaces } from './other-namespaces.ts';
import { collectSysctlFiles } from './sysctl-files.ts';
import { collectSysctls } from './sysctls.ts';
import { type UnseenLog, unseenLog } from './unseen.ts';
import { collectWriters } from './writers/collect-writers.ts';

export type CollectPorts = {
  readonly reader: HostReader;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly identity: Identity;
};

export type CollectOptions = {
  /** Whether the reader shows this running host; of another tree /proc and /sys are read only if it has them. */
  readonly live: boolean;
  /** Seconds between two readings of the counters; null for one reading. */
  readonly sampleSeconds: number | null;
  /** Keys whose live values are wanted besides those that every audit reads and those that files name. */
  readonly alsoKeys?: readonly SysctlKey[];
};

/** Must be the version that src/snapshot/snapshot.ts describes: its schemas are not loaded here for their cost. */
const SCHEMA_VERSION = 0;

/** Reads everything that later stages know of the host. Never fails: what cannot be seen is listed in `unseen`. */
export async function collectSnapshot(ports: CollectPorts, options: CollectOptions): Promise<Snapshot> {
  const { reader, clock } = ports;
  const unseen = unseenLog(ports.identity);
  const surroundings = collectSurroundings(reader);
  const sysctlFiles = collectSysctlFiles(reader, unseen);
  const named = keysNamedIn(sysctlFiles);
  const host = {
    kernel: collectKernel(reader, unseen),
    ...collectHostFacts(reader, unseen),
    environment: surroundings.host,
  };
  const loader = collectLoader(reader, surroundings.host);
  const namespace = await collectNamespace(ports, options, { surroundings, named, unseen });
  return {
    kind: 'snapshot',
    schemaVersion: SCHEMA_VERSION,
    takenAt: clock.now(),
    host,
    namespaces: [namespace],
    sysctlFiles,
    globs: collectGlobs(reader, named.patterns),
    loader,
    ...collectWriters(reader, surroundings.host, unseen),
    unseen: [...unseen.entries],
  };
}

type Known = {
  readonly surroundings: Surroundings;
  readonly named: NamedKeys;
  readonly unseen: UnseenLog;
};

/** A tree without /proc, such as an image, has no sockets and no counters: nothing about them is said. */
async function collectNamespace(
  ports: CollectPorts,
  { live, sampleSeconds, alsoKeys = [] }: CollectOptions,
  { surroundings, named, unseen }: Known,
): Promise<Namespace> {
  const { reader } = ports;
  if (!live && !hasEntries(reader, '/proc/net') && !hasEntries(reader, '/proc/sys')) {
    unseen.add('live values, listeners and counters', `${reader.root} has no /proc`);
    return { ...surroundings.namespace, sysctls: {} };
  }
  const sampling = startSampling(ports, unseen);
  const sysctls = collectSysctls(reader, new Set([...named.keys, ...alsoKeys]), unseen);
  const listeners = collectListeners(ports, live, unseen);
  if (live) reportOtherNamespaces(reader, ports.identity, unseen);
  const samples = await sampling.finish(live ? sampleSeconds : null);
  return { ...surroundings.namespace, sysctls, listeners, samples };
}

function hasEntries(reader: HostReader, directory: string): boolean {
  return valueOr(reader.list(directory), []).length > 0;
}
