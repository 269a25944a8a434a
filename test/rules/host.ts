import type { Listener } from '../../src/snapshot/listener.ts';
import type { Namespace } from '../../src/snapshot/namespace.ts';
import type { OtherWriter } from '../../src/snapshot/other-writer.ts';
import type { Service } from '../../src/snapshot/service.ts';
import { Snapshot } from '../../src/snapshot/snapshot.ts';

type ListenerFacts = {
  readonly address?: string;
  readonly port?: number;
  readonly path?: string;
  readonly process?: string;
  readonly server?: string;
  readonly requested?: number;
  readonly source?: string;
  readonly at?: { readonly file: string; readonly line: number };
  readonly limit?: number;
  readonly unit?: string;
  readonly length?: number;
  readonly drops?: number;
};

type HostFacts = {
  readonly kernel?: string;
  readonly memoryMib?: number;
  readonly ticksPerSecond?: number;
  readonly environment?: 'host' | 'container';
  readonly sysctls?: Readonly<Record<string, string | number>>;
  /** Keys that are known not to be there. */
  readonly absent?: readonly string[];
  readonly listeners?: readonly ListenerFacts[];
  /** In 60 seconds. */
  readonly increases?: Readonly<Record<string, number>>;
  readonly sinceBoot?: Readonly<Record<string, number>>;
  /** Text by path; `{}` is a host without sysctl files, left out is one whose files were not read. */
  readonly files?: Readonly<Record<string, string>>;
  readonly services?: readonly Service[];
  readonly loader?: 'systemd' | 'procps' | 'openrc-busybox' | 'none';
  /** What masks systemd-sysctl.service. */
  readonly maskedBy?: string;
  readonly otherWriters?: readonly OtherWriter[];
  /** Modules that are loaded before the loader runs. */
  readonly modulesLoad?: readonly string[];
  readonly loadedModules?: readonly string[];
};

const MODULES_FILE = '/etc/modules-load.d/k8s.conf';

export const NETNS = '4026531840';

function listenerOf(facts: ListenerFacts, index: number): Listener {
  const { address = '0.0.0.0', port = 80, path, process, requested, source = 'config', at } = facts;
  const end =
    path === undefined ? { protocol: 'tcp' as const, address, port } : { protocol: 'unix' as const, path };
  return {
    ...end,
    length: facts.length ?? 0,
    ...(facts.unit === undefined ? {} : { unit: facts.unit }),
    ...(facts.limit === undefined ? {} : { limit: facts.limit }),
    ...(process === undefined ? {} : { processes: [{ name: process, pid: 100 + index }] }),
    ...(facts.server === undefined ? {} : { server: facts.server }),
    ...(requested === undefined ? {} : { backlog: { ok: true as const, value: requested, from: source } }),
    ...(at === undefined ? {} : { backlogAt: at }),
    ...(facts.drops === undefined ? {} : { drops: facts.drops }),
  };
}

function samplesOf({ increases, sinceBoot = {} }: HostFacts): Pick<Namespace, 'samples'> {
  if (increases === undefined) return { samples: [{ at: 0, counters: { ...sinceBoot } }] };
  const names = [...Object.keys(increases), ...Object.keys(sinceBoot)];
  const start = Object.fromEntries(names.map((name) => [name, sinceBoot[name] ?? 0]));
  const end = Object.fromEntries(names.map((name) => [name, (start[name] ?? 0) + (increases[name] ?? 0)]));
  return {
    samples: [
      { at: 0, counters: start },
      { at: 60, counters: end },
    ],
  };
}

export function namespaceOf(facts: HostFacts, id = NETNS): Namespace {
  return {
    id,
    name: facts.environment === 'container' ? 'pod' : 'host',
    environment: facts.environment ?? 'host',
    sysctls: Object.fromEntries([
      ...(facts.absent ?? []).map((key) => [key, { ok: false, why: 'absent' }]),
      ...Object.entries(facts.sysctls ?? {}).map(([key, value]) => [key, { ok: true, value: String(value) }]),
    ]),
    listeners: (facts.listeners ?? []).map(listenerOf),
    ...samplesOf(facts),
  };
}

/** A host as a rule's case needs it; it passes through the schema, so no case can stand on an impossible snapshot. */
export function hostOf(facts: HostFacts): Snapshot {
  const { files, services, loader = 'systemd', maskedBy } = facts;
  return Snapshot.parse({
    kind: 'snapshot',
    schemaVersion: 0,
    takenAt: '2026-11-20T09:00:00Z',
    host: {
      kernel: { release: facts.kernel ?? '6.18.0' },
      memoryBytes: { ok: true, value: (facts.memoryMib ?? 8192) * 1024 * 1024 },
      pageBytes: { ok: true, value: 4096 },
      ...(facts.ticksPerSecond === undefined
        ? {}
        : { ticksPerSecond: { ok: true, value: facts.ticksPerSecond } }),
      environment: facts.environment ?? 'host',
    },
    namespaces: [namespaceOf(facts)],
    loader: { kind: { ok: true, value: loader }, ...(maskedBy === undefined ? {} : { maskedBy }) },
    ...(services === undefined ? {} : { services }),
    otherWriters: facts.otherWriters ?? [],
    modulesLoad: (facts.modulesLoad ?? []).map((module) => ({ module, file: MODULES_FILE, line: 1 })),
    ...(facts.loadedModules === undefined ? {} : { loadedModules: facts.loadedModules }),
    ...(files === undefined
      ? {}
      : {
          sysctlFiles: Object.entries(files).map(([path, text]) => ({
            path,
            kind: 'file',
            mode: '0644',
            text,
          })),
        }),
  });
}
