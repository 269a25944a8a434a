import { knownExpansion } from '../resolve/expand.ts';
import type { KernelState } from '../resolve/kernel.ts';
import { type LoaderTraits, loaderTraits } from '../resolve/loader-traits.ts';
import { resolve } from '../resolve/resolve.ts';
import type { OtherWriter } from '../snapshot/other-writer.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { SysctlFile } from '../snapshot/sysctl-file.ts';
import { interfacePath } from '../sysctl/interface-keys.ts';
import type { Inventory } from '../sysctl/inventory.ts';
import { takerOf } from '../sysctl/kernel-takes.ts';
import { type SysctlKey, swapSeparators } from '../sysctl/key.ts';
import { loads, moduleOf } from '../sysctl/modules.ts';
import type { BootResolution } from './assessment.ts';
import { lazy, memoized } from './lazy.ts';
import { ciliumWriters, tunedReapplies, ufwWriters } from './sysctl-files-again.ts';
import { touching } from './writer-keys.ts';
import { inOrder } from './writer-order.ts';
import { type AfterLoader, type Ending, isCertain, NOBODY, type Outcome, outcomeOf } from './writer-run.ts';

export type Writer = OtherWriter;

/** Who sets sysctls besides the loader, by key. */
export type Writers = {
  /**
   * All that touch the key, in the order in which they come; those that may, those whose value is not known, and those
   * that set another key which changes this one along with it, too.
   */
  of(key: SysctlKey): readonly Writer[];
  /**
   * What is certain to stand once all have come, where that is another value than the loader sets; null where nobody
   * is known to change it.
   * @param boot what the loader sets; null where it sets nothing
   */
  ending(key: SysctlKey, boot: string | null): Ending | null;
  /**
   * The same with those who leave it open.
   * @param after the kernel as a run of the loader leaves it; left out, that of the host's own files
   */
  outcome(key: SysctlKey, boot: string | null, after?: AfterLoader): Outcome;
  /** The kernel once all that are certain have come; null stands for what they leave open. */
  kernelAfter(loader: AfterLoader): KernelState;
  /** The keys that somebody is certain to set to a value that is known, patterns left out. */
  readonly keys: readonly SysctlKey[];
  /** Those that may set something, or set nobody knows what; without those that have the files applied again. */
  readonly uncertain: readonly Writer[];
  /** The module that the key hangs on and that nothing loads before the loader runs; null where all is well, or not known. */
  lateModule(key: SysctlKey): string | null;
  /** Images of the initramfs with an older copy of the sysctl files. */
  readonly images: readonly string[];
};

/** What bears on the writers besides the snapshot. */
export type AroundWriters = {
  /** null where nobody knows which it is. */
  readonly loader: LoaderTraits | null;
  /** null where no sysctl files were collected. */
  readonly resolution: () => BootResolution | null;
  /** The kernel that no loader meets. */
  readonly unset: () => AfterLoader;
  /** Those that come before any loader. */
  readonly early: readonly OtherWriter[];
};

export function lateModuleOf(
  key: SysctlKey,
  { modulesLoad, loadedModules, namespaces }: Snapshot,
): string | null {
  const module = moduleOf(key);
  if (module === null || modulesLoad === undefined || loadedModules === undefined) return null;
  if (modulesLoad.some((each) => loads(each.module, module))) return null;
  const live = namespaces[0]?.sysctls[key];
  // It is there although the module is not: then it is built in.
  return live?.ok === true && !loadedModules.includes(module) ? null : module;
}

/** All that anybody asks after is there, and of interfaces the one that it belongs to. */
function inventoryAround(path: string): Inventory {
  const device = interfacePath(path)?.device;
  return {
    entry: () => ({ kind: 'file', mode: 0o644 }),
    list: () => (device === undefined ? [] : ['all', 'default', device]),
  };
}

/** Nobody may have looked whether a kernel has the key, or its interface is yet to come. */
function having(key: SysctlKey, kernel: KernelState): KernelState {
  return { ...kernel, inventory: inventoryAround(swapSeparators(key)) };
}

/** The kernel as the loader leaves it. */
function afterLoader(key: SysctlKey, { resolution, unset }: AroundWriters): AfterLoader {
  const { kernel, fresh } = resolution()?.after ?? unset();
  return { kernel: having(key, kernel), fresh };
}

