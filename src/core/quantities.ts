/** Amounts as people write them on a command line or in an answer. Each parser gives null for what it does not know. */

const TIME_UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, min: 60_000 };
const RATE_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

function split(text: string): { readonly amount: number; readonly unit: string } | null {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z/]*)$/.exec(text.trim());
  return match === null ? null : { amount: Number(match[1]), unit: match[2] ?? '' };
}

/** `300ms`, `2s`, `1.5m`; a unit is required, for a bare number could be either. */
export function parseMilliseconds(text: string): number | null {
  const parts = split(text);
  const factor = parts === null ? undefined : TIME_UNITS[parts.unit];
  return parts === null || factor === undefined ? null : parts.amount * factor;
}

/** `10Gbit`, `100 Mbit/s`, `2.5Gbps`: bits per second, powers of ten as network speeds are. */
export function parseBitsPerSecond(text: string): number | null {
  const parts = split(text);
  const match = parts === null ? null : /^([kKmMgGtT]?)(?:bit(?:\/s|ps)?|bps|b\/s)$/.exec(parts.unit);
  const factor = match === null ? undefined : RATE_UNITS[(match[1] ?? '').toLowerCase()];
  return parts === null || factor === undefined ? null : parts.amount * factor;
}

/** A whole number above 0. */
export function parseCount(text: string): number | null {
  const match = /^[1-9]\d{0,14}$/.exec(text.trim());
  return match === null ? null : Number(match[0]);
}

const BYTE_UNITS: Readonly<Record<string, number>> = {
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** `8GiB`, `1.5 TiB`: whole bytes; a unit is required, and KB or GB would not tell 1000 from 1024. */
export function parseBytes(text: string): number | null {
  const parts = split(text);
  const factor = parts === null ? undefined : BYTE_UNITS[parts.unit];
  return parts === null || factor === undefined ? null : Math.round(parts.amount * factor);
}
