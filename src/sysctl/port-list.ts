/** `8080` or `9000-9010`. The kernel also reads octal and hexadecimal here, which nobody means. */
const PORTS = /^(0|[1-9][0-9]{0,4})(?:-([1-9][0-9]{0,4}))?$/;

const LAST_PORT = 65_535;

export type PortRange = readonly [number, number];

/** null where it is no list of ports. An empty text is an empty list, as the kernel has it. */
export function parsePorts(text: string): readonly PortRange[] | null {
  if (text.trim() === '') return [];
  const ranges: PortRange[] = [];
  for (const part of text.trim().split(',')) {
    const match = PORTS.exec(part);
    if (match === null) return null;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (first > last || last > LAST_PORT) return null;
    ranges.push([first, last]);
  }
  return ranges;
}

/** The form that the kernel gives a list back in: rising, and with ports beside each other joined. */
export function canonicalPorts(text: string): string | null {
  const ranges = parsePorts(text);
  if (ranges === null) return null;
  const joined: PortRange[] = [];
  for (const [first, last] of [...ranges].sort(([a], [b]) => a - b)) {
    const before = joined.at(-1);
    if (before !== undefined && first <= before[1] + 1) {
      joined[joined.length - 1] = [before[0], Math.max(before[1], last)];
    } else joined.push([first, last]);
  }
  return joined.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}
