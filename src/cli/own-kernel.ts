import { collectKernel } from '../collect/kernel.ts';
import { unseenLog } from '../collect/unseen.ts';
import { refusedError } from '../core/errors.ts';
import { valueOr } from '../core/fact.ts';
import { isAnyKernel } from '../core/kernel-release.ts';
import { hostIdentity } from '../host/identity.ts';
import { hostReader } from '../host/reader.ts';
import { type KernelTraits, kernelTraitsOf } from '../model/kernel-traits.ts';
import { rememberedKernels, traitsOf } from '../pipeline/model.ts';
import type { Kernel } from '../snapshot/host.ts';

/** The kernel that runs here, of any version where nothing tells which it is. */
export function runningKernel(): KernelTraits {
  const { release, version } = running();
  return kernelTraitsOf(release, valueOr(version, null));
}

function running(): Kernel {
  return collectKernel(hostReader(), unseenLog(hostIdentity()));
}

/** @throws UserError where nothing tells which kernel runs here */
export function ownKernel(): KernelTraits {
  const traits = runningKernel();
  if (!isAnyKernel(traits.kernel.range)) return traits;
  throw refusedError(`nothing tells which Linux '${running().release}' is`);
}

/**
 * The kernel that was named, or the one that runs here.
 * @throws UserError for one that nobody knows
 */
export function givenOrOwnKernel(given: string | undefined): KernelTraits {
  return given === undefined ? ownKernel() : traitsOf(given, rememberedKernels(), null);
}
