import { parseKernelRelease } from '../core/kernel-release.ts';
import { isBelowRun } from '../core/paths.ts';
import { type KernelTraits, kernelTraits, kernelTraitsOf } from '../model/kernel-traits.ts';
import { knownExpansion } from '../resolve/expand.ts';
import { type LoaderTraits, loaderTraits } from '../resolve/loader-traits.ts';
import type { Resolution } from '../resolve/resolution.ts';
import { resolve } from '../resolve/resolve.ts';
import type { Kernel, LoaderKind } from '../snapshot/host.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { SysctlFile } from '../snapshot/sysctl-file.ts';
import { inventoryOf } from '../sysctl/inventory.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import { loads, moduleOf } from '../sysctl/modules.ts';
import { ownDropIn } from '../sysctl/own-drop-in.ts';
import type { Assessment, BootResolution } from './assessment.ts';
import { assumedInventory } from './assumed-inventory.ts';
import { afterRun, appliedByUdev, type BootRun, bootKernel, bootRun, runOf } from './boot-run.ts';
import { earlyWriters } from './early-writers.ts';
import { keyValue, lostLines } from './key-value.ts';
import { lazy, memoized } from './lazy.ts';
import { assessNamespace } from './namespace.ts';
import { lateModuleOf, writersOf } from './writers.ts';

export type AssessOptions = {
  /** Resolve the sysctl files as this loader would, instead of the one in use. */
  readonly loader?: { readonly kind: LoaderKind; readonly version: string | null };
  /** Whether a mask below /run counts, as to somebody who asks what a tree makes of itself as it stands. */
  readonly keepsRun?: boolean;
};

/** Everything that follows from a snapshot alone. Each part is computed when it is first read, and once. */
export function assess(snapshot: Snapshot, options: AssessOptions = {}): Assessment {
  const traits = traitsOf(snapshot.host.kernel);
  const installed = loaderOf(snapshot, options);
  const loaderMask = maskOf(snapshot, options);
  const { globs = {}, otherWriters } = snapshot;
  const loader = loaderMask === null ? installed : maskedLoader(loaderMask, snapshot);
  const { ticksPerSecond } = snapshot.host;
  const isLate = (key: SysctlKey) => lateModuleOf(key, snapshot) !== null || isLateInImage(key, snapshot);
  const early = earlyWriters(snapshot, systemdAmong(installed, null) !== null, isLate);
  const meeting = () => ({
    traits,
    early,
    isLate,
    ticksPerSecond: ticksPerSecond?.ok ? ticksPerSecond.value : null,
    namespace: namespaces()[0] ?? null,
  });
  // Whoever names another loader asks for a boot without the host's own.
  const systemdBeside = (by: LoaderTraits) => systemdAmong(by === loader ? installed : by, loaderMask);
  const resolutionOf: Assessment['resolutionOf'] = (files) => {
    if (loader === null) return null;
    const resolveBy = (by: LoaderTraits) =>
      resolve(files, by, { boot: true, expand: knownExpansion(globs, by) });
    const resolution = resolveBy(loader);
    return withValues(resolution, () => {
      const named = [...resolution.keys(), ...early.map(({ key }) => key)];
      const inventory = assumedInventory(snapshot, traits, named);
      const resolved = (by: LoaderTraits) => (by === loader ? resolution : resolveBy(by));
      const options = { ...meeting(), loader, systemd: systemdBeside(loader), inventory };
      return runOf(resolved, otherWriters, options);
    });
  };
  const resolution = lazy(() =>
    snapshot.sysctlFiles === undefined ? null : resolutionOf(snapshot.sysctlFiles),
  );
  const writersAmong = (files: readonly SysctlFile[], resolved: () => BootResolution | null) =>
    writersOf(snapshot, files, {
      loader: loader === ASSUMED_LOADER ? null : loader,
      resolution: resolved,
      early,
      unset: () => bootKernel({ ...meeting(), inventory: inventoryOf([]) }),
    });
  const writers = lazy(() => writersAmong(snapshot.sysctlFiles ?? [], resolution));
  const namespaces = lazy(() => {
    const [initial] = snapshot.namespaces;
    if (initial === undefined) return [];
    return snapshot.namespaces.map((namespace) =>
      assessNamespace(namespace, { traits, host: snapshot.host, initial }),
    );
  });
  const dropIn = lazy(() => ownDropIn(snapshot.sysctlFiles ?? []));
  return {
    snapshot,
    traits,
    get ownDropIn() {
      return dropIn();
    },
    loader: loader === ASSUMED_LOADER ? null : loader,
    loaderMask,
    get resolution() {
      return resolution();
    },
    resolutionOf,
    bootRun: (inventory, more = {}) => {
      const by = more.loader ?? loader;
      if (by === null) return null;
      const options = { ...meeting(), ...more, loader: by, systemd: systemdBeside(by), inventory };
      return bootRun(snapshot, options);
    },
    get writers() {
      return writers();
    },
    writersOf: (files) =>
      writersAmong(
        files,
        lazy(() => resolutionOf(files)),
      ),
    get namespaces() {
      return namespaces();
    },
  };
}

