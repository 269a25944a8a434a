import { collectKernel } from '../collect/kernel.ts';
import { unseenLog } from '../collect/unseen.ts';
import { UserError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import { valueOr } from '../core/fact.ts';
import { isAnyKernel } from '../core/kernel-release.ts';
import { hostIdentity } from '../host/identity.ts';
import { hostReader } from '../host/reader.ts';
import { type KernelTraits, kernelTraitsOf } from '../model/kernel-traits.ts';
import { rememberedKernels, traitsOf } from '../pipeline/model.ts';

/** The kernel that runs here, of any version where nothing tells which it is. */
export function runningKernel(): KernelTraits {
  const { release, version } = collectKernel(hostReader(), unseenLog(hostIdentity()));
  return kernelTraitsOf(release, valueOr(version, null));
}

/** @throws UserError where nothing tells which kernel runs here */
export function ownKernel(): KernelTraits {
  const { release } = collectKernel(hostReader(), unseenLog(hostIdentity()));
  const traits = runningKernel();
  if (!isAnyKernel(traits.kernel.range)) return traits;
  throw new UserError({
    code: 'refused',
    status: EXIT.refused,
    message: `nothing tells which Linux '${release}' is`,
  });
}

/**
 * The kernel that was named, or the one that runs here.
 * @throws UserError for one that nobody knows
 */
export function givenOrOwnKernel(given: string | undefined): KernelTraits {
  return given === undefined ? ownKernel() : traitsOf(given, rememberedKernels(), null);
}
