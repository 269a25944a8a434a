import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SourcedRequirement } from '../../src/sysctl/requirement.ts';
import { hostOf } from '../rules/host.ts';
import { carriedOut, type Managed, planFor, profile, stateOf, untouched } from './planned.ts';

const RMEM = 'net.ipv4.tcp_rmem';
const AMOUNTS = ['net.core.somaxconn', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_max_syn_backlog'];

const number = fc.integer({ min: 1, max: 20_000 });
const relation = fc.constantFrom<SourcedRequirement['relation']>('at-least', 'at-most', 'exactly');

/** Ordered, as the kernel's own are. */
const vector = fc
  .array(fc.integer({ min: 4096, max: 10_000_000 }), { minLength: 3, maxLength: 3 })
  .map((members) => [...members].sort((a, b) => a - b).join(' '));

const profiles = fc
  .tuple(
    fc
      .subarray(AMOUNTS)
      .chain((keys) => fc.tuple(...keys.map((key) => fc.tuple(fc.constant(key), relation, number)))),
    fc.option(fc.tuple(relation, vector), { nil: null }),
  )
  .map(([amounts, rmem]) =>
    profile('random', ...amounts, ...(rmem === null ? [] : [[RMEM, ...rmem] as const])),
  );

const hosts = fc
  .record({
    live: fc.tuple(number, number, number, vector),
    file: fc.option(fc.tuple(fc.subarray(AMOUNTS), number), { nil: null }),
  })
  .map(({ live, file }) =>
    hostOf({
      sysctls: Object.fromEntries([...AMOUNTS, RMEM].map((key, index) => [key, live[index] ?? 0])),
      files:
        file === null
          ? {}
          : { '/etc/sysctl.d/50-site.conf': file[0].map((key) => `${key} = ${file[1]}\n`).join('') },
    }),
  );

function applied(start: Managed, wanted: readonly SourcedRequirement[]): Managed {
  return carriedOut(start, planFor(start, wanted, { allowLower: true }));
}

test('one profile after another leaves what the last alone would', () => {
  fc.assert(
    fc.property(hosts, profiles, profiles, (snapshot, first, second) => {
      const start = untouched(snapshot);
      expect(stateOf(applied(applied(start, first), second))).toEqual(stateOf(applied(start, second)));
    }),
    { numRuns: 1000 },
  );
});

test('without a profile the host is as it was', () => {
  fc.assert(
    fc.property(hosts, profiles, (snapshot, wanted) => {
      const start = untouched(snapshot);
      expect(stateOf(applied(applied(start, wanted), []))).toEqual(stateOf(start));
    }),
    { numRuns: 1000 },
  );
});

test('a second apply of the same has no step', () => {
  fc.assert(
    fc.property(hosts, profiles, (snapshot, wanted) => {
      const done = applied(untouched(snapshot), wanted);
      expect(planFor(done, wanted, { allowLower: true }).steps).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});
