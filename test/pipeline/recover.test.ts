import { expect, test } from '@jest/globals';
import { recoverUnfinished } from '../../src/pipeline/recover.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import { applying, DROP_IN, FACTS, file, live, planOf } from '../apply/host.ts';
import type { MemoryDisk } from '../tools/memory-disk.ts';
import { recordingReverter } from '../tools/reverter.ts';
import { changePorts, freshDisk, interruptedDisk } from './change-ports.ts';

const PATH = '/proc/sys/net/core/somaxconn';
const PLAN = planOf([live('net.core.somaxconn', '128', '8192'), file(DROP_IN, null, '# new\n')]);
const SNAPSHOT: Snapshot = {
  kind: 'snapshot',
  schemaVersion: 0,
  takenAt: '2026-11-20T09:00:00Z',
  host: { kernel: { release: FACTS.kernel } },
  namespaces: [{ id: FACTS.netns ?? '', name: 'host', sysctls: {} }],
  sysctlFiles: [],
};

const NONE = { recovered: [], barrier: null };

function looking(beforeFiles = false) {
  return { look: async () => SNAPSHOT, live: true, beforeFiles, who: FACTS.who };
}

test('what a run left in the middle is ended', async () => {
  const disk = await interruptedDisk(PLAN);
  expect(await recoverUnfinished(looking(), changePorts(disk))).toMatchObject({
    recovered: [{ id: '000001', was: 'applying' }],
    barrier: null,
  });
  expect([disk.world()[PATH], disk.world()[DROP_IN]]).toEqual(['644 128', undefined]);
});

test('what is finished is left alone, and nothing is looked at', async () => {
  const disk = freshDisk();
  await applying(disk, PLAN);
  const blind = { ...looking(), look: () => Promise.reject(new Error('nothing to look for')) };
  expect(await recoverUnfinished(blind, changePorts(disk, { lock: 'busy' }))).toEqual(NONE);
  expect(disk.world()[PATH]).toBe('644 8192');
});

test('at a boot files alone are put back: the sysctl files have not been applied yet', async () => {
  const disk = await interruptedDisk(PLAN);
  disk.set('/proc/sys/kernel/random/boot_id', 'boot-2\n');
  disk.set(PATH, '4096\n');
  expect(await recoverUnfinished(looking(true), changePorts(disk))).toMatchObject({
    recovered: [{ left: [] }],
  });
  expect([disk.world()[PATH], disk.world()[DROP_IN]]).toEqual(['644 4096', undefined]);
});

test('at what is no boot, live values of this boot go back as well', async () => {
  const disk = await interruptedDisk(PLAN);
  expect(await recoverUnfinished(looking(true), changePorts(disk))).toMatchObject({
    recovered: [{ left: [] }],
  });
  expect([disk.world()[PATH], disk.world()[DROP_IN]]).toEqual(['644 128', undefined]);
});

test('what waits is taken back at a soft reboot, which keeps live values and ends what would do it', async () => {
  const disk = freshDisk();
  const reverter = recordingReverter({ isArmed: false });
  await applying(disk, PLAN, { window: { milliseconds: 300_000, reverter } });
  expect(await recoverUnfinished(looking(true), changePorts(disk, { reverter }))).toMatchObject({
    recovered: [{ id: '000001', was: 'waiting', left: [] }],
  });
  expect(disk.world()[PATH]).toBe('644 128');
});

test('what waits in this boot is left to wait', async () => {
  const disk = freshDisk();
  const window = { milliseconds: 300_000, reverter: recordingReverter() };
  await applying(disk, PLAN, { window });
  const ports = changePorts(disk, { reverter: window.reverter });
  expect(await recoverUnfinished(looking(true), ports)).toEqual(NONE);
  expect(disk.world()[PATH]).toBe('644 8192');
});

const SECOND = planOf([
  live('net.core.somaxconn', '8192', '16384'),
  file('/etc/sysctl.d/91-b.conf', null, '# b\n'),
]);
const INTENT = '/var/lib/backlogctl/transactions/000001/intent.json';

/** The first is applied and damaged then; the second was left in the middle. */
async function damagedBelow(): Promise<MemoryDisk> {
  for (let at = 1; ; at += 1) {
    const disk = freshDisk();
    await applying(disk, PLAN);
    await applying(disk, SECOND, { fault: { at, what: 'kill-after' } });
    if (disk.world()[PATH] !== '644 16384') continue;
    disk.set(INTENT, '{');
    return disk;
  }
}

test('damage of what is older does not keep it from ending what is newer, and is named', async () => {
  const disk = await damagedBelow();
  expect(await recoverUnfinished(looking(), changePorts(disk))).toMatchObject({
    recovered: [{ id: '000002', was: 'applying' }],
    barrier: { id: '000001', error: { message: expect.stringContaining('000001 is damaged') } },
  });
  expect([disk.world()[PATH], disk.world()[DROP_IN]]).toEqual(['644 8192', '644 # new']);
});

test('what lies behind damage is not touched, and the damage is named', async () => {
  const disk = await damagedBelow();
  disk.set(INTENT.replace('000001', '000002'), '{');
  const before = disk.world();
  await expect(recoverUnfinished(looking(), changePorts(disk))).rejects.toMatchObject({
    status: 5,
    message: expect.stringContaining('000002 is damaged'),
  });
  expect(disk.world()).toEqual(before);
});

test('it is for root alone', async () => {
  await expect(recoverUnfinished(looking(), changePorts(freshDisk(), { uid: 1000 }))).rejects.toMatchObject({
    status: 5,
  });
});
