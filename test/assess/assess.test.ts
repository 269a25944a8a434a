import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assess } from '../../src/assess/assess.ts';
import type { Figure } from '../../src/core/figure.ts';
import type { Listener } from '../../src/snapshot/listener.ts';
import type { Namespace } from '../../src/snapshot/namespace.ts';
import { Snapshot } from '../../src/snapshot/snapshot.ts';

type Facts = Partial<Omit<Snapshot, 'namespaces' | 'host'>> & {
  readonly release?: string;
  readonly host?: Partial<Snapshot['host']>;
  readonly sysctls?: Readonly<Record<string, string | number>>;
  readonly listeners?: readonly Listener[];
  readonly namespace?: Partial<Namespace>;
  readonly others?: readonly Namespace[];
};

function sysctlsOf(values: Readonly<Record<string, string | number>>) {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, { ok: true as const, value: String(value) }]),
  );
}

function snapshotOf(facts: Facts): Snapshot {
  const { release = '6.18.44', host, sysctls = {}, listeners, namespace, others = [], ...rest } = facts;
  return Snapshot.parse({
    kind: 'snapshot',
    schemaVersion: 0,
    takenAt: '2026-11-20T09:00:00Z',
    host: { kernel: { release }, ...host },
    namespaces: [
      {
        id: '1',
        name: 'host',
        sysctls: sysctlsOf(sysctls),
        ...(listeners === undefined ? {} : { listeners }),
        ...namespace,
      },
      ...others,
    ],
    ...rest,
  });
}

function onlyNamespace(facts: Facts) {
  const [namespace] = assess(snapshotOf(facts)).namespaces;
  if (namespace === undefined) throw new TypeError('no namespace');
  return namespace;
}

function tcp(port: number, facts: Omit<Partial<Listener>, 'protocol'> = {}): Listener {
  return { protocol: 'tcp', address: '0.0.0.0', port, ...facts };
}

function span(figure: Figure | undefined) {
  if (figure === undefined) return undefined;
  return figure.low === figure.high ? figure.low : [figure.low, figure.high];
}

const SOMAXCONN = 'net.core.somaxconn';
const MAX_SYN_BACKLOG = 'net.ipv4.tcp_max_syn_backlog';
const SYNCOOKIES = 'net.ipv4.tcp_syncookies';

describe('situations that were met', () => {
  test.each([
    // kernel, somaxconn, max_syn_backlog, cookies, requested, limit, SYN queue, what binds
    ['4.19.0-21', 4096, 1024, 1, 1024, 128, 128, 'somaxconn-at-listen'],
    ['6.1.0', 4096, 4096, 1, 128, 128, [128, 129], 'backlog'],
    ['4.14.0-amzn2', 128, 256, 1, 2048, 128, 128, 'somaxconn'],
    ['5.15.0', 4096, 4096, 1, 100, 100, [100, 101], 'backlog'],
    ['4.15.0-117', 196602, 4096, 1, 65535, 65535, 65535, 'backlog'],
    ['4.4.78', 128, 512, 1, 511, 128, 128, 'somaxconn'],
    ['6.18.0', 4096, 128, 1, 511, 511, 512, 'backlog'],
    ['4.4.0', 128, 512, 0, 0, 0, 0, 'backlog'],
    ['5.10.0', 4096, 4096, 1, 511, 511, [511, 512], 'backlog'],
  ])(
    '%s, somaxconn %i, tcp_max_syn_backlog %i, tcp_syncookies %i, backlog %i, limit %i',
    (release, somaxconn, maxSynBacklog, syncookies, requested, limit, synQueue, boundBy) => {
      const sysctls = {
        [SOMAXCONN]: somaxconn,
        [MAX_SYN_BACKLOG]: maxSynBacklog,
        [SYNCOOKIES]: syncookies,
      };
      const backlog = { ok: true, value: requested, from: 'config' } as const;
      const [listener] = onlyNamespace({
        release,
        sysctls,
        listeners: [tcp(80, { limit, backlog })],
      }).listeners;
      expect(span(listener?.acceptQueue?.limit)).toBe(limit);
      expect(span(listener?.acceptQueue?.capacity)).toBe(limit + 1);
      expect(span(listener?.synQueue?.unprovenCapacity)).toEqual(synQueue);
      expect(listener?.boundBy).toBe(boundBy);
      expect(listener?.relisten.needed).toBe(Math.min(requested, somaxconn) > limit);
    },
  );

  test('a unix listener has no SYN queue', () => {
    const listeners: Listener[] = [{ protocol: 'unix', path: '/run/php-fpm.sock', limit: 128, length: 129 }];
    const [listener] = onlyNamespace({ release: '4.9.0', listeners }).listeners;
    expect([span(listener?.acceptQueue?.capacity), listener?.synQueue, listener?.full]).toEqual([
      129,
      null,
      true,
    ]);
  });

  test('each socket of one address has a queue of its own', () => {
    const listeners = [512, 0, 511].map((length) => tcp(443, { limit: 511, length, server: 'hitch' }));
    const assessed = onlyNamespace({ listeners }).listeners;
    expect(assessed.map(({ id, full }) => [id, full])).toEqual([
      ['tcp:0.0.0.0:443', true],
      ['tcp:0.0.0.0:443#2', false],
      ['tcp:0.0.0.0:443#3', false],
    ]);
  });
});

