import { describe, expect, test } from '@jest/globals';
import { readJournal } from '../../src/apply/journal.ts';
import { type MemoryDisk, memoryDisk } from '../tools/memory-disk.ts';
import { recordingReverter } from '../tools/reverter.ts';
import { applying, confirming, DROP_IN, file, live, planOf, recovering, rollingBack } from './host.ts';

const KEY = 'net.core.somaxconn';
const PATH = '/proc/sys/net/core/somaxconn';
const OLD = '# old\n';
const NEW = '# new\n';
const PLAN = planOf([live(KEY, '128', '8192'), file(DROP_IN, OLD, NEW)]);
const WINDOW_MS = 300_000;

function startDisk(): MemoryDisk {
  return memoryDisk(
    { [DROP_IN]: OLD, '/var/lib/x': '', '/proc/uptime': '1000.00 900.00\n' },
    { 'net/core/somaxconn': '128' },
  );
}

/** CLOCK_BOOTTIME goes on. */
function later(disk: MemoryDisk, seconds: number): void {
  disk.set('/proc/uptime', `${1000 + seconds}.00 900.00\n`);
}

function window(reverter = recordingReverter()) {
  return { milliseconds: WINDOW_MS, reverter };
}

async function waitingDisk(): Promise<MemoryDisk> {
  const disk = startDisk();
  await applying(disk, PLAN, { window: window() });
  return disk;
}

async function states(disk: MemoryDisk): Promise<readonly string[]> {
  return (await readJournal(disk.reader, 0)).map(({ state }) => state.kind);
}

/** The live value and the drop-in. */
function stands(disk: MemoryDisk): readonly (string | undefined)[] {
  return [disk.world()[PATH], disk.world()[DROP_IN]];
}

const ALL_OLD = ['644 128', `644 ${OLD}`.trim()];
const LIVE_ONLY = ['644 8192', `644 ${OLD}`.trim()];
const ALL_NEW = ['644 8192', `644 ${NEW}`.trim()];

describe('apply with a window', () => {
  test('sets live values alone, once the way back is proved and armed', async () => {
    const disk = startDisk();
    const reverter = recordingReverter();
    const run = await applying(disk, PLAN, { window: window(reverter) });
    expect(run).toMatchObject({ value: { kind: 'waiting', id: '000001', leftMs: WINDOW_MS } });
    expect(reverter.calls).toEqual(['prove 000001', `arm 000001 ${WINDOW_MS}`]);
    expect(stands(disk)).toEqual(LIVE_ONLY);
    expect(await states(disk)).toEqual(['waiting']);
  });

  test.each([
    ['prove', { prove: 'no such unit' }],
    ['arm', { arm: 'no such unit' }],
  ] as const)('changes nothing where the way back does not %s', async (_what, answers) => {
    const disk = startDisk();
    const run = await applying(disk, PLAN, { window: window(recordingReverter(answers)) });
    expect(run).toMatchObject({
      value: { kind: 'undone', why: 'nothing would take it back by itself: no such unit', left: [] },
    });
    expect(stands(disk)).toEqual(ALL_OLD);
  });

  test('nor where the time since the boot is not told', async () => {
    const disk = startDisk();
    disk.remove('/proc/uptime');
    const run = await applying(disk, PLAN, { window: window() });
    expect(run).toMatchObject({ value: { kind: 'undone', why: expect.stringContaining('/proc/uptime') } });
    expect(stands(disk)).toEqual(ALL_OLD);
  });

  test('where a value is refused everything goes back, and nothing is armed any more', async () => {
    const disk = startDisk();
    const reverter = recordingReverter();
    const calls = await applying(startDisk(), PLAN, { window: window() });
    if (calls.kind !== 'ended') throw new Error('it was killed');
    for (let at = 1; at <= calls.calls; at += 1) {
      const failing = startDisk();
      const run = await applying(failing, PLAN, { window: window(reverter), fault: { at, what: 'EIO' } });
      if (run.kind === 'ended' && run.value.kind === 'undone') expect(stands(failing)).toEqual(ALL_OLD);
    }
    expect(reverter.calls.filter((call) => call.startsWith('disarm')).length).toBeGreaterThan(0);
    expect(stands(disk)).toEqual(ALL_OLD);
  });
});

describe('what waits', () => {
  test('is left to wait by another run, until its time is over', async () => {
    const disk = await waitingDisk();
    later(disk, 299);
    await recovering(disk);
    expect(stands(disk)).toEqual(LIVE_ONLY);
    later(disk, 300);
    await recovering(disk);
    expect(stands(disk)).toEqual(ALL_OLD);
    expect(await states(disk)).toEqual(['undone']);
  });

  test('confirmed, its files are written and it stands', async () => {
    const disk = await waitingDisk();
    const run = await confirming(disk);
    expect(run).toMatchObject({ value: { kind: 'applied', id: '000001' } });
    expect(stands(disk)).toEqual(ALL_NEW);
    expect(await states(disk)).toEqual(['committed']);
    later(disk, 301);
    await recovering(disk);
    expect(stands(disk)).toEqual(ALL_NEW);
  });

  test('can be rolled back once it is confirmed', async () => {
    const disk = await waitingDisk();
    await confirming(disk);
    await rollingBack(disk);
    expect(stands(disk)).toEqual(ALL_OLD);
  });

  test('a late confirm finds nothing that waits, and everything put back', async () => {
    const disk = await waitingDisk();
    later(disk, 300);
    expect(await confirming(disk)).toMatchObject({ value: null });
    expect(stands(disk)).toEqual(ALL_OLD);
  });

  test('a later boot ends it, and files that nobody wrote are not touched', async () => {
    const disk = await waitingDisk();
    disk.set(PATH, '4096\n');
    later(disk, -990);
    await recovering(disk, { facts: { bootId: 'boot-2' } });
    expect(stands(disk)).toEqual(['644 4096', `644 ${OLD}`.trim()]);
    const [transaction] = await readJournal(disk.reader, 0);
    // The value of that boot is nobody's doing.
    expect(transaction?.state).toMatchObject({ kind: 'undone', left: [] });
    expect(transaction?.records).toContainEqual(
      expect.objectContaining({ kind: 'undoing', why: 'the host was booted before anybody confirmed it' }),
    );
  });

  test.each([
    ['its live value', (disk: MemoryDisk) => disk.set(PATH, '512\n'), `live:${KEY}`],
    [
      'the file that it would replace',
      (disk: MemoryDisk) => disk.set(DROP_IN, '# by hand\n'),
      `file:${DROP_IN}`,
    ],
  ])('is not confirmed where somebody changed %s', async (_what, change, step) => {
    const disk = await waitingDisk();
    change(disk);
    expect(await confirming(disk)).toMatchObject({
      value: { kind: 'changed', stale: [{ step: { id: step } }] },
    });
    expect(await states(disk)).toEqual(['waiting']);
  });

  test('where a file cannot be written, confirming puts everything back', async () => {
    const calls = await confirming(await waitingDisk());
    if (calls.kind !== 'ended') throw new Error('it was killed');
    for (let at = 1; at <= calls.calls; at += 1) {
      for (const what of ['EIO', 'ENOSPC', 'EROFS'] as const) {
        const disk = await waitingDisk();
        const run = await confirming(disk, { fault: { at, what } });
        const value = run.kind === 'ended' ? run.value : null;
        if (value?.kind === 'undone') expect(stands(disk)).toEqual(ALL_OLD);
        else if (value?.kind === 'no-record') expect(stands(disk)).toEqual(LIVE_ONLY);
        else expect(stands(disk)).toEqual(ALL_NEW);
      }
    }
  });
});
