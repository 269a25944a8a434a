import { describe, expect, test } from '@jest/globals';
import { readJournal } from '../../src/apply/journal.ts';
import { outlooks } from '../../src/apply/outlook.ts';
import { readBootTimeMs } from '../../src/apply/waiting.ts';
import { unfinishedText } from '../../src/report/text/unfinished-text.ts';
import { type MemoryDisk, memoryDisk } from '../tools/memory-disk.ts';
import { recordingReverter } from '../tools/reverter.ts';
import {
  applying,
  confirming,
  DROP_IN,
  FACTS,
  file,
  live,
  planOf,
  type Run,
  recovering,
  rollingBack,
  takingOver,
} from './host.ts';

const FIRST = 'net.core.somaxconn';
const SECOND = 'net.ipv4.tcp_fin_timeout';
const PATH = '/proc/sys/net/core/somaxconn';
const PLAN = planOf([live(FIRST, '128', '8192'), live(SECOND, '60', '30'), file(DROP_IN, null, '# new\n')]);
const RECOVER = 'backlogctl recover';
const NOW = '1000.00 900.00\n';

function start(): MemoryDisk {
  return memoryDisk(
    { '/etc/sysctl.d/50-site.conf': '', '/var/lib/x': '', '/proc/uptime': NOW },
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
  const now = { ...FACTS, bootTimeMs: readBootTimeMs(disk.reader) };
  return outlooks(await readJournal(disk.reader, 0), disk.reader, now);
}

async function sentence(disk: MemoryDisk): Promise<string> {
  const [outlook] = await outlookOn(disk);
  if (outlook === undefined) throw new Error('nothing is unfinished');
  return unfinishedText(outlook, RECOVER);
}

test('an apply that was killed at the end is put back as a whole', async () => {
  const disk = await killedApplying((world) => world[DROP_IN] !== undefined);
  expect(await sentence(disk)).toBe(
    'Transaction 000001, begun 2026-11-20T10:00:00Z, was left in the middle of being applied: the next apply or rollback first puts back 2 live values and 1 file. To do just that: backlogctl recover',
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

describe('of one that was to be confirmed', () => {
  async function waiting(): Promise<MemoryDisk> {
    const disk = start();
    await applying(disk, PLAN, { window: { milliseconds: 300_000, reverter: recordingReverter() } });
    return disk;
  }

  test('nothing is said while it waits, and that it is taken back once its time is over', async () => {
    const disk = await waiting();
    expect(await outlookOn(disk)).toEqual([]);
    disk.set('/proc/uptime', '1300.00 900.00\n');
    expect(await outlookOn(disk)).toMatchObject([{ was: 'waiting', values: 2, files: 0 }]);
    expect(await sentence(disk)).toBe(
      'Transaction 000001, begun 2026-11-20T10:00:00Z, was not confirmed in time: the next apply or rollback first puts back 2 live values. To do just that: backlogctl recover',
    );
  });

  test('a confirmation that was killed is taken back, values and file', async () => {
    const disk = await killedWhen(
      waiting,
      (each, at) => confirming(each, { fault: { at, what: 'kill-after' } }),
      (world) => world[DROP_IN] !== undefined,
    );
    expect(await outlookOn(disk)).toMatchObject([{ was: 'confirming', values: 2, files: 1 }]);
    expect(await sentence(disk)).toContain('was left in the middle of being confirmed: ');
  });
});

test.each([
  ['elsewhere', (text: string) => `${text}# mine\n`, { files: 1, leftAlone: 0 }],
  ['in the line itself', () => `${FIRST} = 7\n`, { files: 0, leftAlone: 1 }],
])('a file whose line was commented out, and that somebody edited %s', async (_where, edit, expected) => {
  const CONF = '/etc/sysctl.conf';
  const text = `${FIRST} = 512\n`;
  const plan = planOf([takingOver(CONF, text, FIRST, 1), live(FIRST, '128', '8192')]);
  const make = () => {
    const disk = start();
    disk.set(CONF, text);
    return disk;
  };
  const disk = await killedWhen(
    make,
    (each, at) => applying(each, plan, { fault: { at, what: 'kill-after' } }),
    (world) => world[CONF]?.includes('Commented out') === true,
  );
  const standing = disk.reader.readText(CONF);
  disk.set(CONF, edit(standing.ok ? standing.value : ''));
  expect(await outlookOn(disk)).toMatchObject([{ values: 1, ...expected }]);
});