describe('a limit that was not read', () => {
  const sysctls = { [SOMAXCONN]: 128, [MAX_SYN_BACKLOG]: 512, [SYNCOOKIES]: 1 };
  const backlog = { ok: true, value: 511, from: 'config' } as const;

  test.each([
    ['backlog and somaxconn', { sysctls, listeners: [tcp(80, { backlog, length: 200 })] }],
    ['a server that asks for all of somaxconn', { sysctls, listeners: [tcp(80, { server: 'caddy' })] }],
    ['somaxconn', { sysctls, listeners: [tcp(80)] }],
    ['a server', { listeners: [tcp(80, { server: 'redis' })] }],
  ])('is not known, whatever is known of %s', (_what, facts) => {
    const [listener] = onlyNamespace(facts).listeners;
    expect(listener).toMatchObject({
      acceptQueue: null,
      synQueue: null,
      boundBy: 'unknown',
      relisten: { needed: false },
      full: false,
    });
  });
});

describe('who listens', () => {
  test.each([
    [{ server: 'redis', processes: [{ name: 'redis-server', pid: 1 }] }, 'redis', 'redis'],
    [{ server: 'of-another-version' }, 'of-another-version', undefined],
    [{ processes: [{ name: 'x\n', pid: 1 }] }, 'x\n', undefined],
    [{}, '?', undefined],
  ])('%j', (facts, who, server) => {
    const [listener] = onlyNamespace({ listeners: [tcp(80, facts)] }).listeners;
    expect([listener?.who, listener?.server?.id]).toEqual([who, server]);
  });
});

describe('the kernel', () => {
  const DEBIAN = '#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2025-09-20)';

  test.each([
    [{}, ['at-limit', 'above-limit']],
    [{ version: { ok: true, value: '6.1.119' } }, ['at-limit']],
    [{ build: { ok: true, value: DEBIAN } }, ['above-limit']],
    [{ version: { ok: false, why: 'absent' }, build: { ok: true, value: DEBIAN } }, ['above-limit']],
    [{ build: { ok: true, value: '#1 SMP' } }, ['at-limit', 'above-limit']],
  ] as const)('with %j', (kernel, expected) => {
    const snapshot = snapshotOf({ host: { kernel: { release: '6.1.0-40-amd64', ...kernel } } });
    expect(assess(snapshot).traits.synQueueFull).toEqual(expected);
  });
});

describe('values of a namespace', () => {
  const namespace = onlyNamespace({
    sysctls: {
      [SOMAXCONN]: '4096',
      'net.ipv4.tcp_rmem': '4096\t131072\t6291456',
      'net.ipv4.tcp_congestion_control': 'bbr',
    },
    namespace: { environment: 'container' },
    host: { environment: 'host' },
  });

  test.each([
    [SOMAXCONN, 4096, [4096]],
    ['net.ipv4.tcp_rmem', null, [4096, 131072, 6291456]],
    ['net.ipv4.tcp_congestion_control', null, null],
    ['net.ipv4.tcp_wmem', null, null],
    ['constructor', null, null],
  ])('%s', (key, number, numbers) => {
    expect([namespace.number(key), namespace.numbers(key)]).toEqual([number, numbers]);
  });

  test('its own environment comes before the host’s', () => {
    expect(namespace.environment).toBe('container');
    expect(onlyNamespace({ host: { environment: 'container' } }).environment).toBe('container');
    expect(onlyNamespace({}).environment).toBe('host');
  });

  test('its kernel’s defaults', () => {
    expect(namespace.kernelDefault(SOMAXCONN)?.map(({ low }) => low)).toEqual([4096]);
    expect(namespace.kernelDefault('net.ipv4.tcp_tw_recycle')).toBeNull();
    expect(namespace.kernelDefault('not.a.key')).toBeNull();
    const table = onlyNamespace({ sysctls: { 'net.ipv4.tcp_ehash_entries': -262144 } });
    expect(table.kernelDefault(MAX_SYN_BACKLOG)?.map(({ low }) => low)).toEqual([2048]);
  });
});

