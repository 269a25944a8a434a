import type { Workload } from '../snapshot/workload.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import type { ResolvedProfile, Setting } from './profile.ts';

/** The name under which a plan says that the load asks for a value. */
export const STATED_LOAD = 'stated-load';

type Wanted = { readonly key: SysctlKey; readonly because: string; readonly source: string };

const QUEUE: readonly Wanted[] = [
  {
    key: 'net.core.somaxconn',
    because: 'a listener has to queue what arrives while its program accepts nothing',
    source: "Little's law; man 2 listen",
  },
];

const BUFFERS: readonly Wanted[] = [
  {
    key: 'net.ipv4.tcp_rmem',
    because: 'the receiver has to hold what is in flight on the path',
    source: 'man 7 tcp; measured, 6.18',
  },
  {
    key: 'net.ipv4.tcp_wmem',
    because: 'the sender has to keep what is in flight on the path until it is acknowledged',
    source: 'man 7 tcp; measured, 6.18',
  },
];

function settingOf({ key, because, source }: Wanted): Setting {
  return {
    key,
    relation: 'at-least',
    value: { kind: 'auto' },
    written: 'auto',
    because,
    source,
    when: [],
    unchecked: false,
    profile: STATED_LOAD,
    at: { file: 'the stated load', line: 1 },
  };
}

/** What a load requires by itself, without any profile: only what its own numbers decide. */
export function profileOfLoad(workload: Workload): ResolvedProfile {
  const { connectionsPerSecond, longestStallMilliseconds, bandwidthBitsPerSecond, roundTripMilliseconds } =
    workload;
  const knowsQueue = connectionsPerSecond !== undefined && longestStallMilliseconds !== undefined;
  const knowsPath = bandwidthBitsPerSecond !== undefined && roundTripMilliseconds !== undefined;
  return {
    name: STATED_LOAD,
    summary: 'What the stated load requires.',
    file: 'the stated load',
    lineage: [STATED_LOAD],
    settings: [...(knowsQueue ? QUEUE : []), ...(knowsPath ? BUFFERS : [])].map(settingOf),
    protections: [],
  };
}
