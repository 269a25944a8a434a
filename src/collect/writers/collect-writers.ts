import type { HostReader } from '../../core/ports.ts';
import type { Environment } from '../../snapshot/host.ts';
import type { ModuleLoad, OtherWriter } from '../../snapshot/other-writer.ts';
import { isSecretKey } from '../secrets.ts';
import type { UnseenLog } from '../unseen.ts';
import { cloudInit } from './cloud-init.ts';
import { credentials } from './credentials.ts';
import { docker } from './docker.ts';
import { initramfs } from './initramfs.ts';
import { kernelCommandLine } from './kernel-command-line.ts';
import { kubernetes } from './kubernetes.ts';
import { loadedModules, modulesLoad } from './modules.ts';
import { networkd } from './networkd.ts';
import { networkManager } from './networkmanager.ts';
import { cron, ifupdown, loginShells, rcLocal, units } from './scripts.ts';
import { type WriterProbe, writerSources } from './sources.ts';
import { tuned } from './tuned.ts';
import { udev } from './udev.ts';
import { type UfwFacts, ufwFacts } from './ufw.ts';

const MOST_WRITERS = 2_000;
const LONGEST_VALUE = 4_096;

/** In the order in which they come at boot; what comes at any time stands behind. */
const PROBES: readonly WriterProbe[] = [
  credentials,
  udev,
  networkd,
  networkManager,
  ifupdown,
  tuned,
  docker,
  kubernetes,
  cloudInit,
  units,
  rcLocal,
  loginShells,
  cron,
];

export type WriterFacts = UfwFacts & {
  readonly otherWriters: OtherWriter[];
  readonly modulesLoad: ModuleLoad[];
  readonly loadedModules?: string[];
};

/** A secret is no setting to compare, and what is longer than a page is none that the kernel takes. */
function withoutSecretValue(each: OtherWriter): OtherWriter {
  const { value, ...rest } = each;
  return value === undefined || (value.length <= LONGEST_VALUE && !isSecretKey(each.key)) ? each : rest;
}

/**
 * Everything on the host that sets sysctls besides the sysctl files, from files and units alone: nothing is run. What
 * ufw loads is among the sysctl files.
 */
export function collectWriters(reader: HostReader, environment: Environment, unseen: UnseenLog): WriterFacts {
  const sources = writerSources(reader);
  // The kernel and its image are the host's: in a container they say nothing of it.
  const ofKernel = environment === 'container' ? { writers: [], modules: [] } : kernelCommandLine(sources);
  const image = environment === 'container' ? [] : initramfs(sources);
  const found = [...ofKernel.writers, ...image, ...PROBES.flatMap((probe) => probe(sources))];
  if (found.length > MOST_WRITERS) {
    unseen.add('what other programs set', `more than ${MOST_WRITERS} settings`);
  }
  const loaded = loadedModules(reader);
  return {
    otherWriters: found.slice(0, MOST_WRITERS).map(withoutSecretValue),
    ...ufwFacts(sources, found),
    modulesLoad: [...modulesLoad(sources, ofKernel.modules)],
    ...(loaded === null ? {} : { loadedModules: [...loaded] }),
  };
}
