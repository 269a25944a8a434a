import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Figure } from '../../src/core/figure.ts';
import { type DefaultContext, kernelDefault } from '../../src/model/defaults.ts';
import { kernelTraitsOf } from '../../src/model/kernel-traits.ts';
import { catalogueEntry } from '../../src/sysctl/catalogue.ts';

const GIB = 2 ** 30;

function defaultOf(key: string, release: string, host: Partial<Omit<DefaultContext, 'traits'>> = {}) {
  const entry = catalogueEntry(key);
  if (entry === undefined) throw new TypeError(`no entry for ${key}`);
  return kernelDefault(entry, {
    traits: kernelTraitsOf(release, null),
    ehashEntries: null,
    memoryBytes: null,
    pageBytes: null,
    ...host,
  });
}

function spans(figures: readonly Figure[] | null) {
  return figures?.map(({ low, high }) => (low === high ? low : [low, high])) ?? null;
}

describe('a fixed default', () => {
  test.each([
    ['net.core.somaxconn', '5.3.18', [128]],
    ['net.core.somaxconn', '5.4.0', [4096]],
    ['net.core.somaxconn', '4.18.0-553.el8_10', [[128, 4096]]],
    ['net.core.rmem_max', '6.17.1', [212992]],
    ['net.core.rmem_max', '6.18.0', [4194304]],
    ['net.ipv4.tcp_syncookies', '6.1.1', [1]],
  ])('%s on %s', (key, release, expected) => {
    expect(spans(defaultOf(key, release))).toEqual(expected);
  });

  test('that is a name, or none of ours, is no number', () => {
    expect(defaultOf('net.ipv4.tcp_congestion_control', '6.1.1')).toBeNull();
    expect(defaultOf('net.ipv4.tcp_ehash_entries', '6.1.1')).toBeNull();
  });
});

describe('a default from the connection table', () => {
  test.each([
    ['net.ipv4.tcp_max_syn_backlog', '6.18.44', 262144, 2048],
    ['net.ipv4.tcp_max_syn_backlog', '5.3.18', 262144, 1024],
    ['net.ipv4.tcp_max_syn_backlog', '5.4.0', 8192, 128],
    ['net.ipv4.tcp_max_syn_backlog', '6.18.44', 1024, 128],
    // Negative in a namespace that shares the global table.
    ['net.ipv4.tcp_max_syn_backlog', '6.18.44', -262144, 2048],
    ['net.ipv4.tcp_max_tw_buckets', '6.18.44', 262144, 131072],
    ['net.ipv4.tcp_max_tw_buckets', '6.12.1', 8192, 4096],
  ])('%s on %s with %i buckets', (key, release, ehashEntries, expected) => {
    expect(spans(defaultOf(key, release, { ehashEntries }))).toEqual([expected]);
  });

  test.each([
    // MemTotal of machines with 24 GiB, 8 GiB and 256 GiB.
    [24684092 * 1024, 131072],
    [7.7 * GIB, 32768],
    [251 * GIB, 262144],
  ])('of a machine with %i bytes of memory', (memoryBytes, expected) => {
    expect(spans(defaultOf('net.ipv4.tcp_max_tw_buckets', '5.10.1', { memoryBytes }))).toEqual([expected]);
  });

  test('is an interval where the memory is near a power of two', () => {
    const figures = defaultOf('net.ipv4.tcp_max_tw_buckets', '5.10.1', { memoryBytes: 7.99 * GIB });
    expect(spans(figures)).toEqual([[32768, 65536]]);
  });

  test('is not known without either', () => {
    expect(defaultOf('net.ipv4.tcp_max_syn_backlog', '6.1.1')).toBeNull();
    expect(defaultOf('net.ipv4.tcp_max_tw_buckets', '6.1.1')).toBeNull();
  });
});

