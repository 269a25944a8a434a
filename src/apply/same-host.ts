import type { HostFacts } from './transaction.ts';

/** MemTotal varies by some pages from boot to boot. */
const MEMORY_TOLERANCE = 0.01;

function isSameMemory(one: number | null, other: number | null): boolean {
  if (one === null || other === null) return one === other;
  return Math.abs(one - other) <= one * MEMORY_TOLERANCE;
}

type KernelAndMemory = Pick<HostFacts, 'kernel' | 'memoryBytes'>;

/** Whether the kernel comes to the same values by itself. */
export function isSameKernelAndMemory(one: KernelAndMemory, other: KernelAndMemory): boolean {
  return one.kernel === other.kernel && isSameMemory(one.memoryBytes, other.memoryBytes);
}
