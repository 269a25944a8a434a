import { parseKernelRelease } from '../core/kernel-release.ts';
import { type KernelTraits, kernelTraits, kernelTraitsOf } from '../model/kernel-traits.ts';
import { knownExpansion } from '../resolve/expand.ts';
import { type LoaderTraits, loaderTraits } from '../resolve/loader-traits.ts';
import type { Resolution } from '../resolve/resolution.ts';
import { resolve } from '../resolve/resolve.ts';
import type { Kernel, LoaderKind } from '../snapshot/host.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { SysctlFile } from '../snapshot/sysctl-file.ts';
import { ownDropIn } from '../sysctl/own-drop-in.ts';
import type { Assessment } from './assessment.ts';
import { bootRun } from './boot-run.ts';
import { lazy } from './lazy.ts';
import { assessNamespace } from './namespace.ts';
import { writersOf } from './writers.ts';

export type AssessOptions = {
  /** Resolve the sysctl files as this loader would, instead of the one in use. */
  readonly loader?: { readonly kind: LoaderKind; readonly version: string | null };
};

/** Everything that follows from a snapshot alone. Each part is computed when it is first read, and once. */
export function assess(snapshot: Snapshot, options: AssessOptions = {}): Assessment {
  const traits = traitsOf(snapshot.host.kernel);
  const loader = loaderOf(snapshot, options);
  const { globs = {} } = snapshot;
  const resolutionOf: Assessment['resolutionOf'] = (files) =>
    loader === null ? null : resolve(files, loader, { boot: true, expand: knownExpansion(globs, loader) });
  const resolution = lazy(() =>
    snapshot.sysctlFiles === undefined ? null : resolutionOf(snapshot.sysctlFiles),
  );
  const writersAmong = (files: readonly SysctlFile[], resolved: () => Resolution | null) =>
    writersOf(snapshot, files, {
      traits,
      loader: loader === ASSUMED_LOADER ? null : loader,
      resolution: resolved,
      namespace: () => namespaces()[0] ?? null,
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
    get resolution() {
      return resolution();
    },
    resolutionOf,
    bootRun: (inventory, more = {}) => {
      const by = more.loader ?? loader;
      const namespace = namespaces()[0] ?? null;
      return by === null ? null : bootRun(snapshot, { ...more, traits, loader: by, inventory, namespace });
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

/** The version that collecting found, else what `uname -v` says, else what the release allows. */
function traitsOf({ release, version, build }: Kernel): KernelTraits {
  if (version?.ok) return kernelTraitsOf(release, version.value);
  const parsed = build?.ok ? parseKernelRelease(release, build.value) : null;
  return parsed === null ? kernelTraitsOf(release, null) : kernelTraits(parsed);
}

/** A snapshot that a person wrote need not name the loader: systemd's is the one of most distributions. */
const ASSUMED_LOADER: LoaderTraits = { ...loaderTraits('systemd', null), name: 'systemd-sysctl (assumed)' };

/** null where nothing tells which loader reads the files. */
function loaderOf({ loader }: Snapshot, options: AssessOptions): LoaderTraits | null {
  if (options.loader !== undefined) return loaderTraits(options.loader.kind, options.loader.version);
  if (loader === undefined) return ASSUMED_LOADER;
  if (!loader.kind.ok) return null;
  return loaderTraits(loader.kind.value, loader.version?.ok ? loader.version.value : null);
}
