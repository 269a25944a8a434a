import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalPorts, parsePorts } from '../../src/sysctl/port-list.ts';

describe('parsePorts', () => {
  it.each([
    ['8080', [[8080, 8080]]],
    [
      '8080,9000-9010',
      [
        [8080, 8080],
        [9000, 9010],
      ],
    ],
    [' 8080\n', [[8080, 8080]]],
    ['0', [[0, 0]]],
    ['', []],
  ])('reads %j', (text, ranges) => {
    expect(parsePorts(text)).toEqual(ranges);
  });

  it.each(['80 443', '80, 443', ',', '80,', '3-1', '65536', '-1', '010', '0x50', '80-', 'http', '80--90'])(
    'does not read %j',
    (text) => {
      expect(parsePorts(text)).toBeNull();
    },
  );
});

describe('canonicalPorts', () => {
  it.each([
    ['5,4', '4-5'],
    ['1-2,2-4', '1-4'],
    ['1,3', '1,3'],
    ['9000-9010,80', '80,9000-9010'],
    ['1-100,5', '1-100'],
    ['7-7', '7'],
    ['', ''],
  ])('%j is given back as %j', (text, canonical) => {
    expect(canonicalPorts(text)).toBe(canonical);
  });

  it('keeps the ports, and stays as it is the second time', () => {
    const range = fc.tuple(fc.integer({ min: 0, max: 65_535 }), fc.integer({ min: 0, max: 5 }));
    const portsOf = (text: string) =>
      new Set(
        (parsePorts(text) ?? []).flatMap(([first, last]) =>
          Array.from({ length: last - first + 1 }, (_, index) => first + index),
        ),
      );
    fc.assert(
      fc.property(fc.array(range, { maxLength: 20 }), (ranges) => {
        const text = ranges.map(([first, more]) => `${first}-${Math.min(65_535, first + more)}`).join(',');
        const canonical = canonicalPorts(text) ?? '';
        expect(portsOf(canonical)).toEqual(portsOf(text));
        expect(canonicalPorts(canonical)).toBe(canonical);
      }),
    );
  });
});
