import type { CatalogueEntry, SysctlUnit } from '../sysctl/catalogue-entry.ts';

type UnitKind = 'bytes' | 'time';

type Suffix = { readonly kind: UnitKind; readonly factor: number };

/** Bytes, and for times milliseconds. */
const SUFFIXES: ReadonlyMap<string, Suffix> = new Map([
  ['KiB', { kind: 'bytes', factor: 1024 }],
  ['MiB', { kind: 'bytes', factor: 1024 ** 2 }],
  ['GiB', { kind: 'bytes', factor: 1024 ** 3 }],
  ['ms', { kind: 'time', factor: 1 }],
  ['s', { kind: 'time', factor: 1000 }],
  ['min', { kind: 'time', factor: 60_000 }],
]);

/** Bytes by the suffixes that people write instead; none of them says whether 1000 or 1024 is meant. */
const LOOSE_BYTES: ReadonlyMap<string, string> = new Map(
  ['k', 'm', 'g'].flatMap((letter) =>
    [letter, `${letter}b`, `${letter}ib`].map((loose) => [loose, `${letter.toUpperCase()}iB`] as const),
  ),
);

/** What a number of the key is a number of. */
const COUNTS: Readonly<Record<SysctlUnit, string>> = {
  connections: 'is in connections',
  requests: 'is in requests',
  bytes: 'is in bytes',
  pages: 'is in pages',
  packets: 'is in packets',
  datagrams: 'is in datagrams',
  entries: 'is in entries',
  files: 'is in files',
  kilobytes: 'is in kilobytes',
  seconds: 'is in seconds',
  milliseconds: 'is in milliseconds',
  microseconds: 'is in microseconds',
  nanoseconds: 'is in nanoseconds',
  count: 'is a plain number',
  ports: 'is in ports',
  switch: 'is a switch',
  name: 'holds a name',
};

const PARTS_OF_MILLISECOND: Readonly<Partial<Record<SysctlUnit, number>>> = {
  milliseconds: 1,
  microseconds: 1000,
  nanoseconds: 1_000_000,
};

export type Measured =
  | { readonly ok: true; readonly kind: 'plain' | UnitKind; readonly amount: number }
  | { readonly ok: false; readonly why: string; readonly hint?: string };

function refused(why: string, hint?: string): Measured {
  return hint === undefined ? { ok: false, why } : { ok: false, why, hint };
}

/** A whole number that is not negative, alone or with a suffix: `16384`, `16MiB`, `500ms`. */
export function measure(written: string | number): Measured {
  const text = String(written).trim();
  const match = /^([-+]?[\d.]+(?:e[-+]?\d+)?)\s*([A-Za-zµ]*)$/.exec(text);
  if (match === null) return refused(`'${text}' is no number`);
  const [, digits = '', suffix = ''] = match;
  const number = Number(digits);
  if (number < 0) return refused(`${text} is negative, and no profile may set that`);
  if (!Number.isInteger(number)) return refused(`'${text}' is no whole number`);
  const known = SUFFIXES.get(suffix);
  if (suffix !== '' && known === undefined) {
    const meant = LOOSE_BYTES.get(suffix.toLowerCase());
    const hint =
      meant === undefined
        ? `the units are ${[...SUFFIXES.keys()].join(', ')}`
        : `did you mean '${digits}${meant}'?`;
    return refused(`'${text}' has no unit that is known`, hint);
  }
  const amount = number * (known?.factor ?? 1);
  if (!Number.isSafeInteger(amount)) return refused(`${text} is too large to be computed with`);
  return { ok: true, kind: known?.kind ?? 'plain', amount };
}

export type InUnit =
  /** `bytes` of a key in pages: the size of a page is the host's. */
  | { readonly ok: true; readonly kind: 'number' | 'bytes'; readonly amount: number }
  | Extract<Measured, { ok: false }>;

/** The number in the unit of the key. */
export function inUnitOf({ key, unit }: CatalogueEntry, written: string | number): InUnit {
  const measured = measure(written);
  if (!measured.ok) return measured;
  const { kind, amount } = measured;
  if (kind === 'plain' || (kind === 'bytes' && unit === 'bytes')) return { ok: true, kind: 'number', amount };
  if (kind === 'bytes' && unit === 'pages') return { ok: true, kind: 'bytes', amount };
  const parts = PARTS_OF_MILLISECOND[unit];
  if (kind === 'time' && parts !== undefined) return { ok: true, kind: 'number', amount: amount * parts };
  if (kind === 'time' && unit === 'seconds') {
    return amount % 1000 === 0
      ? { ok: true, kind: 'number', amount: amount / 1000 }
      : { ok: false, why: `${key} is in whole seconds, and '${written}' is not` };
  }
  const given = kind === 'bytes' ? 'in bytes' : 'a time';
  return { ok: false, why: `${key} ${COUNTS[unit]}, and '${written}' is ${given}` };
}
