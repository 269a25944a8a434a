import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { given } from '../../src/core/figure.ts';
import { kernelTraitsOf } from '../../src/model/kernel-traits.ts';
import { type Behaviour, outcomeOf, type SocketSettings } from '../../src/model/listen-socket.ts';
import { LOAD_KINDS, type Load, type LoadKind } from '../../src/model/load.ts';
import { acceptQueueOfLimit, synQueue } from '../../src/model/queues.ts';

const NEWEST: Behaviour = {
  synQueueFull: 'above-limit',
  fullAcceptQueueDropsEverySyn: true,
  exemptsProvenPeers: true,
  countsSocketDrops: true,
};

const SETTINGS: SocketSettings = {
  limit: 8,
  maxSynBacklog: 1024,
  syncookies: 1,
  abortOnOverflow: false,
  deferAccept: false,
  fastOpenLimit: 0,
};

function leaves(
  settings: Partial<SocketSettings>,
  kind: LoadKind,
  connections: number,
  prefilled = 0,
  behaviour: Partial<Behaviour> = {},
) {
  const { counters, clients, ...amounts } = outcomeOf(
    { ...SETTINGS, ...settings },
    { ...NEWEST, ...behaviour },
    { kind, connections, prefilled },
  );
  const counted = Object.entries({ ...counters, ...clients }).filter(([, amount]) => amount !== 0);
  return { ...amounts, ...Object.fromEntries(counted) };
}

