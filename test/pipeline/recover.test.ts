import { expect, test } from '@jest/globals';
import { recoverUnfinished } from '../../src/pipeline/recover.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import { applying, DROP_IN, FACTS, file, live, planOf } from '../apply/host.ts';
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

function looking(live = true) {
  return { look: async () => SNAPSHOT, live, who: FACTS.who };
}

test('what a run left in the middle is ended', async () => {
  const disk = await interruptedDisk(PLAN);
  expect(await recoverUnfinished(looking(), changePorts(disk))).toMatchObject([
    { id: '000001', was: 'applying' },
  ]);
  expect([disk.world()[PATH], disk.world()[DROP_IN]]).toEqual(['644 128', undefined]);
});

test('what is finished is left alone, and nothing is looked at', async () => {
  const disk = freshDisk();
  await applying(disk, PLAN);
  const blind = { ...looking(), look: () => Promise.reject(new Error('nothing to look for')) };
  expect(await recoverUnfinished(blind, changePorts(disk, { lock: 'busy' }))).toEqual([]);
  expect(disk.world()[PATH]).toBe('644 8192');
});

test('at a boot files alone are put back: the sysctl files have not been applied yet', async () => {
  const disk = await interruptedDisk(PLAN);
  disk.set('/proc/sys/kernel/random/boot_id', 'boot-2\n');
  disk.set(PATH, '4096\n');
  expect(await recoverUnfinished(looking(false), changePorts(disk))).toMatchObject([{ left: [] }]);
  expect([disk.world()[PATH], disk.world()[DROP_IN]]).toEqual(['644 4096', undefined]);
});

test('it is for root alone', async () => {
  await expect(recoverUnfinished(looking(), changePorts(freshDisk(), { uid: 1000 }))).rejects.toMatchObject({
    status: 5,
  });
});
