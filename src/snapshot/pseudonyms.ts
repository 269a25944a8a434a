/** Stand-ins that are the same for the same input, and tell nothing of it but that it is the same. */
export type Pseudonyms = {
  /** `process-1`, `process-2`, … in the order of the first mention. */
  of(kind: string, original: string): string;
  address(original: string): string;
};

export function pseudonyms(): Pseudonyms {
  const numbers = new Map<string, Map<string, number>>();
  const numberOf = (kind: string, original: string): number => {
    const known = numbers.get(kind) ?? new Map<string, number>();
    numbers.set(kind, known);
    const number = known.get(original) ?? known.size + 1;
    known.set(original, number);
    return number;
  };
  return {
    of: (kind, original) => `${kind}-${numberOf(kind, original)}`,
    address: (original) => addressFor(original, numberOf),
  };
}

/** Any address, and the host itself: they say how far a listener can be reached, and identify nobody. */
const TELLS_NOTHING = /^(?:\*|0\.0\.0\.0|::|::1|(?:::ffff:)?127\.\d+\.\d+\.\d+)$/;

/** Of the blocks for benchmarks (RFC 2544) and for documentation (RFC 3849): no real host has such addresses. */
function addressFor(original: string, numberOf: (kind: string, original: string) => number): string {
  if (TELLS_NOTHING.test(original)) return original;
  const [, mapped = '', ipv4] = /^(::ffff:)?(\d+\.\d+\.\d+\.\d+)$/.exec(original) ?? [];
  if (ipv4 !== undefined) {
    const number = numberOf('ipv4', ipv4);
    return `${mapped}198.${18 + ((number >> 16) & 1)}.${(number >> 8) & 255}.${number & 255}`;
  }
  const prefix = /^fe[89ab][0-9a-f]:/i.test(original) ? 'fe80::' : '2001:db8::';
  return `${prefix}${numberOf('ipv6', original).toString(16)}`;
}