/** Each was measured on 6.18; the numbers are those of the event table in docs/model.md. */
describe('what a load leaves behind', () => {
  test('SYNs that nobody completes fill the SYN queue, and then get cookies', () => {
    expect(leaves({}, 'syn', 20)).toEqual({
      synRecv: 9,
      acceptQueue: 0,
      synAcks: 20,
      resets: 0,
      socketDrops: 0,
      TCPReqQFullDoCookies: 11,
      SyncookiesSent: 11,
      halfOpen: 20,
    });
  });

  test('without cookies they are dropped, and counted as such', () => {
    expect(leaves({ syncookies: 0 }, 'syn', 20)).toEqual({
      synRecv: 9,
      acceptQueue: 0,
      synAcks: 9,
      resets: 0,
      socketDrops: 11,
      TCPReqQFullDrop: 11,
      ListenDrops: 11,
      halfOpen: 9,
      unanswered: 11,
    });
  });

  test('the last quarter of tcp_max_syn_backlog is for peers that were here before', () => {
    const small = { syncookies: 0, maxSynBacklog: 4 };
    expect(leaves(small, 'syn', 20)).toMatchObject({ synRecv: 4, ListenDrops: 16, socketDrops: 16 });
    expect(leaves(small, 'syn', 20)).not.toHaveProperty('TCPReqQFullDrop');
    expect(leaves(small, 'proven-syn', 20)).toMatchObject({ synRecv: 9, TCPReqQFullDrop: 11 });
    expect(leaves(small, 'proven-syn', 20, 0, { exemptsProvenPeers: false })).toMatchObject({ synRecv: 4 });
  });

  test.each([
    [-2, 0],
    [-1, 1],
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
    [4, 4],
    [8, 7],
    [128, 97],
    [1024, 769],
  ])('tcp_max_syn_backlog %i lets %i SYNs in where there are no cookies', (maxSynBacklog, expected) => {
    expect(leaves({ syncookies: 0, maxSynBacklog, limit: 4096 }, 'syn', 2000).synRecv).toBe(expected);
  });

  test('peers in TIME_WAIT pass all limits but that of the accept queue', () => {
    const few = { limit: 4 };
    expect(leaves(few, 'time-wait-syn', 12)).toMatchObject({ synRecv: 12, synAcks: 12 });
    expect(leaves({ ...few, syncookies: 2 }, 'time-wait-syn', 12)).toMatchObject({ synRecv: 12 });
    expect(leaves({ ...few, syncookies: 0, maxSynBacklog: 2 }, 'time-wait-syn', 12)).toMatchObject({
      synRecv: 12,
    });
    expect(leaves(few, 'time-wait-syn', 12, 5)).toMatchObject({ synRecv: 0, ListenOverflows: 12 });
  });

  test('handshakes one after another fill the accept queue, and their SYNs are dropped then', () => {
    expect(leaves({}, 'handshake', 20)).toEqual({
      synRecv: 0,
      acceptQueue: 9,
      synAcks: 9,
      resets: 0,
      socketDrops: 11,
      ListenOverflows: 11,
      ListenDrops: 11,
      PassiveOpens: 9,
      connected: 9,
      unanswered: 11,
    });
  });

  test('up to 4.9 a SYN gets in while at most one half-open request is young', () => {
    expect(leaves({}, 'handshake', 20, 0, { fullAcceptQueueDropsEverySyn: false })).toMatchObject({
      synRecv: 2,
      acceptQueue: 9,
      ListenOverflows: 11,
      connected: 9,
      believing: 2,
      unanswered: 9,
    });
  });

  test('with tcp_syncookies = 2 every handshake is a cookie', () => {
    expect(leaves({ syncookies: 2 }, 'handshake', 20)).toEqual({
      synRecv: 0,
      acceptQueue: 9,
      synAcks: 9,
      resets: 0,
      socketDrops: 11,
      ListenOverflows: 11,
      ListenDrops: 11,
      TCPReqQFullDoCookies: 20,
      SyncookiesSent: 9,
      SyncookiesRecv: 9,
      PassiveOpens: 9,
      connected: 9,
      unanswered: 11,
    });
  });

  test('a burst: whoever comes after the accept queue believes that it is connected', () => {
    expect(leaves({ limit: 8 }, 'burst', 20)).toEqual({
      synRecv: 0,
      acceptQueue: 9,
      synAcks: 20,
      resets: 0,
      socketDrops: 11,
      TCPReqQFullDoCookies: 11,
      SyncookiesSent: 11,
      SyncookiesRecv: 11,
      ListenOverflows: 11,
      ListenDrops: 11,
      PassiveOpens: 9,
      connected: 9,
      believing: 11,
    });
  });

  test('a burst after handshakes: the requests that find no room stay, or are reset', () => {
    const kept = leaves({ syncookies: 0 }, 'prefilled-burst', 20, 5);
    expect(kept).toMatchObject({
      synRecv: 5,
      acceptQueue: 9,
      resets: 0,
      believing: 5,
      ListenOverflows: 5,
      socketDrops: 2 * 5 + 11,
    });
    const reset = leaves({ syncookies: 0, abortOnOverflow: true }, 'prefilled-burst', 20, 5);
    expect(reset).toMatchObject({
      synRecv: 0,
      acceptQueue: 9,
      resets: 5,
      EmbryonicRsts: 5,
      reset: 5,
      ListenOverflows: 5,
    });
  });

  test('tcp_abort_on_overflow does not reset the client of a cookie', () => {
    const outcome = leaves({ syncookies: 2, abortOnOverflow: true }, 'burst', 20);
    expect(outcome).toMatchObject({ resets: 0, believing: 11, SyncookiesRecv: 20, ListenOverflows: 11 });
    expect(outcome).not.toHaveProperty('EmbryonicRsts');
  });

  test('deferred accept: idle clients take the SYN queue, and cookies pass by it', () => {
    expect(leaves({ deferAccept: true }, 'burst', 20)).toMatchObject({
      synRecv: 9,
      acceptQueue: 9,
      TCPDeferAcceptDrop: 9,
      deferred: 9,
      connected: 9,
      believing: 2,
      SyncookiesRecv: 11,
      socketDrops: 9 + 2,
    });
  });

  test('Fast Open has a limit of its own, and its children wait in the accept queue', () => {
    expect(leaves({ fastOpenLimit: 3 }, 'fast-open', 20)).toMatchObject({
      synRecv: 9,
      acceptQueue: 3,
      TCPFastOpenPassive: 3,
      TCPFastOpenListenOverflow: 9,
      connected: 3,
      socketDrops: 0,
    });
    expect(leaves({ fastOpenLimit: 3 }, 'fast-open', 20)).not.toHaveProperty('ListenDrops');
  });

  test('a limit of 0 holds one connection and one half-open request', () => {
    expect(leaves({ limit: 0 }, 'burst', 3)).toMatchObject({ acceptQueue: 1, SyncookiesSent: 2 });
    // On kernels that call the queue full at the limit everything is a cookie, or nothing gets in.
    const old = { synQueueFull: 'at-limit' } as const;
    expect(leaves({ limit: 0 }, 'burst', 3, 0, old)).toMatchObject({ acceptQueue: 1, SyncookiesSent: 3 });
    expect(leaves({ limit: 0, syncookies: 0 }, 'burst', 3, 0, old)).toMatchObject({
      acceptQueue: 0,
      TCPReqQFullDrop: 3,
    });
  });
});