/** A value as a line has it, as the kernel shows it then. */
function taken(key: SysctlKey, boot: string | null, { kernel }: AfterLoader): string | null {
  const path = swapSeparators(key);
  return boot === null ? null : (takerOf(path, kernel.rules)(boot, kernel.initial(path)).value ?? boot);
}

/** What reads a file for those that call sysctl(8). @param version of procps, where that is not the loader */
function sysctlOf(loader: LoaderTraits | null, version: string | null): LoaderTraits {
  switch (loader?.kind) {
    case 'procps':
    case 'openrc':
    case 'busybox':
      return loader;
    case 'openrc-busybox':
      return loaderTraits('busybox', null);
    default:
      return loaderTraits('procps', version);
  }
}

/** `sysctl --system`, which applies all sysctl files once more; what udev runs is a part of the boot's own run. */
function isSystemRun({ how, key, by }: OtherWriter): boolean {
  return how === 'rerun' && key === '*' && by !== 'udev' && by !== 'tuned';
}

/** By the command that runs it, for whoever looks for the reason: the file's line is the one that the boot applies too. */
function systemRun(
  command: OtherWriter,
  snapshot: Snapshot,
  files: readonly SysctlFile[],
  loader: LoaderTraits | null,
): readonly OtherWriter[] {
  const { globs = {}, procpsVersion = null } = snapshot;
  const traits = sysctlOf(loader, procpsVersion);
  const { attempts } = resolve(files, traits, { boot: true, expand: knownExpansion(globs, traits) });
  return attempts.map(({ key, value }) => ({ ...command, how: 'command', key, value }));
}

function allOf(
  snapshot: Snapshot,
  files: readonly SysctlFile[],
  { loader, early }: AroundWriters,
): readonly Writer[] {
  const { otherWriters = [], procpsVersion = null } = snapshot;
  const sysctl = sysctlOf(loader, procpsVersion).reading;
  const readsCredential = loader?.readsCredential ?? true;
  const isReapplying = ({ by, how }: OtherWriter) => by === 'tuned' && how === 'rerun';
  const asWriters = (each: OtherWriter): readonly OtherWriter[] => {
    if (isReapplying(each)) return tunedReapplies(files, each.sure);
    return isSystemRun(each) ? systemRun(each, snapshot, files, loader) : [each];
  };
  return [
    ...early,
    ...ciliumWriters(files, loader?.reading ?? sysctl),
    ...ufwWriters(snapshot, files, sysctl),
    ...otherWriters
      .filter(({ by, when }) => when !== 'before-loader' && (by !== 'credential' || readsCredential))
      .flatMap(asWriters),
  ];
}

/** @param files the sysctl files as they are, or as a plan would leave them */
export function writersOf(snapshot: Snapshot, files: readonly SysctlFile[], around: AroundWriters): Writers {
  const all = lazy(() => allOf(snapshot, files, around));
  const found = lazy(() => touching(all()));
  const of = memoized((key: SysctlKey) => inOrder(found()(key)));
  const outcome = (key: SysctlKey, boot: string | null, given?: AfterLoader) => {
    const writers = of(key);
    if (!writers.some(isCertain)) return NOBODY;
    const after = given ?? afterLoader(key, around);
    const left = given === undefined ? taken(key, boot, after) : boot;
    return outcomeOf(key, left, writers, { kernel: after.kernel, fresh: having(key, after.fresh) });
  };
  return {
    of,
    ending: (key, boot) => outcome(key, boot).ending,
    outcome,
    kernelAfter: ({ kernel, fresh }) => ({
      ...kernel,
      // Interfaces have their addresses by then.
      isPinned: () => true,
      initial: memoized((path) => {
        const standing = kernel.initial(path);
        const { ending, rivals } = outcome(swapSeparators(path), standing, { kernel, fresh });
        return rivals.length > 0 ? null : (ending?.value ?? standing);
      }),
    }),
    get keys() {
      // What the first process does on every host is worth no mention.
      const named = all().filter(
        (each) => isCertain(each) && !each.key.includes('*') && each.by !== 'systemd',
      );
      return [...new Set(named.map(({ key }) => key))];
    },
    get uncertain() {
      // What Cilium's file says is the loader's to apply.
      return all().filter((each) => !isCertain(each) && each.how !== 'rerun' && each.by !== 'cilium');
    },
    lateModule: (key) => lateModuleOf(key, snapshot),
    get images() {
      return (snapshot.otherWriters ?? []).flatMap(({ how, file }) => (how === 'copy' ? [file] : []));
    },
  };
}
