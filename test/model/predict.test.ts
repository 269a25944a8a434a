import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { kernelTraitsOf } from '../../src/model/kernel-traits.ts';
import { type PredictionInputs, predict } from '../../src/model/predict.ts';

function predicted(release: string, inputs: Partial<PredictionInputs>) {
  const prediction = predict({
    traits: kernelTraitsOf(release, null),
    limit: 8,
    maxSynBacklog: { low: 1024, high: 1024 },
    syncookies: 1,
    abortOnOverflow: false,
    deferAccept: false,
    fastOpenLimit: 0,
    sockets: 1,
    load: { kind: 'syn', connections: 20, prefilled: 0 },
    ...inputs,
  });
  return prediction.kind === 'predicted' ? prediction.after : prediction.kind;
}

describe('what a version leaves open becomes an interval', () => {
  test('the full test of the SYN queue', () => {
    const between = predicted('6.1.0-40-amd64', {});
    expect(between).toMatchObject({
      synRecv: { low: 8, high: 9 },
      synAcks: { low: 20, high: 20 },
      counters: { SyncookiesSent: { low: 11, high: 12 } },
    });
    expect(predicted('6.1.153', {})).toMatchObject({ synRecv: { low: 9, high: 9 } });
    expect(predicted('6.1.100', {})).toMatchObject({ synRecv: { low: 8, high: 8 } });
  });

  test('tcp_max_syn_backlog, where it is not given', () => {
    const wide = predicted('6.18.44', {
      limit: 4096,
      syncookies: 0,
      maxSynBacklog: { low: 128, high: 4096 },
      load: { kind: 'syn', connections: 5000, prefilled: 0 },
    });
    expect(wide).toMatchObject({
      synRecv: { low: 97, high: 3073 },
      counters: { ListenDrops: { low: 1927, high: 4903 } },
    });
  });

  test('drops of the socket, which kernels before 4.7 do not count', () => {
    const load = { kind: 'handshake', connections: 20, prefilled: 0 } as const;
    expect(predicted('4.6.0', { load })).toMatchObject({ socketDrops: { low: 0, high: 0 } });
    expect(predicted('4.9.154', { load })).toMatchObject({ socketDrops: { low: 13, high: 13 } });
  });
});

test.each(['3.10.105', '4.3.6', '4.4.0-rc1', '3.10.0-1160.el7.x86_64'])(
  'on %s loads are not modelled',
  (release) => {
    expect(predicted(release, {})).toBe('kernel-too-old');
  },
);

test('sockets of a group have a queue each', () => {
  // 3 sockets with room for 5: as measured.
  const load = { kind: 'handshake', connections: 20, prefilled: 0 } as const;
  expect(predicted('6.18.44', { limit: 4, sockets: 3, load })).toMatchObject({
    acceptQueue: { low: 15, high: 15 },
    clients: { unanswered: { low: 5, high: 5 } },
  });
  // The rest of the division goes to one socket each, and the handshakes before the load are spread too.
  const uneven = { kind: 'syn', connections: 17, prefilled: 8 } as const;
  expect(predicted('6.18.44', { limit: 4, sockets: 3, load: uneven })).toMatchObject({
    acceptQueue: { low: 8, high: 8 },
    synRecv: { low: 15, high: 15 },
    counters: { SyncookiesSent: { low: 2, high: 2 } },
  });
  const few = { kind: 'handshake', connections: 2, prefilled: 0 } as const;
  expect(predicted('6.18.44', { limit: 4, sockets: 3, load: few })).toMatchObject({
    acceptQueue: { low: 2, high: 2 },
  });
});

test('every tcp_max_syn_backlog of a range leaves what the interval says', () => {
  const kinds = ['syn', 'handshake', 'burst', 'prefilled-burst', 'proven-syn', 'fast-open'] as const;
  const inputs = fc.record({
    limit: fc.nat(600),
    abortOnOverflow: fc.boolean(),
    sockets: fc.constantFrom(1, 1, 2, 3),
    load: fc.record({ kind: fc.constantFrom(...kinds), connections: fc.nat(1200), prefilled: fc.nat(700) }),
    fastOpenLimit: fc.nat(4),
  });
  const range = fc.tuple(
    fc.integer({ min: -3, max: 900 }),
    fc.nat(900),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  fc.assert(
    fc.property(
      inputs,
      range,
      fc.constantFrom('6.18.44', '5.10.223', '4.9.154'),
      (given, [low, more, part], release) => {
        const inside = low + Math.round(more * part);
        const of = (bounds: { low: number; high: number }) =>
          predicted(release, { ...given, syncookies: 0, maxSynBacklog: bounds });
        const wide = of({ low, high: low + more });
        const exact = of({ low: inside, high: inside });
        if (typeof wide === 'string' || typeof exact === 'string') throw new Error('not predicted');
        const flat = (after: typeof wide) => {
          const { counters, clients, ...amounts } = after;
          return Object.entries({ ...amounts, ...counters, ...clients });
        };
        const bounds = new Map(flat(wide));
        for (const [name, { low: least, high: most }] of flat(exact)) {
          expect([name, least]).toEqual([name, Math.max(least, bounds.get(name)?.low ?? 0)]);
          expect([name, most]).toEqual([name, Math.min(most, bounds.get(name)?.high ?? 0)]);
        }
      },
    ),
    { numRuns: 400 },
  );
});