describe('counters', () => {
  function counted(...samples: readonly (readonly [number, Record<string, number>])[]) {
    return onlyNamespace({ namespace: { samples: samples.map(([at, counters]) => ({ at, counters })) } });
  }

  test.each([
    ['two samples', counted([0, { Drops: 10 }], [10, { Drops: 25 }]), 25, { seconds: 10, increase: 15 }],
    ['no change', counted([0, { Drops: 10 }], [10, { Drops: 10 }]), 10, { seconds: 10, increase: 0 }],
    [
      'three samples',
      counted([0, { Drops: 1 }], [5, { Drops: 2 }], [9, { Drops: 4 }]),
      4,
      { seconds: 9, increase: 3 },
    ],
    ['one sample', counted([0, { Drops: 10 }]), 10, null],
    ['none', counted(), null, null],
    ['another counter', counted([0, { Other: 1 }], [1, { Other: 2 }]), null, null],
    ['one that came later', counted([0, {}], [1, { Drops: 2 }]), 2, null],
    ['a reset', counted([0, { Drops: 10 }], [10, { Drops: 3 }]), 3, null],
    [
      'a reset that was made up for',
      counted([0, { Drops: 1 }], [5, { Drops: 0 }], [9, { Drops: 4 }]),
      4,
      null,
    ],
    ['no time between', counted([0, { Drops: 1 }], [0, { Drops: 2 }]), 2, null],
  ])('%s', (_, namespace, counter, delta) => {
    expect([namespace.counter('Drops'), namespace.delta('Drops')]).toEqual([counter, delta]);
  });
});

describe('a key that only the host shows', () => {
  const ABSENT = { ok: false, why: 'absent' } as const;
  const listeners = [tcp(80, { limit: 4096 })];
  const child = (sysctls: Namespace['sysctls']): Namespace => ({
    id: '2',
    name: 'child',
    sysctls,
    listeners,
  });

  function childQueue(sysctls: Namespace['sysctls']) {
    const host = { [SYNCOOKIES]: 0, [MAX_SYN_BACKLOG]: 128 };
    const snapshot = snapshotOf({ release: '4.10.1', sysctls: host, others: [child(sysctls)] });
    const queue = assess(snapshot).namespaces[1]?.listeners[0]?.synQueue;
    return [span(queue?.unprovenCapacity), queue?.whenFull];
  }

  test.each([
    [{ [SYNCOOKIES]: ABSENT, [MAX_SYN_BACKLOG]: ABSENT }, [97, 'drop']],
    [{ ...sysctlsOf({ [SYNCOOKIES]: 1 }), [MAX_SYN_BACKLOG]: ABSENT }, [4096, 'cookies']],
    [{}, [4096, 'cookies']],
  ])('is shared where the child lacks it: %j', (sysctls, expected) => {
    expect(childQueue(sysctls)).toEqual(expected);
  });

  test.each([
    ['host', 'drop'],
    ['container', 'cookies'],
  ] as const)('a kernel without SYN cookies, seen from the %s', (environment, whenFull) => {
    const namespace = { sysctls: { [SYNCOOKIES]: ABSENT }, environment };
    const [listener] = onlyNamespace({ namespace, listeners }).listeners;
    expect(listener?.synQueue?.whenFull).toBe(whenFull);
  });
});