const settingsOf: fc.Arbitrary<SocketSettings> = fc.record({
  limit: fc.oneof(fc.nat(12), fc.nat(600)),
  maxSynBacklog: fc.oneof(fc.integer({ min: -8, max: 40 }), fc.nat(2000)),
  syncookies: fc.constantFrom(0, 1, 2, 3, 255),
  abortOnOverflow: fc.boolean(),
  deferAccept: fc.boolean(),
  fastOpenLimit: fc.nat(5),
});
const loadOf: fc.Arbitrary<Load> = fc.record({
  kind: fc.constantFrom(...LOAD_KINDS),
  connections: fc.nat(1500),
  prefilled: fc.oneof(fc.constant(0), fc.nat(700)),
});
const behaviourOf: fc.Arbitrary<Behaviour> = fc.record({
  synQueueFull: fc.constantFrom('at-limit', 'above-limit'),
  fullAcceptQueueDropsEverySyn: fc.boolean(),
  exemptsProvenPeers: fc.boolean(),
  countsSocketDrops: fc.boolean(),
});

/** The closed forms for a kernel that behaves so. */
function closedForms({ limit, maxSynBacklog, syncookies }: SocketSettings, release: string) {
  const traits = kernelTraitsOf(release, null);
  const figure = given('limit', limit, 'connections', 'test');
  return {
    accept: acceptQueueOfLimit(figure).capacity.low,
    syn: synQueue({ limit: figure, maxSynBacklog, syncookies, traits }),
  };
}

const MODERN = [
  ['6.18.44', 'above-limit'],
  ['5.10.223', 'at-limit'],
] as const;

describe('closed forms and events agree', () => {
  test.each(MODERN)('on %s, for any load', (release, synQueueFull) => {
    fc.assert(
      fc.property(settingsOf, fc.nat(1500), fc.boolean(), (settings, connections, proven) => {
        const { syn } = closedForms(settings, release);
        const capacity = proven ? syn.provenCapacity : syn.unprovenCapacity;
        const load = { kind: proven ? 'proven-syn' : 'syn', connections, prefilled: 0 } as const;
        const { synRecv } = outcomeOf(settings, { ...NEWEST, synQueueFull }, load);
        expect(synRecv).toBe(Math.min(connections, capacity.low));
      }),
    );
  });

  test.each(MODERN)('on %s, for handshakes', (release, synQueueFull) => {
    fc.assert(
      fc.property(settingsOf, fc.nat(1500), (given, connections) => {
        const settings = { ...given, deferAccept: false };
        const { accept, syn } = closedForms(settings, release);
        const load = { kind: 'handshake', connections, prefilled: 0 } as const;
        const { acceptQueue } = outcomeOf(settings, { ...NEWEST, synQueueFull }, load);
        // Without cookies and without room for one half-open request nobody gets in.
        const nobody = settings.syncookies === 0 && syn.unprovenCapacity.low === 0;
        expect(acceptQueue).toBe(nobody ? 0 : Math.min(connections, accept));
      }),
    );
  });
});

describe('any load', () => {
  test('never leaves more in the accept queue than the limit and one', () => {
    fc.assert(
      fc.property(settingsOf, behaviourOf, loadOf, (settings, behaviour, load) => {
        expect(outcomeOf(settings, behaviour, load).acceptQueue).toBeLessThanOrEqual(settings.limit + 1);
      }),
    );
  });

  test('is the same for every tcp_max_syn_backlog while SYN cookies are on', () => {
    fc.assert(
      fc.property(
        settingsOf,
        fc.integer({ min: -8, max: 16_384 }),
        fc.constantFrom(1, 2, 5),
        behaviourOf,
        loadOf,
        (given, other, syncookies, behaviour, load) => {
          const settings = { ...given, syncookies };
          expect(outcomeOf({ ...settings, maxSynBacklog: other }, behaviour, load)).toEqual(
            outcomeOf(settings, behaviour, load),
          );
        },
      ),
    );
  });

  test('has a fate for every client, and counts what it drops', () => {
    fc.assert(
      fc.property(settingsOf, behaviourOf, loadOf, (settings, behaviour, load) => {
        const { counters, clients, socketDrops } = outcomeOf(settings, behaviour, load);
        const all = Object.values(clients).reduce((sum, each) => sum + each, 0);
        expect(all).toBe(load.connections + load.prefilled);
        expect(counters.ListenDrops).toBeGreaterThanOrEqual(
          counters.ListenOverflows + counters.TCPReqQFullDrop,
        );
        expect(socketDrops).toBeGreaterThanOrEqual(behaviour.countsSocketDrops ? counters.ListenDrops : 0);
        expect(counters.PassiveOpens).toBe(clients.connected);
      }),
    );
  });
});
