import { valueOr } from '../core/fact.ts';
import type { Clock, Exec, HostReader, Identity } from '../core/ports.ts';
import type { Namespace } from '../snapshot/namespace.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { GlobMatches } from '../snapshot/sysctl-file.ts';
import { type SysctlKey, swapSeparators } from '../sysctl/key.ts';
import { startSampling } from './counters.ts';
import { collectSurroundings, type Surroundings } from './environment.ts';
import { collectGlobs } from './globs.ts';
import { collectHostFacts } from './host-facts.ts';
import { collectKernel } from './kernel.ts';
import { collectListeners } from './listeners.ts';
import { collectLoader } from './loader.ts';
import { keysNamedIn } from './named-keys.ts';
import { reportOtherNamespaces } from './other-namespaces.ts';
import { collectSysctlFiles } from './sysctl-files.ts';
import { collectSysctls } from './sysctls.ts';
import { type UnseenLog, unseenLog } from './unseen.ts';
import { collectWriters } from './writers/collect-writers.ts';

export type CollectPorts = {
  readonly reader: HostReader;
  /** Shows the host that we run on, whose keys and interfaces a tree without /proc is taken to have. */
  readonly running?: HostReader;
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
  const { reader, running = reader, clock } = ports;
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
  const globs = collectGlobs(hasEntries(reader, '/proc/sys') ? reader : running, named.patterns);
  const keys = new Set([...named.keys, ...keysIn(globs)]);
  const namespace = await collectNamespace(ports, options, { surroundings, keys, unseen });
  return {
    kind: 'snapshot',
    schemaVersion: SCHEMA_VERSION,
    takenAt: clock.now(),
    host,
    namespaces: [namespace],
    sysctlFiles,
    globs,
    loader,
    ...collectWriters(reader, surroundings.host, unseen),
    unseen: [...unseen.entries],
  };
}

/** A host with a thousand interfaces has as many keys to each pattern. */
const MOST_VALUES_OF_PATTERNS = 200;

function keysIn(globs: GlobMatches): readonly SysctlKey[] {
  const paths = new Set(Object.values(globs).flatMap((matches) => matches.map(([path]) => path)));
  return [...paths].slice(0, MOST_VALUES_OF_PATTERNS).map(swapSeparators);
}

type Known = {
  readonly surroundings: Surroundings;
  /** That sysctl files set, by name or by a pattern. */
  readonly keys: ReadonlySet<SysctlKey>;
  readonly unseen: UnseenLog;
};

/** A tree without /proc, such as an image, has no sockets and no counters: nothing about them is said. */
async function collectNamespace(
  ports: CollectPorts,
  { live, sampleSeconds, alsoKeys = [] }: CollectOptions,
  { surroundings, keys, unseen }: Known,
): Promise<Namespace> {
  const { reader } = ports;
  if (!live && !hasEntries(reader, '/proc/net') && !hasEntries(reader, '/proc/sys')) {
    unseen.add('live values, listeners and counters', `${reader.root} has no /proc`);
    return { ...surroundings.namespace, sysctls: {} };
  }
  const sampling = startSampling(ports, unseen);
  const sysctls = collectSysctls(reader, new Set([...keys, ...alsoKeys]), unseen);
  const listeners = collectListeners(ports, live, unseen);
  if (live) reportOtherNamespaces(reader, ports.identity, unseen);
  const samples = await sampling.finish(live ? sampleSeconds : null);
  return { ...surroundings.namespace, sysctls, listeners, samples };
}

function hasEntries(reader: HostReader, directory: string): boolean {
  return valueOr(reader.list(directory), []).length > 0;
}
