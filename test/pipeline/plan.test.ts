import { describe, expect, test } from '@jest/globals';
import { audit } from '../../src/pipeline/audit.ts';
import { otherFilesIn } from '../../src/pipeline/other-files.ts';
import { plan } from '../../src/pipeline/plan.ts';
import { loadProfile } from '../../src/pipeline/profiles.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import type { Workload } from '../../src/snapshot/workload.ts';
import { dropInLines, liveChanges, untouched } from '../plan/planned.ts';
import { hostOf } from '../rules/host.ts';
import { memoryHost } from '../tools/memory-host.ts';

const SOMAXCONN = 'net.core.somaxconn';

async function planned(
  snapshot: Snapshot,
  names: readonly string[] = [],
  workload: Workload = {},
): Promise<Plan> {
  const { reader } = memoryHost({ tree: {} });
  const source = { host: reader, files: reader, uid: 0 };
  const profiles = await Promise.all(names.map((name) => loadProfile(name, source)));
  return plan({
    report: audit({ snapshot, waivers: [], loader: null }),
    profiles,
    named: names,
    workload,
    ours: untouched(snapshot).ours,
    standing: [],
    otherFiles: otherFilesIn(snapshot),
    machineId: null,
    live: true,
    persist: true,
    allowLower: false,
    takeover: false,
    withdraw: true,
  });
}

/** What the kernel sets by itself of all that the base profile asks for. */
const UNTUNED = {
  [SOMAXCONN]: 4096,
  'net.ipv4.tcp_syncookies': 1,
  'net.ipv4.tcp_abort_on_overflow': 0,
  'net.ipv4.tcp_timestamps': 1,
  'net.ipv4.tcp_window_scaling': 1,
  'net.ipv4.tcp_sack': 1,
  'net.ipv4.tcp_moderate_rcvbuf': 1,
};

const CLAMPED = hostOf({
  sysctls: { [SOMAXCONN]: 128 },
  files: { '/etc/sysctl.d/50-old.conf': `${SOMAXCONN} = 128\n` },
  listeners: [
    { server: 'nginx', process: 'nginx', requested: 4096, limit: 128, unit: 'nginx.service' },
    {
      server: 'redis',
      process: 'redis-server',
      port: 6379,
      requested: 511,
      limit: 128,
      unit: 'redis.service',
    },
  ],
});

describe('a plan', () => {
  test('without a profile does what the findings require, and names who has to call listen() again', async () => {
    const made = await planned(CLAMPED);
    expect(liveChanges(made)).toEqual({ [SOMAXCONN]: '4096' });
    expect(made.standing.map(({ key, value }) => [key, value])).toContainEqual([SOMAXCONN, '4096']);
    const relistens = made.manual.filter(({ kind }) => kind === 'relisten');
    expect(relistens).toMatchObject([
      { subject: 'nginx on 0.0.0.0:80', unit: 'nginx.service', after: true },
      { subject: 'redis on 0.0.0.0:6379', unit: 'redis.service', disruptive: true, after: true },
    ]);
    // The line that would win is read before ours, so it may stay.
    expect(made.conflicts).toEqual([]);
  });

  test('has nothing to do on a host with nothing wrong', async () => {
    const made = await planned(hostOf({ sysctls: UNTUNED, files: {} }), ['base']);
    expect(made.steps).toEqual([]);
    expect(made.conflicts).toEqual([]);
    expect(made.manual).toEqual([]);
  });

  test('says of each setting that does not hold here why it is left out', async () => {
    // 5.10.y took the key over at some time, so there what the host shows decides.
    for (const [kernel, absent] of [
      ['5.8.0', []],
      ['5.10.0', ['net.ipv4.tcp_migrate_req']],
    ] as const) {
      const host = hostOf({ kernel, absent, sysctls: { [SOMAXCONN]: 4096 }, files: {} });
      const made = await planned(host, ['reverse-proxy']);
      expect(made.skipped.map(({ key, why }) => [key, why])).toContainEqual([
        'net.ipv4.tcp_migrate_req',
        'unsupported',
      ]);
    }
  });

  test('two profiles with one parent are no contradiction', async () => {
    const made = await planned(hostOf({ sysctls: { [SOMAXCONN]: 4096 }, files: {} }), [
      'web-frontend',
      'reverse-proxy',
    ]);
    expect(made.conflicts.filter(({ kind }) => kind === 'contradiction')).toEqual([]);
    expect(dropInLines(made)).toEqual([`${SOMAXCONN} = 8192`]);
  });

  test.each<readonly [string, Workload, Readonly<Record<string, string>>]>([
    ['nothing is known', {}, {}],
    ['half is known', { connectionsPerSecond: 20_000 }, {}],
    ['the pause is short', { connectionsPerSecond: 2000, longestStallMilliseconds: 300 }, {}],
    [
      'the pause is long',
      { connectionsPerSecond: 20_000, longestStallMilliseconds: 500 },
      { [SOMAXCONN]: '10000' },
    ],
  ])('of a stated load, where %s', async (_name, workload, live) => {
    const host = hostOf({ sysctls: { [SOMAXCONN]: 4096 }, files: {} });
    const made = await planned(host, [], workload);
    expect(liveChanges(made)).toEqual(live);
    expect(made.skipped).toEqual([]);
  });

  test('of a stated load names the programs that ask for too little: somaxconn is only a cap', async () => {
    const host = hostOf({
      sysctls: { [SOMAXCONN]: 4096 },
      files: {},
      listeners: [
        { server: 'nginx', process: 'nginx', requested: 511, limit: 511 },
        { server: 'nginx', process: 'nginx', port: 443, requested: 65535, limit: 4096 },
      ],
    });
    const made = await planned(host, [], { connectionsPerSecond: 20_000, longestStallMilliseconds: 500 });
    const edits = made.manual.filter(({ kind }) => kind === 'edit-config');
    expect(edits.map(({ subject }) => subject)).toEqual(['nginx on 0.0.0.0:80']);
    expect(edits[0]?.instruction).toContain(
      'a backlog of 511, and if the stated load is its own it needs 10000',
    );
  });

  test.each([
    [
      'a program that asks for less than a profile allows',
      [
        { server: 'nginx', process: 'nginx', requested: 511, limit: 511 },
        { server: 'nginx', process: 'nginx', port: 443, requested: 511, limit: 511 },
      ],
      ['nginx on 0.0.0.0:80 and 0.0.0.0:443: it asks for a backlog of 511, and its queue holds no more'],
    ],
    [
      'none that has no setting for it, asks for enough, follows somaxconn or serves this host alone',
      [
        { server: 'openssh', process: 'sshd', port: 22, requested: 128, limit: 128 },
        { server: 'nginx', process: 'nginx', requested: 4096, limit: 4096 },
        { server: 'go-net', process: 'caddy', port: 81, requested: 65535, limit: 4096 },
        { server: 'nginx', process: 'nginx', port: 8080, address: '127.0.0.1', requested: 511, limit: 511 },
      ],
      [],
    ],
  ])('names %s', async (_name, listeners, expected) => {
    const host = hostOf({ sysctls: { [SOMAXCONN]: 4096 }, files: {}, listeners });
    const edits = (made: Plan) => made.manual.filter(({ kind }) => kind === 'edit-config');
    // Its somaxconn is what the listeners ask for, and no room for bursts.
    expect(edits(await planned(host, ['container-host']))).toEqual([]);
    const found = edits(await planned(host, ['web-frontend']));
    expect(found.map(({ subject, instruction }) => `${subject}: ${instruction}`)).toEqual(
      expected.map((start) => expect.stringContaining(start)),
    );
  });
});
