import type { Remedy } from '../../src/rules/remedy.ts';
import type { FileLine } from '../../src/snapshot/fact.ts';
import type { Listener } from '../../src/snapshot/listener.ts';
import type { Namespace } from '../../src/snapshot/namespace.ts';
import type { OtherWriter } from '../../src/snapshot/other-writer.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import { KEYS_MODULES } from '../../src/sysctl/modules.ts';
import type { Requirement } from '../../src/sysctl/requirement.ts';

const UNSIGNED = 2 ** 32;

function meet(live: string | null, { relation, value }: Requirement): string {
  if (relation === 'exactly' || live === null) return value;
  const wanted = value.split(/\s+/).map(Number);
  const now = live.trim().split(/\s+/).map(Number);
  const pick = relation === 'at-least' ? Math.max : Math.min;
  return wanted.map((each, index) => pick(each, now[index] ?? each)).join(' ');
}

function withSettings(namespace: Namespace, wanted: readonly Requirement[]): Namespace {
  const sysctls = { ...namespace.sysctls };
  for (const requirement of wanted.filter(({ netns }) => netns === namespace.id)) {
    const live = sysctls[requirement.key];
    sysctls[requirement.key] = { ok: true, value: meet(live?.ok ? live.value : null, requirement) };
  }
  return { ...namespace, sysctls };
}

function whoOf({ server, processes }: Listener): string {
  return server ?? processes?.[0]?.name ?? '?';
}

function relisten(listener: Listener, somaxconn: number): Listener {
  const requested = listener.backlog?.ok ? listener.backlog.value : somaxconn;
  return { ...listener, limit: Math.min(requested < 0 ? requested + UNSIGNED : requested, somaxconn) };
}

function withServers(namespace: Namespace, remedies: readonly Remedy[]): Namespace {
  const live = namespace.sysctls['net.core.somaxconn'];
  const somaxconn = live?.ok ? Number(live.value) : 4096;
  const asked = new Map(
    remedies.flatMap((each) =>
      each.kind === 'edit-config' && each.backlog !== undefined ? [[each.server, each.backlog] as const] : [],
    ),
  );
  const again = new Set([
    ...remedies.flatMap((each) => (each.kind === 'relisten' ? [each.server] : [])),
    // Another version of a program with a built-in backlog starts anew.
    ...asked.keys(),
  ]);
  const listeners = (namespace.listeners ?? []).map((listener): Listener => {
    const backlog = asked.get(whoOf(listener));
    const configured =
      backlog === undefined ? listener : { ...listener, backlog: { ok: true as const, value: backlog } };
    return again.has(whoOf(listener)) ? relisten(configured, somaxconn) : configured;
  });
  return { ...namespace, listeners };
}

/** What was counted before a change says nothing of the time after it. */
function unmeasured({ samples: _samples, ...namespace }: Namespace): Namespace {
  const listeners = (namespace.listeners ?? []).map(({ drops: _drops, ...listener }) => ({
    ...listener,
    length: 0,
  }));
  return { ...namespace, listeners };
}

function withoutLines(text: string, path: string, lines: readonly FileLine[]): string {
  const gone = new Set(lines.filter(({ file }) => file === path).map(({ line }) => line));
  return text
    .split('\n')
    .map((content, index) => (gone.has(index + 1) ? '' : content))
    .join('\n');
}

function linesToDelete(remedies: readonly Remedy[]): readonly FileLine[] {
  return remedies.flatMap((each) =>
    (each.kind === 'delete-line' || each.kind === 'change-other-manager') && each.at !== null
      ? [each.at]
      : [],
  );
}

function isNamed({ by, file, line }: OtherWriter, remedies: readonly Remedy[]): boolean {
  return remedies.some(
    (each) =>
      each.kind === 'change-other-manager' &&
      each.manager === by &&
      (each.at === null ? line === undefined : each.at.file === file && each.at.line === line),
  );
}

/** What no other manager sets any more, and what is loaded in time. */
function withOthers(snapshot: Snapshot, remedies: readonly Remedy[]): Snapshot {
  const { otherWriters = [], modulesLoad = [] } = snapshot;
  const loadsAll = remedies.some(
    (each) => each.kind === 'change-other-manager' && each.manager === 'systemd-modules-load',
  );
  const added = KEYS_MODULES.map((module) => ({ module, file: '/etc/modules-load.d/added.conf', line: 1 }));
  return {
    ...snapshot,
    otherWriters: otherWriters.filter((each) => !isNamed(each, remedies)),
    modulesLoad: loadsAll ? [...modulesLoad, ...added] : modulesLoad,
  };
}

/** The loader with its unit unmasked, where that is asked for. */
function withLoader({ loader }: Snapshot, remedies: readonly Remedy[]): Pick<Snapshot, 'loader'> {
  if (loader === undefined) return {};
  const { maskedBy, ...own } = loader;
  const isUnmasked = remedies.some(
    (each) => each.kind === 'change-other-manager' && each.manager === 'systemd',
  );
  return { loader: maskedBy === undefined || isUnmasked ? own : loader };
}

/** The snapshot as it would be once everybody had done what the remedies ask for. */
export function applyRemedies(snapshot: Snapshot, remedies: readonly Remedy[]): Snapshot {
  const wanted = remedies.flatMap((each) => ('requirement' in each ? [each.requirement] : []));
  const lines = linesToDelete(remedies);
  return {
    ...withOthers(snapshot, remedies),
    ...withLoader(snapshot, remedies),
    namespaces: snapshot.namespaces.map((namespace) =>
      unmeasured(withServers(withSettings(namespace, wanted), remedies)),
    ),
    ...(snapshot.sysctlFiles === undefined
      ? {}
      : {
          sysctlFiles: snapshot.sysctlFiles.map((file) =>
            file.text === undefined ? file : { ...file, text: withoutLines(file.text, file.path, lines) },
          ),
        }),
  };
}