describe('a default from memory', () => {
  /** Measured on a machine with 24 GiB, Linux 6.18.44. */
  const MACHINE = { memoryBytes: 24684092 * 1024, pageBytes: 4096 };

  test.each([
    ['net.ipv4.tcp_rmem', [4096, 131072, 33554432]],
    ['net.ipv4.tcp_wmem', [4096, 16384, 4194304]],
  ])('%s of a large machine is known exactly', (key, expected) => {
    expect(spans(defaultOf(key, '6.18.44', MACHINE))).toEqual(expected);
  });

  test.each([
    [287898, 383867, 575796],
    [287901, 383868, 575802],
  ])('tcp_mem of that machine is within the interval: %i %i %i', (...measured) => {
    const figures = defaultOf('net.ipv4.tcp_mem', '6.18.44', MACHINE) ?? [];
    expect(figures).toHaveLength(3);
    figures.forEach(({ low, high, unit }, index) => {
      expect(low).toBeLessThanOrEqual(measured[index] ?? 0);
      expect(high).toBeGreaterThanOrEqual(measured[index] ?? 0);
      expect((high - low) / high).toBeLessThan(0.03);
      expect(unit).toBe('pages');
    });
  });

  test('tcp_rmem of a guest with 1 GiB is a share of its memory', () => {
    const [, , most] = defaultOf('net.ipv4.tcp_rmem', '6.18.44', { memoryBytes: 0.93 * GIB }) ?? [];
    expect(most?.low).toBeLessThanOrEqual(7260512);
    expect(most?.high).toBeGreaterThanOrEqual(7260512);
  });

  test.each([
    ['4.19.325', 87380, 6291456],
    ['4.20.0', 131072, 6291456],
    ['6.15.11', 131072, 6291456],
    ['6.16.0', 131072, 33554432],
  ])('tcp_rmem on %s', (release, initial, most) => {
    const memoryBytes = 64 * GIB;
    expect(spans(defaultOf('net.ipv4.tcp_rmem', release, { memoryBytes }))).toEqual([4096, initial, most]);
  });

  test('buffers never fall below their floor', () => {
    const tiny = { memoryBytes: 2 ** 20, pageBytes: 4096 };
    expect(spans(defaultOf('net.ipv4.tcp_rmem', '6.1.1', tiny))).toEqual([4096, 131072, 131072]);
    expect(spans(defaultOf('net.ipv4.tcp_wmem', '6.1.1', tiny))).toEqual([4096, 16384, 65536]);
    expect(spans(defaultOf('net.ipv4.tcp_mem', '6.1.1', tiny))).toEqual([96, 128, 192]);
  });

  test('tcp_mem is twice as much up to 4.1', () => {
    const old = defaultOf('net.ipv4.tcp_mem', '4.0.9', MACHINE)?.[1];
    const recent = defaultOf('net.ipv4.tcp_mem', '4.2.8', MACHINE)?.[1];
    expect(Math.floor((old?.high ?? 0) / 2)).toBe(recent?.high);
  });

  test.each([
    ['net.ipv4.tcp_rmem', { pageBytes: 4096 }],
    ['net.ipv4.tcp_mem', { memoryBytes: GIB }],
    ['net.ipv4.tcp_mem', { pageBytes: 4096 }],
  ])('%s is not known with only %j', (key, host) => {
    expect(defaultOf(key, '6.1.1', host)).toBeNull();
  });

  test('grows with memory and is never upside down', () => {
    const keys = ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_mem', 'net.ipv4.tcp_max_tw_buckets'];
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.maxSafeNat(), fc.maxSafeNat(), (key, one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)].map((memoryBytes) =>
          defaultOf(key, '6.18.1', { memoryBytes, pageBytes: 4096 }),
        );
        less?.forEach((figure, index) => {
          expect(figure.low).toBeLessThanOrEqual(figure.high);
          expect(figure.low).toBeLessThanOrEqual(more?.[index]?.low ?? 0);
          expect(figure.high).toBeLessThanOrEqual(more?.[index]?.high ?? 0);
        });
      }),
    );
  });
});

test('figures carry the name of the key and of the member', () => {
  const names = (key: string) =>
    defaultOf(key, '6.1.1', { memoryBytes: GIB, pageBytes: 4096 })?.map(({ name }) => name);
  expect(names('net.core.somaxconn')).toEqual(['default of somaxconn']);
  expect(names('net.ipv4.tcp_rmem')?.[2]).toMatch(/^default of tcp_rmem ./);
});
