import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assess } from '../../src/assess/assess.ts';
import { plainText } from '../../src/core/text.ts';
import { requirementsOf } from '../../src/profile/requirements.ts';
import { Snapshot } from '../../src/snapshot/snapshot.ts';
import { CATALOGUE } from '../../src/sysctl/catalogue.ts';
import { type CatalogueEntry, memberCount } from '../../src/sysctl/catalogue-entry.ts';
import { hostOf } from '../rules/host.ts';
import { REASON, resolvedOf } from './profiles.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

type Memory = {
  readonly memoryBytes: number | null;
  readonly kernel?: string;
  readonly pageBytes?: number | null;
};

function hostWith({ memoryBytes, kernel = '6.1.0', pageBytes = 4096 }: Memory) {
  const { host, ...rest } = hostOf({ kernel });
  const unread = { ok: false, why: 'denied' };
  return assess(
    Snapshot.parse({
      ...rest,
      host: {
        ...host,
        memoryBytes: memoryBytes === null ? unread : { ok: true, value: memoryBytes },
        pageBytes: pageBytes === null ? unread : { ok: true, value: pageBytes },
      },
    }),
  );
}

function outcome(setting: string, memory: Memory): string {
  const { requirements, notApplied } = requirementsOf(
    resolvedOf([`${setting}, ${REASON}}`]),
    hostWith(memory),
    null,
  );
  const [first] = requirements;
  return first?.value ?? notApplied.map(({ kind }) => kind).join();
}

describe('by size of the memory', () => {
  test.each([
    // [setting, 512 MiB, 1 GiB, 256 GiB]
    [
      'net.ipv4.tcp_rmem: {at-least: [keep, keep, 64MiB]',
      'keep keep 4194304',
      'keep keep 8388608',
      'keep keep 67108864',
    ],
    [
      'net.ipv4.tcp_wmem: {at-least: [keep, keep, 16MiB]',
      'keep keep 4194304',
      'keep keep 8388608',
      'keep keep 16777216',
    ],
    [
      'net.ipv4.tcp_wmem: {at-least: [keep, keep, 1MiB]',
      'keep keep 1048576',
      'keep keep 1048576',
      'keep keep 1048576',
    ],
    // A start value of 12 MiB for every connection is a recipe that circulates.
    [
      'net.ipv4.tcp_rmem: {at-least: [4096, 12MiB, 16MiB]',
      '4096 131072 4194304',
      '4096 131072 8388608',
      '4096 12582912 16777216',
    ],
    [
      'net.ipv4.tcp_wmem: {at-least: [keep, 1MiB, keep]',
      'keep 65536 keep',
      'keep 131072 keep',
      'keep 1048576 keep',
    ],
    ['net.core.rmem_max: {at-least: 64MiB', '4194304', '8388608', '67108864'],
    // Never below what the kernel has by itself.
    ['net.core.rmem_default: {at-least: 1MiB', '212992', '212992', '1048576'],
    ['net.core.rmem_max: {exactly: 64MiB', 'no-memory-for-it', 'no-memory-for-it', '67108864'],
    ['net.core.rmem_max: {exactly: 2MiB', '2097152', '2097152', '2097152'],
    ['net.core.rmem_max: {at-most: 64MiB', '67108864', '67108864', '67108864'],
    [
      'net.ipv4.tcp_mem: {at-least: [keep, keep, 400MiB]',
      'keep keep 32768',
      'keep keep 65536',
      'keep keep 102400',
    ],
    // 16777216 pages are 64 GiB.
    [
      'net.ipv4.tcp_mem: {at-least: [keep, keep, 16777216]',
      'no-memory-for-it',
      'no-memory-for-it',
      'keep keep 16777216',
    ],
    ['net.core.somaxconn: {at-least: 1000000', '1000000', '1000000', '1000000'],
  ])('%s}', (setting, ...expected) => {
    const sizes = [512 * MIB, GIB, 256 * GIB];
    expect(sizes.map((memoryBytes) => outcome(setting, { memoryBytes }))).toEqual(expected);
  });

  test('from 6.18 on the kernel itself takes 4 MiB for rmem_max, on any host', () => {
    const memory = { memoryBytes: 256 * MIB, kernel: '6.18.0' };
    expect(outcome('net.core.rmem_max: {at-least: 16MiB', memory)).toBe('4194304');
  });

  test('what was cut is said with what it was', () => {
    const { requirements } = requirementsOf(
      resolvedOf([`net.core.rmem_max: {at-least: 64MiB, ${REASON}}`]),
      hostWith({ memoryBytes: GIB }),
      null,
    );
    expect(requirements.map(({ because }) => plainText(because))).toEqual([
      'b; cut from 67108864, for 8388608 is all that this host bears (1/128 of the memory)',
    ]);
  });
});

