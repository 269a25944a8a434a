import { expect, test } from '@jest/globals';
import { readJournal } from '../../src/apply/journal.ts';
import { outlooks } from '../../src/apply/outlook.ts';
import { unfinishedText } from '../../src/report/text/unfinished-text.ts';
import { type MemoryDisk, memoryDisk } from '../tools/memory-disk.ts';
import { applying, DROP_IN, file, live, planOf, type Run, recovering, rollingBack } from './host.ts';

const FIRST = 'net.core.somaxconn';
const SECOND = 'net.ipv4.tcp_fin_timeout';
const PATH = '/proc/sys/net/core/somaxconn';
const PLAN = planOf([live(FIRST, '128', '8192'), live(SECOND, '60', '30'), file(DROP_IN, null, '# new\n')]);
const UNDO = 'backlogctl rollback';

function start(): MemoryDisk {
  return memoryDisk(
    { '/etc/sysctl.d/50-site.conf': '', '/var/lib/x': '' },
    { 'net/core/somaxconn': '128', 'net/ipv4/tcp_fin_timeout': '60' },
  );
}

async function applied(): Promise<MemoryDisk> {
  const disk = start();
  await applying(disk, PLAN);
  return disk;
}

/** The first disk on which a run that was killed left what is asked for. */
async function killedWhen(
  make: () => MemoryDisk | Promise<MemoryDisk>,
  act: (disk: MemoryDisk, at: number) => Promise<Run<unknown>>,
  is: (world: Readonly<Record<string, string>>) => boolean,
): Promise<MemoryDisk> {
  for (let at = 1; ; at += 1) {
    const disk = await make();
    if ((await act(disk, at)).kind !== 'killed') throw new Error('it never is');
    if (is(disk.world())) return disk;
  }
}

const killedApplying = (is: (world: Readonly<Record<string, string>>) => boolean) =>
  killedWhen(start, (disk, at) => applying(disk, PLAN, { fault: { at, what: 'kill-after' } }), is);
const killedRollingBack = (is: (world: Readonly<Record<string, string>>) => boolean, force = false) =>
  killedWhen(applied, (disk, at) => rollingBack(disk, { force, fault: { at, what: 'kill-after' } }), is);

async function outlookOn(disk: MemoryDisk) {
  return outlooks(await readJournal(disk.reader, 0), disk.reader);
}

async function sentence(disk: MemoryDisk): Promise<string> {
  const [outlook] = await outlookOn(disk);
  if (outlook === undefined) throw new Error('nothing is unfinished');
  return unfinishedText(outlook, UNDO);
}

test('an apply that was killed at the end is put back as a whole', async () => {
  const disk = await killedApplying((world) => world[DROP_IN] !== undefined);
  expect(await sentence(disk)).toBe(
    'Transaction 000001, begun 2026-11-20T10:00:00Z, was left in the middle of being applied: the next apply or rollback first puts back 2 live values and 1 file. To do just that: backlogctl rollback',
  );
});

test('what is said before is what is done', async () => {
  const disk = await killedApplying((world) => world[DROP_IN] !== undefined);
  const [outlook] = await outlookOn(disk);
  const before = disk.world();
  await recovering(disk);
  const changed = Object.entries(before).filter(([path, is]) => disk.world()[path] !== is);
  expect(outlook).toMatchObject({ values: 2, files: 1 });
  expect(changed).toHaveLength(3);
});

test('a rollback that was killed goes on with what is left of it', async () => {
  const disk = await killedRollingBack((world) => world[DROP_IN] === undefined);
  expect(await outlookOn(disk)).toMatchObject([{ id: '000001', was: 'rolling-back', values: 2, files: 0 }]);
  expect(await sentence(disk)).toContain('of being rolled back: ');
});

test('what somebody else changed meanwhile is left alone, unless the rollback was forced', async () => {
  const disk = await killedApplying((world) => world[PATH] === '644 8192');
  disk.set(PATH, '5000\n');
  expect(await outlookOn(disk)).toMatchObject([{ values: 0, files: 0, leftAlone: 1 }]);
  expect(await sentence(disk)).toContain(
    'first finds nothing to put back, and closes it, and leaves alone 1 that somebody else changed since.',
  );
  const forced = await killedRollingBack((world) => world[DROP_IN] === undefined, true);
  forced.set(PATH, '5000\n');
  expect(await outlookOn(forced)).toMatchObject([{ values: 2, leftAlone: 0 }]);
});

test('what is finished is no news', async () => {
  const disk = await applied();
  expect(await outlookOn(disk)).toEqual([]);
  await rollingBack(disk);
  expect(await outlookOn(disk)).toEqual([]);
});
