import { describe, expect, test } from '@jest/globals';
import { linesTakenOver } from '../../src/apply/baseline.ts';
import { journalFiles } from '../../src/apply/by-hand.ts';
import { examineJournal, readJournal } from '../../src/apply/journal.ts';
import { MOST_FINISHED, prunable, prune } from '../../src/apply/prune.ts';
import { type LogRecord, renderRecord } from '../../src/apply/records.ts';
import type { Intent } from '../../src/apply/transaction.ts';
import { type Fault, type MemoryDisk, memoryDisk } from '../tools/memory-disk.ts';
import { recordingReverter } from '../tools/reverter.ts';
import { syncTracker } from '../tools/sync-tracker.ts';
import { applying, DROP_IN, FACTS, file, live, planOf, recovering, rollingBack, takingOver } from './host.ts';

const KEY = 'net.core.somaxconn';
const TRANSACTIONS = '/var/lib/backlogctl/transactions';
const AT = '2026-11-20T10:00:00Z';
const COMMITTED: LogRecord = { kind: 'committed', at: AT };
const UNDONE: LogRecord = { kind: 'undone', at: AT, left: [] };
const ROLLED_BACK: LogRecord = { kind: 'rolled-back', at: AT, left: [] };
const WAITING: LogRecord = { kind: 'waiting', at: AT, deadline: { bootId: 'boot-1', bootTimeMs: 9e9 } };
const LEFT: LogRecord = {
  kind: 'rolled-back',
  at: AT,
  left: [{ step: `live:${KEY}`, why: 'foreign', detail: 'x' }],
};

const PLAN = planOf([live(KEY, '128', '8192'), file(DROP_IN, null, '# new\n')]);

function intent(number: number): Intent {
  const id = String(number).padStart(6, '0');
  return { kind: 'transaction', schemaVersion: 0, id, at: AT, why: null, ...FACTS, plan: PLAN };
}

/** A journal with a transaction for each of the records in which their logs end. */
function diskWith(ends: readonly LogRecord[]): MemoryDisk {
  const disk = memoryDisk(
    { '/etc/sysctl.d/50-site.conf': '', '/var/lib/x': '' },
    { 'net/core/somaxconn': '128' },
  );
  for (const [index, end] of ends.entries()) {
    const directory = `${TRANSACTIONS}/${intent(index + 1).id}`;
    for (const { name, bytes } of journalFiles(intent(index + 1), disk.reader.typed))
      disk.set(`${directory}/${name}`, Buffer.from(bytes).toString(), 0o600);
    disk.set(`${directory}/log.ndjson`, renderRecord(end), 0o600);
  }
  return disk;
}

function times(count: number, record: LogRecord): readonly LogRecord[] {
  return Array.from({ length: count }, () => record);
}

async function idsOf(disk: MemoryDisk): Promise<readonly number[]> {
  return (await readJournal(disk.reader, 0)).map(({ intent: { id } }) => Number(id));
}

function namesOf(disk: MemoryDisk): readonly string[] {
  const names = disk.reader.list(TRANSACTIONS);
  return names.ok ? names.value.filter((name) => !/^\d{6}$/.test(name)) : [];
}

describe('what may go', () => {
  test('is the oldest that are over and left nothing, beyond as many as are kept', async () => {
    const disk = diskWith([
      ...[UNDONE, COMMITTED, LEFT, ROLLED_BACK],
      ...times(MOST_FINISHED, ROLLED_BACK),
      COMMITTED,
    ]);
    const journal = await readJournal(disk.reader, 0);
    expect(prunable(journal).map(({ intent: { id } }) => id)).toEqual(['000001', '000004']);
  });

  test('is never one that stands, one that is unfinished, or one that --force may still take back', async () => {
    const unfinished: LogRecord = { kind: 'rolling-back', at: AT, force: false };
    const disk = diskWith([
      ...times(60, COMMITTED),
      ...times(60, LEFT),
      ...times(60, unfinished),
      ...times(60, WAITING),
      ...times(60, { kind: 'confirming', at: AT }),
      ...times(MOST_FINISHED, UNDONE),
    ]);
    expect(prunable(await readJournal(disk.reader, 0))).toEqual([]);
  });
});