describe('facts that are missing', () => {
  test.each([
    ['net.core.rmem_max: {at-least: 4096', { memoryBytes: null }],
    ['net.ipv4.tcp_mem: {at-least: [keep, keep, 1GiB]', { memoryBytes: GIB, pageBytes: null }],
    ['net.ipv4.tcp_mem: {at-least: [keep, keep, 1000]', { memoryBytes: GIB, pageBytes: null }],
  ])('%s} is not applied', (setting, memory) => {
    expect(outcome(setting, memory)).toBe('no-facts');
  });

  test('what takes no memory needs none of them', () => {
    expect(outcome('net.core.somaxconn: {at-least: 4096', { memoryBytes: null, pageBytes: null })).toBe(
      '4096',
    );
  });
});

const SIZED = CATALOGUE.filter(
  ({ unit, range }) => (unit === 'bytes' || unit === 'pages') && range.length > 0,
);

/** The nearest number that every kernel takes; above the 4096 with which sizes in bytes begin. */
function withinEveryRange({ range, unit }: CatalogueEntry, number: number): number {
  const least = Math.max(unit === 'pages' ? 4097 : 0, ...range.map(({ is }) => is.min));
  return Math.min(Math.max(number, least), ...range.map(({ is }) => is.max));
}

const KERNELS = [
  '3.10.0',
  '4.4.155',
  '5.10.1',
  '6.1.0',
  '6.16.0',
  '6.18.5',
  '7.2.0',
  '4.18.0-553.el8_10.x86_64',
];

test('whatever a profile asks for, no number is above its share of the memory or the kernel’s own', () => {
  const memory = fc.integer({ min: 64, max: 4_000_000 }).map((mib) => mib * MIB);
  const asked = fc.array(fc.integer({ min: 1, max: 2 ** 31 - 1 }), { minLength: 3, maxLength: 3 });
  const relation = fc.constantFrom('at-least', 'exactly');
  fc.assert(
    fc.property(
      fc.constantFrom(...SIZED),
      memory,
      fc.constantFrom(...KERNELS),
      asked,
      relation,
      (entry, memoryBytes, kernel, numbers, how) => {
        const members = numbers
          .map((number) => withinEveryRange(entry, number))
          .toSorted((a, b) => a - b)
          .slice(-memberCount(entry.shape));
        const written = members.length === 1 ? members.join() : `[${members.join(', ')}]`;
        const assessment = hostWith({ memoryBytes, kernel });
        const { requirements, notApplied } = requirementsOf(
          resolvedOf([`${entry.key}: {${how}: ${written}, ${REASON}}`]),
          assessment,
          null,
        );
        expect(requirements.length + notApplied.length).toBe(1);
        const own = assessment.namespaces[0]?.kernelDefault(entry.key) ?? [];
        for (const { value } of requirements) {
          const got = value.split(' ').map(Number);
          for (const [member, number] of got.entries()) {
            const bytes = entry.unit === 'pages' ? number * 4096 : number;
            const share = entry.unit === 'pages' ? memoryBytes / 4 : memoryBytes / 128;
            expect(number <= (own[member]?.high ?? 0) || bytes <= share).toBe(true);
            expect(number).toBeLessThanOrEqual(members[member] ?? 0);
          }
          // A vector stays in order, or the plan could not write it.
          expect(got).toEqual(got.toSorted((a, b) => a - b));
        }
      },
    ),
    { numRuns: 1000 },
  );
});
