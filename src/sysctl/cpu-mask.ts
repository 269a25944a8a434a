/** Groups of 32 bits, the highest first. The kernel takes fewer digits and refuses CPUs that it cannot have. */
const MASK = /^[0-9a-fA-F]{1,8}(?:,[0-9a-fA-F]{1,8})*$/;

export function isCpuMask(text: string): boolean {
  return MASK.test(text.trim());
}

/** The same for every way to write it: `00000000,000000ff` and `ff`. Null where it is no mask. */
export function canonicalCpuMask(text: string): string | null {
  if (!isCpuMask(text)) return null;
  const digits = text
    .trim()
    .toLowerCase()
    .split(',')
    .map((group) => group.padStart(8, '0'))
    .join('');
  return digits.replace(/^0+(?=.)/, '');
}