/** The loader runs once, and only where somebody asks for a value. */
function withValues(resolution: Resolution, run: () => BootRun): BootResolution {
  const ended = lazy(() => {
    const boot = run();
    return { boot, lost: lostLines(boot) };
  });
  const bootValue = memoized((key: SysctlKey) => {
    const { boot, lost } = ended();
    return keyValue(key, boot, lost);
  });
  const { loader, linesOf, keys, blocking, lines, files, messages } = resolution;
  return {
    loader,
    // There may be very many.
    get attempts() {
      return resolution.attempts;
    },
    bootValue,
    get after() {
      return afterRun(ended().boot);
    },
    linesOf,
    keys,
    blocking,
    lines,
    files,
    messages,
  };
}

/** Of an image nobody knows what its kernel has built in: distributions have a module of all that may be one. */
function isLateInImage(key: SysctlKey, { modulesLoad, loadedModules, namespaces }: Snapshot): boolean {
  const module = moduleOf(key);
  const isSeen = Object.hasOwn(namespaces[0]?.sysctls ?? {}, key);
  if (module === null || modulesLoad === undefined || loadedModules !== undefined || isSeen) return false;
  return !modulesLoad.some((each) => loads(each.module, module));
}

/** The version that collecting found, else what `uname -v` says, else what the release allows. */
function traitsOf({ release, version, build }: Kernel): KernelTraits {
  if (version?.ok) return kernelTraitsOf(release, version.value);
  const parsed = build?.ok ? parseKernelRelease(release, build.value) : null;
  return parsed === null ? kernelTraitsOf(release, null) : kernelTraits(parsed);
}

/** A snapshot that a person wrote need not name the loader: systemd's is the one of most distributions. */
const ASSUMED_LOADER: LoaderTraits = { ...loaderTraits('systemd', null), name: 'systemd-sysctl (assumed)' };

/** udev does not ask whether the unit is masked. */
function maskedLoader(mask: string, { otherWriters = [] }: Snapshot): LoaderTraits {
  const who = appliedByUdev(otherWriters).length > 0 ? 'udev alone' : 'no loader';
  return { ...loaderTraits('none', null), name: `${who} (${mask} masks systemd-sysctl.service)` };
}

/** A mask below /run is gone at the next boot. */
function maskOf({ loader }: Snapshot, { loader: named, keepsRun = false }: AssessOptions): string | null {
  const mask = loader?.maskedBy;
  if (mask === undefined || named !== undefined) return null;
  return keepsRun || !isBelowRun(mask) ? mask : null;
}

/** A credential is given to the service alone, and not to what udev runs. */
function systemdAmong(loader: LoaderTraits | null, mask: string | null): LoaderTraits | null {
  if (loader?.kind !== 'systemd') return null;
  return mask === null ? loader : { ...loader, readsCredential: false };
}

/** null where nothing tells which loader reads the files. */
function loaderOf({ loader }: Snapshot, options: AssessOptions): LoaderTraits | null {
  if (options.loader !== undefined) return loaderTraits(options.loader.kind, options.loader.version);
  if (loader === undefined) return ASSUMED_LOADER;
  if (!loader.kind.ok) return null;
  return loaderTraits(loader.kind.value, loader.version?.ok ? loader.version.value : null);
}
