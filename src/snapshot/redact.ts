import type { Fact } from '../core/fact.ts';
import { KEYS_MODULES, loads } from '../sysctl/modules.ts';
import { isUfwService } from '../sysctl/ufw.ts';
import type { FileLine } from './fact.ts';
import type { Listener } from './listener.ts';
import type { Namespace } from './namespace.ts';
import type { ModuleLoad, OtherWriter } from './other-writer.ts';
import { type Pseudonyms, pseudonyms } from './pseudonyms.ts';
import { pathRedactor, type RedactPath, redactFile, redactValue, renamedFiles } from './redact-files.ts';
import { redactFact, redactHost, redactLoader } from './redact-host.ts';
import { redactGlobs, redactKey } from './redact-key.ts';
import { redactWords } from './redact-words.ts';
import type { Service } from './service.ts';
import type { Snapshot, Unseen } from './snapshot.ts';

type Tools = { readonly names: Pseudonyms; readonly redactPath: RedactPath };

/**
 * A snapshot that can be shown to strangers: addresses, interfaces, names of processes, units and sockets, paths and
 * comments become stand-ins, the same for the same input. What an audit needs stays: sysctl keys and plain values,
 * numbers, servers, and the order in which loaders read the files.
 */
export function redactSnapshot(snapshot: Snapshot): Snapshot {
  const names = pseudonyms();
  const tools = { names, redactPath: pathRedactor(renamedFiles(snapshot.sysctlFiles ?? []), names) };
  const { sysctlFiles, globs, loader, services, otherWriters, modulesLoad, unseen } = snapshot;
  return {
    ...snapshot,
    host: redactHost(snapshot.host, names),
    namespaces: snapshot.namespaces.map((namespace) => redactNamespace(namespace, tools)),
    ...(sysctlFiles && { sysctlFiles: sysctlFiles.map((file) => redactFile(file, tools.redactPath, names)) }),
    ...(globs && { globs: redactGlobs(globs, names) }),
    ...(loader && { loader: redactLoader(loader, names) }),
    ...(services && { services: services.map((service) => redactService(service, tools)) }),
    ...(otherWriters && { otherWriters: otherWriters.map((each) => redactWriter(each, tools)) }),
    ...(modulesLoad && { modulesLoad: modulesLoad.map((each) => redactModuleLoad(each, tools)) }),
    ...(unseen && { unseen: unseen.map((entry) => redactUnseen(entry, tools)) }),
  };
}

function redactNamespace(namespace: Namespace, tools: Tools): Namespace {
  const { listeners } = namespace;
  const sysctls = Object.entries(namespace.sysctls).map(([key, fact]) => {
    const value = fact.ok ? { ...fact, value: redactValue(key, fact.value, tools.names) } : fact;
    return [redactKey(key, tools.names), redactFact(value, tools.names)] as const;
  });
  return {
    ...namespace,
    name: redactNamespaceName(namespace.name, tools.names),
    sysctls: Object.fromEntries(sysctls),
    ...(listeners && { listeners: listeners.map((listener) => redactListener(listener, tools)) }),
  };
}

/** What we call a namespace ourselves stays; a name of `ip netns` was given by somebody. */
function redactNamespaceName(name: string, names: Pseudonyms): string {
  return /^(?:host|container|net:\[\d+\])$/.test(name) ? name : names.of('namespace', name);
}

function redactListener(listener: Listener, tools: Tools): Listener {
  const { names } = tools;
  const { processes, unit, cgroup } = listener;
  const common = {
    ...(processes && {
      processes: processes.map(({ name, pid }) => ({ name: names.of('process', name), pid })),
    }),
    ...(unit !== undefined && { unit: redactUnit(unit, names) }),
    ...(cgroup !== undefined && { cgroup: `/${names.of('cgroup', cgroup)}` }),
    ...redactBacklog(listener, tools),
  };
  if (listener.protocol === 'unix') {
    const abstract = listener.path.startsWith('@') ? '@' : '/';
    return { ...listener, ...common, path: `${abstract}${names.of('socket', listener.path)}` };
  }
  const { zone } = listener;
  return {
    ...listener,
    ...common,
    address: names.address(listener.address),
    ...(zone !== undefined && { zone: zone === 'lo' ? zone : names.of('interface', zone) }),
  };
}

type WithBacklog = { readonly backlog?: Fact<number>; readonly backlogAt?: FileLine };

function redactBacklog({ backlog, backlogAt }: WithBacklog, { names, redactPath }: Tools): WithBacklog {
  return {
    ...(backlog && { backlog: redactFact(backlog, names) }),
    ...(backlogAt && { backlogAt: { ...backlogAt, file: redactPath(backlogAt.file) } }),
  };
}

/** The kind of a unit says how to make it listen again. */
function redactUnit(unit: string, names: Pseudonyms): string {
  const kind = /\.[a-z]+$/.exec(unit)?.[0] ?? '';
  return `${names.of('unit', unit)}${kind}`;
}

function redactService(service: Service, tools: Tools): Service {
  // Whether ufw runs decides what its file means.
  const name = isUfwService(service) ? service.name : redactUnit(service.name, tools.names);
  return { ...service, name, ...redactBacklog(service, tools) };
}

function redactWriter({ value, ...writer }: OtherWriter, { names, redactPath }: Tools): OtherWriter {
  return {
    ...writer,
    key: redactKey(writer.key, names),
    file: redactPath(writer.file),
    ...(value !== undefined && { value: redactValue(writer.key, value, names) }),
  };
}

/** Which of the kernel's own modules a key hangs on has to stay; another's name may tell whose it is. */
function redactModuleLoad({ module, file, line }: ModuleLoad, { names, redactPath }: Tools): ModuleLoad {
  const isKnown = KEYS_MODULES.some((each) => loads(module, each));
  return { module: isKnown ? module : names.of('module', module), file: redactPath(file), line };
}

function redactUnseen({ what, why }: Unseen, { names, redactPath }: Tools): Unseen {
  return { what: redactWords(what, redactPath, names), why: redactWords(why, redactPath, names) };
}