describe('boot values', () => {
  const sysctlFiles = [
    { path: '/etc/sysctl.conf', kind: 'file' as const, text: 'net.core.somaxconn = 512\n' },
    { path: '/etc/sysctl.d/60-x.conf', kind: 'file' as const, text: 'net.core.somaxconn = 1024\n' },
  ];

  function bootValue(facts: Facts, loader?: Parameters<typeof assess>[1]) {
    const boot = assess(snapshotOf(facts), loader).resolution?.bootValue(SOMAXCONN);
    return boot?.kind === 'set' ? boot.value : (boot?.kind ?? null);
  }

  test.each([
    ['systemd', '1024'],
    ['procps', '512'],
  ] as const)('are those of %s', (kind, expected) => {
    expect(bootValue({ sysctlFiles, loader: { kind: { ok: true, value: kind } } })).toBe(expected);
    expect(bootValue({ sysctlFiles }, { loader: { kind, version: null } })).toBe(expected);
  });

  test('are unknown where nobody knows the loader, and systemd’s where nobody asked', () => {
    expect(bootValue({ sysctlFiles, loader: { kind: { ok: false, why: 'denied' } } })).toBeNull();
    expect(bootValue({ sysctlFiles })).toBe('1024');
    expect(bootValue({})).toBeNull();
  });

  test('name the loader, and say where it is only assumed', () => {
    const loader = { kind: { ok: true, value: 'systemd' } } as const;
    expect(assess(snapshotOf({ sysctlFiles })).resolution?.loader).toBe('systemd-sysctl (assumed)');
    expect(assess(snapshotOf({ sysctlFiles, loader })).resolution?.loader).toBe('systemd-sysctl');
  });

  test('do not come from /run, which is empty after a boot', () => {
    const run = { path: '/run/sysctl.d/70-x.conf', kind: 'file' as const, text: 'net.core.somaxconn = 1\n' };
    expect(bootValue({ sysctlFiles: [...sysctlFiles, run] })).toBe('1024');
  });
});

describe('many listeners', () => {
  const ports = Array.from({ length: 10_000 }, (_, port) => port);
  const listeners = ports.map((port) => tcp(port, { limit: port % 3, length: 1, server: 'redis' }));
  const assessment = assess(snapshotOf({ sysctls: { [SOMAXCONN]: 4096, [SYNCOOKIES]: 1 }, listeners }));

  test('share the figures of their limit', () => {
    const assessed = assessment.namespaces[0]?.listeners ?? [];
    expect(assessed).toHaveLength(10_000);
    expect(new Set(assessed.map(({ synQueue }) => synQueue)).size).toBe(3);
    expect(new Set(assessed.map(({ acceptQueue }) => acceptQueue)).size).toBe(3);
    expect(new Set(assessed.map(({ id }) => id)).size).toBe(10_000);
  });

  test('are assessed once', () => {
    expect(assessment.namespaces).toBe(assessment.namespaces);
    expect(assessment.namespaces[0]?.listeners).toBe(assessment.namespaces[0]?.listeners);
  });
});

test('figures of a live listener agree with one another', () => {
  const AMOUNT = fc.option(fc.integer({ min: -2, max: 70000 }), { nil: undefined });
  const RELEASES = ['3.10.105', '4.3.1', '4.19.1', '5.14.0-503.el9', '6.1.0', '6.18.44', 'garbage'];
  fc.assert(
    fc.property(
      fc.constantFrom(...RELEASES),
      fc.nat(70000),
      AMOUNT,
      AMOUNT,
      AMOUNT,
      AMOUNT,
      (release, limit, requested, somaxconn, maxSynBacklog, syncookies) => {
        const given = { [SOMAXCONN]: somaxconn, [MAX_SYN_BACKLOG]: maxSynBacklog, [SYNCOOKIES]: syncookies };
        const sysctls = Object.fromEntries(
          Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
        );
        const backlog = { ok: true, value: Math.max(-1, requested ?? 0), from: 'config' } as const;
        const [listener] = onlyNamespace({
          release,
          sysctls,
          listeners: [tcp(80, { limit, ...(requested === undefined ? {} : { backlog }) })],
        }).listeners;
        const { acceptQueue, synQueue } = listener ?? {};
        expect(acceptQueue?.capacity.low).toBe(limit + 1);
        expect(synQueue?.unprovenCapacity.high).toBeLessThanOrEqual(synQueue?.hardLimit.high ?? -1);
        expect(synQueue?.provenCapacity.low).toBeGreaterThanOrEqual(
          synQueue?.unprovenCapacity.low ?? Infinity,
        );
        if (requested === undefined || somaxconn === undefined) expect(listener?.boundBy).toBe('unknown');
      },
    ),
  );
});

test('a namespace beside the first is a container unless it says otherwise', () => {
  const namespace = (id: string, environment?: 'host' | 'container') => ({
    id,
    name: id,
    sysctls: {},
    ...(environment === undefined ? {} : { environment }),
  });
  const { namespaces } = assess({
    kind: 'snapshot',
    schemaVersion: 0,
    takenAt: '2026-11-20T09:00:00Z',
    host: { kernel: { release: '6.1.0' }, environment: 'host' },
    namespaces: [namespace('1'), namespace('2'), namespace('3', 'host')],
  });
  expect(namespaces.map(({ environment }) => environment)).toEqual(['host', 'container', 'host']);
});
