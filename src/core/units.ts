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

const RATES = [
  { unit: 'Tbit/s', bits: 1e12 },
  { unit: 'Gbit/s', bits: 1e9 },
  { unit: 'Mbit/s', bits: 1e6 },
  { unit: 'kbit/s', bits: 1e3 },
] as const;

/** Three digits, as rates of networks are told: `528 Mbit/s`, `2.68 Gbit/s`. */
export function formatBitsPerSecond(bits: number): string {
  const step = RATES.find((each) => bits >= each.bits);
  return step === undefined ? `${bits} bit/s` : `${Number((bits / step.bits).toPrecision(3))} ${step.unit}`;
}
