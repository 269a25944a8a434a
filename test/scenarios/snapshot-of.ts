import { Snapshot } from '../../src/snapshot/snapshot.ts';
import type {
  Capture,
  Facts,
  ListenerFacts,
  NamespaceFacts,
  ServiceFacts,
} from '../fixtures/scenarios/scenario.ts';

/** A snapshot, and where in it each listener of the facts stands. */
export type Built = {
  readonly snapshot: Snapshot;
  readonly positions: ReadonlyMap<string, { readonly namespace: number; readonly listener: number }>;
  /** Ids of the network namespaces in the order of the facts. */
  readonly namespaceIds: readonly string[];
};

const DEFAULT_CAPTURE = {
  sampleSeconds: 60,
  counterBase: 7,
  socketDetails: true,
  backlogOrigin: true,
  environmentOf: 'host',
  namespaceOrder: 'as-given',
} as const satisfies Required<Capture>;

const INITIAL_NAMESPACE = 4_026_531_840;
const ADDRESS_AND_PORT = /^\[?([^\]]*?)\]?:(\d+)(?: #\d+)?$/;

/** comm is cut by the kernel (TASK_COMM_LEN). */
const COMM_BYTES = 15;

function endpointOf({ protocol, local }: ListenerFacts) {
  if (protocol === 'unix') return { protocol, path: local } as const;
  const [, address, port] = ADDRESS_AND_PORT.exec(local) ?? [];
  if (address === undefined || port === undefined) throw new Error(`not an address and a port: ${local}`);
  return { protocol, address, port: Number(port) } as const;
}

function requestOf(
  { requested, source }: { requested: number | null; source?: string },
  { backlogOrigin }: Required<Capture>,
) {
  if (requested === null) return {};
  const from = backlogOrigin ? { from: source ?? 'config' } : {};
  return { backlog: { ok: true, value: requested, ...from } };
}

function listenerOf(facts: ListenerFacts, index: number, capture: Required<Capture>) {
  return {
    ...endpointOf(facts),
    length: facts.length,
    limit: facts.limit,
    ...(capture.socketDetails ? { inode: 20_000 + index, uid: 1000 + index, drops: 0 } : {}),
    ...(facts.process === null
      ? {}
      : { processes: [{ name: facts.process.slice(0, COMM_BYTES), pid: 700 + index }] }),
    ...(facts.server === undefined ? {} : { server: facts.server }),
    ...requestOf({ requested: facts.requested, source: facts.source ?? 'config' }, capture),
  };
}

function shifted(counters: Readonly<Record<string, number>>, by: number): Record<string, number> {
  return Object.fromEntries(Object.entries(counters).map(([name, count]) => [name, count + by]));
}

function samplesOf({ increases, sinceBoot }: NamespaceFacts, capture: Required<Capture>) {
  if (sinceBoot !== undefined) return { samples: [{ at: 0, counters: { ...sinceBoot } }] };
  if (increases === undefined) return {};
  const minutes = capture.sampleSeconds / 60;
  const grown = Object.fromEntries(
    Object.entries(increases).map(([name, count]) => [name, Math.round(count * minutes)]),
  );
  const base = capture.counterBase;
  const zero = Object.fromEntries(Object.keys(increases).map((name) => [name, 0]));
  return {
    samples: [
      { at: 0, counters: shifted(zero, base) },
      { at: capture.sampleSeconds, counters: shifted(grown, base) },
    ],
  };
}

function namespaceOf(facts: NamespaceFacts, id: string, capture: Required<Capture>, alone: boolean) {
  return {
    id,
    name: facts.environment === 'host' ? 'host' : `pod-${id}`,
    ...(alone && capture.environmentOf === 'host' ? {} : { environment: facts.environment }),
    sysctls: Object.fromEntries(
      Object.entries(facts.sysctls).map(([key, value]) => [key, { ok: true, value: String(value) }]),
    ),
    ...(facts.listeners === undefined
      ? {}
      : { listeners: facts.listeners.map((each, index) => listenerOf(each, index, capture)) }),
    ...samplesOf(facts, capture),
  };
}

function serviceOf(facts: ServiceFacts, capture: Required<Capture>) {
  return {
    name: facts.name,
    ...(facts.state === undefined ? {} : { state: facts.state }),
    ...(facts.server === undefined ? {} : { server: facts.server }),
    ...requestOf({ requested: facts.requested ?? null }, capture),
    ...(facts.at === undefined ? {} : { backlogAt: facts.at }),
  };
}

function hostOf(facts: Facts, capture: Required<Capture>, alone: boolean) {
  const version = facts.kernelVersion;
  // Seen from inside, a pod is all there is; seen from its node, the host has it as one namespace of several.
  const inside = alone && capture.environmentOf === 'host';
  return {
    kernel: {
      release: facts.kernel,
      ...(version === undefined ? {} : { version: { ok: true, value: version, from: 'uname -v' } }),
    },
    memoryBytes: { ok: true, value: facts.memoryMib * 1024 * 1024, from: '/proc/meminfo' },
    pageBytes: { ok: true, value: 4096 },
    environment: inside ? facts.namespaces[0].environment : 'host',
    ...(facts.operatingSystem === undefined
      ? {}
      : { operatingSystem: { ok: true, value: facts.operatingSystem } }),
  };
}

function optionalParts(facts: Facts, capture: Required<Capture>) {
  return {
    ...(facts.files === undefined
      ? {}
      : { sysctlFiles: facts.files.map((file) => ({ ...file, kind: 'file', mode: '0644' })) }),
    ...(facts.services === undefined
      ? {}
      : { services: facts.services.map((each) => serviceOf(each, capture)) }),
    ...(facts.loader === undefined ? {} : { loader: { kind: { ok: true, value: facts.loader } } }),
  };
}

/** Passes through JSON and the schema, so that what the rules get is what a saved snapshot would give them. */
export function snapshotOf(facts: Facts): Built {
  const capture: Required<Capture> = { ...DEFAULT_CAPTURE, ...facts.capture };
  const alone = facts.namespaces.length === 1;
  const ids = facts.namespaces.map(({ environment }, index) =>
    String(environment === 'host' ? INITIAL_NAMESPACE : INITIAL_NAMESPACE + 700 + index),
  );
  const reversed = capture.namespaceOrder === 'reversed';
  const namespaces = facts.namespaces.map((each, index) =>
    namespaceOf(each, ids[index] ?? '', capture, alone),
  );
  const document = {
    kind: 'snapshot',
    schemaVersion: 0,
    takenAt: '2026-11-20T09:00:00Z',
    host: hostOf(facts, capture, alone),
    namespaces: reversed ? namespaces.toReversed() : namespaces,
    ...optionalParts(facts, capture),
  };
  const positions = facts.namespaces.flatMap(({ listeners = [] }, index) =>
    listeners.map(
      ({ local }, listener) =>
        [local, { namespace: reversed ? namespaces.length - 1 - index : index, listener }] as const,
    ),
  );
  return {
    snapshot: Snapshot.parse(JSON.parse(JSON.stringify(document))),
    positions: new Map(positions),
    namespaceIds: ids,
  };
}
