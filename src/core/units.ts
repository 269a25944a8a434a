const STEPS = [
  { unit: 'GiB', bytes: 2 ** 30 },
  { unit: 'MiB', bytes: 2 ** 20 },
  { unit: 'KiB', bytes: 2 ** 10 },
] as const;

/** `23.5 GiB`, `512.0 MiB`, `640 bytes`. */
export function formatBytes(bytes: number): string {
  const step = STEPS.find((each) => bytes >= each.bytes);
  return step === undefined ? `${bytes} bytes` : `${(bytes / step.bytes).toFixed(1)} ${step.unit}`;
}
