import type { KernelTraits } from '../../model/kernel-traits.ts';
import { catalogueEntry } from '../../sysctl/catalogue.ts';
import { parseNumbers } from '../../sysctl/codec.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import { largestValue } from './settings.ts';

/** Why the kernel refuses a text for a key of one number. */
export type Refusal = 'no-number' | 'too-large';

/**
 * null where it takes the text, and for keys of another shape. Only what it refuses for certain: the least number that
 * a key takes is ours for some of them.
 */
export function refusalOf(
  sysctl: SysctlKey,
  setting: string,
  traits: KernelTraits,
  ticksPerSecond: number | null = null,
): Refusal | null {
  const entry = catalogueEntry(sysctl);
  if (entry?.shape.kind !== 'integer') return null;
  const [number] = parseNumbers(setting, 1) ?? [];
  if (number === undefined) return 'no-number';
  return number > largestValue(sysctl, traits, ticksPerSecond) ? 'too-large' : null;
}
