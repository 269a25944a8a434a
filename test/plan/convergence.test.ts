import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assess } from '../../src/assess/assess.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import type { SourcedRequirement } from '../../src/sysctl/requirement.ts';
import { hostOf } from '../rules/host.ts';
import { carriedOut, type Managed, planFor, profile, rule, stateOf, untouched } from './planned.ts';

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

test('where nothing is taken back, nothing is done when nothing is asked for, whatever an earlier plan set', () => {
  fc.assert(
    fc.property(hosts, profiles, (snapshot, wanted) => {
      const done = applied(untouched(snapshot), wanted);
      expect(planFor(done, [], { withdraw: false }).steps).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

const OTHER = 'net.core.netdev_max_backlog';

function withOther(snapshot: Snapshot): Snapshot {
  const namespaces = snapshot.namespaces.map((namespace) => ({
    ...namespace,
    sysctls: { ...namespace.sysctls, [OTHER]: { ok: true as const, value: '1000' } },
  }));
  return { ...snapshot, namespaces };
}

function bootValues({ snapshot }: Managed, keys: readonly string[]) {
  const { resolution } = assess(snapshot);
  return keys.map((key) => {
    const boot = resolution?.bootValue(key);
    return boot?.kind === 'set' ? [key, boot.value] : [key, null];
  });
}

test('and what is asked for besides leaves the other keys as they stand, now and at boot', () => {
  fc.assert(
    fc.property(hosts, profiles, (snapshot, wanted) => {
      const done = applied(untouched(withOther(snapshot)), wanted);
      const asked = rule('x/y', [OTHER, 'at-least', 30_000]);
      const then = carriedOut(done, planFor(done, asked, { withdraw: false }));
      expect(stateOf(then).sysctls).toEqual({ ...stateOf(done).sysctls, [OTHER]: '30000' });
      expect(bootValues(then, [...AMOUNTS, RMEM])).toEqual(bootValues(done, [...AMOUNTS, RMEM]));
      expect(bootValues(then, [OTHER])).toEqual([[OTHER, '30000']]);
    }),
    { numRuns: 300 },
  );
});
