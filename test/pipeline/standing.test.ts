import { expect, test } from '@jest/globals';
import { audit } from '../../src/pipeline/audit.ts';
import { otherFilesIn } from '../../src/pipeline/other-files.ts';
import { standingOf } from '../../src/pipeline/ours.ts';
import { plan } from '../../src/pipeline/plan.ts';
import { loadProfile } from '../../src/pipeline/profiles.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { ACCEPT_QUEUE } from '../fixtures/scenarios/accept-queue.ts';
import { SYSCTL_FILES } from '../fixtures/scenarios/sysctl-files.ts';
import { carriedOut, liveChanges, type Managed, untouched } from '../plan/planned.ts';
import { hostOf } from '../rules/host.ts';
import { snapshotOf } from '../scenarios/snapshot-of.ts';
import { memoryHost } from '../tools/memory-host.ts';

const FAT = `kind: profile
schemaVersion: 0
name: fat
summary: long pipes
settings:
  net.ipv4.tcp_rmem:
    at-least: [keep, keep, 64MiB]
    because: long pipes
    source: measured
`;

async function planned(
  { snapshot, ours }: Managed,
  standing: Plan['standing'],
  names: readonly string[] = [],
) {
  const { reader } = memoryHost({ tree: { '/etc/backlogctl/profiles/fat.yaml': { text: FAT } } });
  const source = { host: reader, files: reader, uid: 0 };
  const profiles = await Promise.all(names.map((name) => loadProfile(name, source)));
  return plan({
    report: audit({ snapshot, waivers: [], loader: null }),
    profiles,
    named: names,
    workload: {},
    ours,
    standing: standingOf([{ intent: { plan: { standing } }, state: { kind: 'committed' } }] as never),
    otherFiles: otherFilesIn(snapshot),
    machineId: null,
    live: true,
    persist: true,
    allowLower: false,
    takeover: false,
    withdraw: true,
  });
}

test('what rules required outlives a kernel that numbers the first network namespace anew', async () => {
  const host = untouched(
    hostOf({
      sysctls: { 'net.core.somaxconn': 128 },
      files: { '/etc/sysctl.d/50-old.conf': 'net.core.somaxconn = 128\n' },
      listeners: [{ server: 'nginx', process: 'nginx', requested: 4096, limit: 128 }],
    }),
  );
  const first = await planned(host, []);
  expect(liveChanges(first)).toHaveProperty(['net.core.somaxconn']);
  const done = carriedOut(host, first);
  const namespaces = done.snapshot.namespaces.map((each) => ({ ...each, id: '4026531833' }));
  const second = await planned({ ...done, snapshot: { ...done.snapshot, namespaces } }, first.standing);
  expect(liveChanges(second)).toEqual({});
  expect(second.steps).toEqual([]);
});

test('what a rule once set to the default does not stand in the way of a profile for good', async () => {
  const host = untouched(
    hostOf({ sysctls: { 'net.ipv4.tcp_rmem': '4096 16777216 6291456' }, files: {}, memoryMib: 16384 }),
  );
  const first = await planned(host, []);
  expect(liveChanges(first)).toHaveProperty(['net.ipv4.tcp_rmem']);
  const done = carriedOut(host, first);
  const names = ['fat'];
  const second = await planned(done, first.standing, names);
  expect(
    second.conflicts
      .filter(({ kind }) => kind === 'contradiction')
      .map(({ message, ways }) => [message, ways]),
  ).toEqual([]);
});

test.each([...ACCEPT_QUEUE, ...SYSCTL_FILES].map((s) => [s.id, s] as const))(
  '%s: a second plan has no step',
  async (_id, { facts }) => {
    let host = untouched(snapshotOf(facts).snapshot);
    const first = await planned(host, []);
    if (first.steps.length === 0) return;
    host = carriedOut(host, first);
    const second = await planned(host, first.standing);
    expect(second.steps.map((s) => [s.id, s.from, s.to])).toEqual([]);
  },
);