/** 1 is over, 2 stands, 3 and 4 are over, then as many as are kept. */
const ENDS = [UNDONE, COMMITTED, ROLLED_BACK, UNDONE, ...times(MOST_FINISHED, ROLLED_BACK)];
const NEXT = planOf([live(KEY, '128', '4096')]);
const HIGHEST = ENDS.length + 1;
const KEPT = [2, ...Array.from({ length: MOST_FINISHED }, (_, index) => index + 5)];

test('an apply that changed something prunes in the end, and leaves a note of the numbers', async () => {
  const disk = diskWith(ENDS);
  expect(await applying(disk, NEXT)).toMatchObject({ value: { kind: 'applied', id: '000055' } });
  expect(await idsOf(disk)).toEqual([...KEPT, HIGHEST]);
  expect(namesOf(disk)).toEqual(['000001.pruned', '000003-000004.pruned']);
});

test('ranges of numbers grow together, and the note does not grow with them', async () => {
  const disk = diskWith(ENDS);
  await applying(disk, NEXT);
  disk.set(`${TRANSACTIONS}/000002/log.ndjson`, renderRecord(ROLLED_BACK), 0o600);
  await rollingBack(disk);
  await applying(disk, NEXT);
  expect(namesOf(disk)).toEqual(['000001-000005.pruned']);
  expect((await examineJournal(disk.reader, 0)).damaged).toEqual([]);
});

test('one that is left to wait for its confirmation prunes as well', async () => {
  const disk = diskWith(ENDS);
  disk.set('/proc/uptime', '1000.00 900.00\n');
  const window = { milliseconds: 300_000, reverter: recordingReverter() };
  expect(await applying(disk, NEXT, { window })).toMatchObject({ value: { kind: 'waiting' } });
  expect(await idsOf(disk)).toEqual([...KEPT, HIGHEST]);
});

test('the lines that stand commented out are remembered, however many are over since', async () => {
  const CONF = '/etc/sysctl.conf';
  const text = `${KEY} = 512\n`;
  const disk = diskWith([]);
  disk.set(CONF, text);
  const taking = takingOver(CONF, text, KEY, 1);
  await applying(disk, planOf([taking]));
  const before = linesTakenOver(await readJournal(disk.reader, 0));
  for (let round = 0; round < MOST_FINISHED + 3; round += 1) {
    await applying(disk, NEXT);
    await rollingBack(disk);
  }
  const journal = await readJournal(disk.reader, 0);
  expect(journal).toHaveLength(MOST_FINISHED + 2);
  expect(before).toEqual([{ path: CONF, lines: [{ key: KEY, line: `${KEY} = 512` }] }]);
  expect(linesTakenOver(journal)).toEqual(before);
});

test('an apply that changed nothing prunes nothing', async () => {
  const disk = diskWith(ENDS);
  await applying(disk, planOf([live(KEY, '64', '128')]));
  expect(await idsOf(disk)).toHaveLength(ENDS.length);
});

test('one that failed and was undone prunes as well: a run that fails every half hour must not fill the disk', async () => {
  const disk = diskWith(ENDS);
  const context = { interrupted: () => null };
  const failing = planOf([live(KEY, '128', '4096'), file('/nowhere/of/them/x.conf', null, 'x')]);
  const run = await applying(disk, failing, context);
  expect(run).toMatchObject({ value: { kind: 'undone', left: [] } });
  expect(await idsOf(disk)).toEqual([...KEPT, HIGHEST]);
});

test('numbers are not given out again, not even that of the newest', async () => {
  const disk = diskWith(ENDS);
  await applying(disk, NEXT);
  await rollingBack(disk);
  expect(await applying(disk, NEXT)).toMatchObject({ value: { id: '000056' } });
});

const counted = { kills: 0, failures: 0 };

