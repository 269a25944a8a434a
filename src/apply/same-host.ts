import type { HostFacts, Whereabouts } from './transaction.ts';

/** MemTotal varies by some pages from boot to boot. */
const MEMORY_TOLERANCE = 0.01;

function isSameMemory(one: number | null, other: number | null): boolean {
  if (one === null || other === null) return one === other;
  return Math.abs(one - other) <= one * MEMORY_TOLERANCE;
}

/**
 * Whether what a transaction set may stand as it left it: in the same boot, and in the network namespace in which it was
 * set. Where nothing tells which namespace this is, it is taken for the same.
 */
export function isWhereItWasSet({ bootId, netns }: Whereabouts, here: Whereabouts): boolean {
  return bootId === here.bootId && (netns === null || here.netns === null || netns === here.netns);
}

/**
 * Whether the sysctl files have been applied anew since: in a later boot, or a container that was started again, and
 * with it its first process.
 */
export function isStartedAnew({ bootId, initStart }: Whereabouts, here: Whereabouts): boolean {
  if (bootId !== here.bootId) return true;
  return initStart !== null && here.initStart !== null && initStart !== here.initStart;
}

type KernelAndMemory = Pick<HostFacts, 'kernel' | 'memoryBytes'>;

/** Whether the kernel comes to the same values by itself. */
export function isSameKernelAndMemory(one: KernelAndMemory, other: KernelAndMemory): boolean {
  return one.kernel === other.kernel && isSameMemory(one.memoryBytes, other.memoryBytes);
}
