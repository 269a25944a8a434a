import { formatKernelVersion, isAnyKernel, isExactKernel, type KernelRange } from '../core/kernel-release.ts';

/** The upstream version where it is known, else from which to which it may be; both null where nothing is known. */
export function kernelJson(release: string, range: KernelRange) {
  if (isAnyKernel(range)) return { release, version: null, versionRange: null };
  const [low, high] = [formatKernelVersion(range.low), formatKernelVersion(range.high)];
  return isExactKernel(range)
    ? { release, version: low, versionRange: null }
    : { release, version: null, versionRange: [low, high] as [string, string] };
}
