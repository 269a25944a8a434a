import { parseKernelRelease } from '../core/kernel-release.ts';
import { type KernelTraits, kernelTraits, kernelTraitsOf } from '../model/kernel-traits.ts';
import { type LoaderTraits, loaderTraits } from '../resolve/loader-traits.ts';
import type { Resolution } from '../resolve/resolution.ts';
import { resolve } from '../resolve/resolve.ts';
import type { Kernel, LoaderKind } from '../snapshot/host.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Assessment } from './assessment.ts';
import { lazy } from './lazy.ts';
import { assessNamespace } from './namespace.ts';

export type AssessOptions = {
  /** Resolve the sysctl files as this loader would, instead of the one in use. */
  readonly loader?: { readonly kind: LoaderKind; readonly version: string | null };
};

/** Everything that follows from a snapshot alone. Each part is computed when it is first read, and once. */
export function assess(snapshot: Snapshot, options: AssessOptions = {}): Assessment {
  const traits = traitsOf(snapshot.host.kernel);
  const resolution = lazy(() => resolutionOf(snapshot, options));
  const namespaces = lazy(() => {
    const [initial] = snapshot.namespaces;
    if (initial === undefined) return [];
    return snapshot.namespaces.map((namespace) =>
      assessNamespace(namespace, { traits, host: snapshot.host, initial }),
    );
  });
  return {
    snapshot,
    traits,
    get resolution() {
      return resolution();
    },
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

/** null where no files were collected, or where nothing tells which loader reads them. */
function resolutionOf({ sysctlFiles, loader }: Snapshot, options: AssessOptions): Resolution | null {
  if (sysctlFiles === undefined) return null;
  if (options.loader !== undefined) {
    return resolve(sysctlFiles, loaderTraits(options.loader.kind, options.loader.version), { boot: true });
  }
  if (loader === undefined) return resolve(sysctlFiles, ASSUMED_LOADER, { boot: true });
  if (!loader.kind.ok) return null;
  const version = loader.version?.ok ? loader.version.value : null;
  return resolve(sysctlFiles, loaderTraits(loader.kind.value, version), { boot: true });
}