/** All that is kept is sound, what is pruned is not missed, and the next number is a new one. */
async function expectSound(disk: MemoryDisk): Promise<void> {
  const { transactions, damaged } = await examineJournal(disk.reader, 0, 'against-manifest');
  expect(damaged).toEqual([]);
  const ids = transactions.map(({ intent: { id } }) => Number(id));
  expect(ids).toEqual(expect.arrayContaining(KEPT));
  const next = await applying(disk, planOf([live('net.ipv4.tcp_fin_timeout', '60', '30')]));
  expect(next).toMatchObject({ value: { kind: 'applied' } });
  if (next.kind !== 'ended' || next.value.kind !== 'applied') throw new Error('not applied');
  expect(Number(next.value.id)).toBeGreaterThan(Math.max(...ids));
  expect(Number(next.value.id)).toBeGreaterThanOrEqual(HIGHEST);
  // What was left behind is gone, and all that was to go is.
  expect((await idsOf(disk)).filter((id) => id < 5)).toEqual([2]);
  expect(namesOf(disk).filter((name) => name.startsWith('.'))).toEqual([]);
}

function diskToPrune(): MemoryDisk {
  const disk = diskWith(ENDS);
  disk.set('/proc/sys/net/ipv4/tcp_fin_timeout', '60\n');
  return disk;
}

/** Calls of an apply before it prunes, and with it. */
async function callsOf(): Promise<readonly [number, number]> {
  const without = await applying(diskWith([...times(4, COMMITTED), ...times(MOST_FINISHED, UNDONE)]), NEXT);
  const all = await applying(diskToPrune(), NEXT);
  if (without.kind !== 'ended' || all.kind !== 'ended') throw new Error('killed');
  return [without.calls, all.calls];
}

test('killed at any of its calls, it has lost nothing and left nothing that looks like damage', async () => {
  const [before, all] = await callsOf();
  expect(all - before).toBeGreaterThan(20);
  for (let at = before + 1; at <= all; at += 1) {
    for (const what of ['kill-before', 'kill-after'] as const) {
      const disk = diskToPrune();
      expect((await applying(disk, NEXT, { fault: { at, what } })).kind).toBe('killed');
      expect((await examineJournal(disk.reader, 0)).damaged).toEqual([]);
      counted.kills += 1;
      await recovering(disk);
      await expectSound(disk);
    }
  }
});

test('the sweeping of what it left may be killed as well', async () => {
  const [before, all] = await callsOf();
  for (let at = before + 1; at <= all; at += 4) {
    for (let second = 1; ; second += 1) {
      const disk = diskToPrune();
      await applying(disk, NEXT, { fault: { at, what: 'kill-after' } });
      const fault: Fault = { at: second, what: second % 2 === 0 ? 'kill-before' : 'kill-after' };
      const { kind } = await recovering(disk, { fault });
      expect((await examineJournal(disk.reader, 0)).damaged).toEqual([]);
      counted.kills += 1;
      if (kind === 'ended') break;
    }
  }
});

test.each(['EIO', 'ENOSPC', 'EROFS', 'EACCES'] as const)(
  'a call of it that fails with %s does not fail the apply, and is told',
  async (what) => {
    const [before, all] = await callsOf();
    for (let at = before + 1; at <= all; at += 1) {
      const disk = diskToPrune();
      const run = await applying(disk, NEXT, { fault: { at, what } });
      expect(run).toMatchObject({ value: { kind: 'applied', notPruned: { errno: what } } });
      counted.failures += 1;
      expect((await examineJournal(disk.reader, 0)).damaged).toEqual([]);
    }
  },
);

test('a power cut gives none of them its name back without its files: each step is on the disk before the next', async () => {
  const disk = diskToPrune();
  const noted: string[] = [];
  const tracker = syncTracker(disk.writer(), () => undefined);
  const dirty = () => tracker.unsynced().directories.includes(TRANSACTIONS);
  const writer: typeof tracker = {
    ...tracker,
    rename: (from, to) => {
      // Its number is noted.
      if (noted.length === 0) noted.push(`rename ${dirty()}`);
      return tracker.rename(from, to);
    },
    unlink: (path) => {
      if (noted.length === 1) noted.push(`unlink ${dirty()}`);
      return tracker.unlink(path);
    },
  };
  const result = await prune(await readJournal(disk.reader, 0), { reader: disk.reader, writer });
  expect(result.ok).toBe(true);
  expect(noted).toEqual(['rename false', 'unlink false']);
});

test('how many points that was', () => {
  process.stdout.write(`\npruning in memory: ${counted.kills} kills, ${counted.failures} failing calls\n`);
  expect(counted.kills).toBeGreaterThan(100);
  expect(counted.failures).toBeGreaterThan(80);
});
