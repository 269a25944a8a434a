import { describe, expect, test } from '@jest/globals';
import { history } from '../../src/pipeline/history.ts';
import { rollback } from '../../src/pipeline/rollback.ts';
import { type StepNow, transactionReport } from '../../src/pipeline/transaction-report.ts';
import { userNames } from '../../src/pipeline/user-names.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import { applying, DROP_IN, FACTS, file, live, planOf, rollingBack } from '../apply/host.ts';
import type { MemoryDisk } from '../tools/memory-disk.ts';
import { changePorts, freshDisk } from './change-ports.ts';

const KEY = 'net.core.somaxconn';
const PATH = '/proc/sys/net/core/somaxconn';
const TRANSACTIONS = '/var/lib/backlogctl/transactions';
const ROOT = { uid: 0, pid: 1 };
const OLD = '# 1\n';
const NEW = '# 2\n';

const FIRST = planOf([live(KEY, '128', '8192'), file(DROP_IN, null, OLD)]);
const SECOND = planOf([live(KEY, '8192', '16384'), file(DROP_IN, OLD, NEW)]);

async function applied(): Promise<MemoryDisk> {
  const disk = freshDisk();
  await applying(disk, FIRST);
  return disk;
}

async function twice(): Promise<MemoryDisk> {
  const disk = await applied();
  await applying(disk, SECOND);
  return disk;
}

async function nowOf(disk: MemoryDisk, id: string): Promise<readonly StepNow[]> {
  return (await transactionReport(id, disk.reader, ROOT)).steps.map(({ now }) => now);
}

describe('what became of each step', () => {
  test('it stands', async () => {
    expect(await nowOf(await applied(), '1')).toEqual([
      { kind: 'as-set', by: null },
      { kind: 'as-set', by: null },
    ]);
  });

  test('somebody else changed it, or set it back', async () => {
    const disk = await applied();
    disk.set(PATH, '5000\n');
    disk.set(DROP_IN, '# mine\n');
    expect(await nowOf(disk, '000001')).toEqual([
      { kind: 'changed', found: '5000', by: null },
      { kind: 'changed', found: 'of another content or mode', by: null },
    ]);
    disk.set(PATH, '128\n');
    expect((await nowOf(disk, '1'))[0]).toEqual({ kind: 'as-before', by: null });
  });

  test('a later transaction of ours changed it', async () => {
    expect(await nowOf(await twice(), '1')).toEqual([
      { kind: 'changed', found: '16384', by: '000002' },
      { kind: 'changed', found: 'of another content or mode', by: '000002' },
    ]);
  });

  test('a later one that does not stand any more has changed nothing', async () => {
    const disk = await twice();
    disk.set(PATH, '5000\n');
    expect((await nowOf(disk, '1'))[0]).toEqual({ kind: 'changed', found: '5000', by: null });
  });

  test('it was rolled back', async () => {
    const disk = await applied();
    await rollingBack(disk);
    expect(await nowOf(disk, '1')).toEqual([
      { kind: 'as-before', by: null },
      { kind: 'as-before', by: null },
    ]);
  });

  test('it was never begun, for the run failed before', async () => {
    const disk = freshDisk();
    const at = 1 + (await callsBeforeSysctl());
    await applying(disk, FIRST, { fault: { at, what: 'EINVAL' } });
    const { steps, transaction } = await transactionReport('1', disk.reader, ROOT);
    expect(transaction.state.kind).toBe('undone');
    expect(steps.map(({ started }) => started)).toEqual([true, false]);
  });

  test('live values of another boot are looked at, of another network namespace they are not', async () => {
    const disk = await applied();
    disk.set('/proc/sys/kernel/random/boot_id', 'boot-2\n');
    expect(await transactionReport('1', disk.reader, ROOT)).toMatchObject({ boot: 'earlier' });
    const reader: typeof disk.reader = {
      ...disk.reader,
      readLink: () => ({ ok: true, value: 'net:[4026532000]' }),
    };
    const [value] = (await transactionReport('1', (await applied()).reader, ROOT)).steps;
    expect(value?.now.kind).toBe('as-set');
    disk.set('/proc/sys/kernel/random/boot_id', `${FACTS.bootId}\n`);
    const [elsewhere, there] = (await transactionReport('1', reader, ROOT)).steps;
    expect(elsewhere?.now).toMatchObject({ kind: 'not-seen', why: expect.stringContaining('4026531840') });
    expect(there?.now.kind).toBe('as-set');
  });

  test('a key that this kernel does not have is gone', async () => {
    const disk = await applied();
    disk.remove(PATH);
    expect((await nowOf(disk, '1'))[0]).toEqual({ kind: 'gone' });
  });
});

/** How many calls an apply makes before its first write below /proc/sys. */
async function callsBeforeSysctl(): Promise<number> {
  for (let at = 1; ; at += 1) {
    const disk = freshDisk();
    await applying(disk, FIRST, { fault: { at, what: 'kill-after' } });
    if (disk.world()[PATH] === '644 8192') return at - 1;
  }
}

describe('what takes it back', () => {
  test.each([
    ['2', { command: 'rollback', options: [], before: [] }],
    ['1', { command: 'rollback', options: ['--all'], before: ['000002'] }],
  ])('of two that stand, %s', async (id, undo) => {
    expect((await transactionReport(id, (await twice()).reader, ROOT)).undo).toEqual(undo);
  });

  test('with one before it, everything after that one; and nothing once it is rolled back', async () => {
    const disk = await twice();
    await applying(disk, planOf([live('net.ipv4.tcp_fin_timeout', '60', '30')]));
    disk.set('/proc/sys/net/ipv4/tcp_fin_timeout', '60\n');
    await applying(disk, planOf([live('net.ipv4.tcp_fin_timeout', '60', '30')]));
    expect((await transactionReport('2', disk.reader, ROOT)).undo).toEqual({
      command: 'rollback',
      options: ['--to', '000001'],
      before: ['000003'],
    });
    await rollingBack(disk, { all: true });
    expect((await transactionReport('2', disk.reader, ROOT)).undo).toBeNull();
  });
});

describe('a number that is none', () => {
  test.each([
    ['x', 'usage', "'x' is not the number of a transaction"],
    ['1234567', 'usage', "'1234567' is not the number of a transaction"],
    ['9', 'unknown-name', "unknown transaction '9'"],
  ])('%s', async (given, code, message) => {
    const disk = await twice();
    await expect(transactionReport(given, disk.reader, ROOT)).rejects.toMatchObject({
      code,
      message,
      status: 2,
    });
  });

  test('of one that was pruned or put aside says so', async () => {
    const disk = await applied();
    disk.set(`${TRANSACTIONS}/000002-000004.pruned/x`, '');
    disk.set(`${TRANSACTIONS}/000005.lost/x`, '');
    await expect(transactionReport('3', disk.reader, ROOT)).rejects.toMatchObject({
      message: 'transaction 000003 is no longer kept: it was undone or rolled back, and many came after it',
      status: 2,
    });
    await expect(transactionReport('5', disk.reader, ROOT)).rejects.toMatchObject({
      message: 'transaction 000005 was put aside by hand',
    });
  });

  test('of one that is damaged is the error about just that one', async () => {
    const disk = await twice();
    disk.remove(`${TRANSACTIONS}/000001/log.ndjson`);
    await expect(transactionReport('1', disk.reader, ROOT)).rejects.toMatchObject({
      status: 5,
      message: expect.stringMatching(/^transaction 000001 is damaged: /),
    });
    await expect(transactionReport('2', disk.reader, ROOT)).resolves.toMatchObject({ boot: 'this' });
  });
});

test('only root may look', async () => {
  const { reader } = await applied();
  const nobody = { uid: 1000, pid: 1 };
  await expect(history(reader, nobody)).rejects.toMatchObject({ status: 5 });
  await expect(transactionReport('1', reader, nobody)).rejects.toMatchObject({ status: 5 });
});

test('users are named as the passwd file of this host names them, and nobody of another tree is', () => {
  const disk = freshDisk();
  disk.set(
    '/etc/passwd',
    'root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\nada:x:1000:1000::/:/bin/sh\n:x:7:7\nx\n',
  );
  const nameOf = userNames(disk.reader);
  expect([0, 1000, 7, 8].map(nameOf)).toEqual(['root', 'ada', null, null]);
  const there = userNames({ ...disk.reader, root: '/mnt/image' });
  expect([0, 1000].map(there)).toEqual(['root', null]);
});

const SNAPSHOT: Snapshot = {
  kind: 'snapshot',
  schemaVersion: 0,
  takenAt: '2026-11-20T09:00:00Z',
  host: { kernel: { release: FACTS.kernel }, memoryBytes: { ok: true, value: FACTS.memoryBytes ?? 0 } },
  namespaces: [{ id: FACTS.netns ?? '', name: 'host', sysctls: {} }],
  sysctlFiles: [],
};

describe('a rollback in a journal of which a part is damaged', () => {
  const THIRD = planOf([live(KEY, '16384', '32768')]);
  const request = { look: async () => SNAPSHOT, force: false, live: true, who: FACTS.who } as const;

  /** Three that stand, the second damaged. */
  async function damagedInTheMiddle(): Promise<MemoryDisk> {
    const disk = await twice();
    await applying(disk, THIRD);
    disk.remove(`${TRANSACTIONS}/000002/log.ndjson`);
    return disk;
  }

  test('takes back what is newer', async () => {
    const disk = await damagedInTheMiddle();
    const done = await rollback({ ...request, howFar: { kind: 'newest' } }, changePorts(disk));
    expect(done).toMatchObject({ rolledBack: [{ id: '000003', finished: true }], barrier: null });
    expect(disk.world()[PATH]).toBe('644 16384');
  });

  test.each([
    ['all', { kind: 'all' }],
    ['all after an older one', { kind: 'to', id: '1' }],
  ] as const)(
    'asked for %s, takes back what is newer, and says that it ends there',
    async (_name, howFar) => {
      const disk = await damagedInTheMiddle();
      const done = await rollback({ ...request, howFar }, changePorts(disk));
      expect(done).toMatchObject({
        rolledBack: [{ id: '000003', finished: true }],
        barrier: { id: '000002' },
      });
      expect(done.barrier?.error.message).toContain('transaction 000002 is damaged');
      expect(disk.world()[PATH]).toBe('644 16384');
      expect(disk.world()[DROP_IN]).toBe(`644 ${NEW.trim()}`);
    },
  );

  test('asked for all after the damaged one, has no need of it', async () => {
    const disk = await damagedInTheMiddle();
    const done = await rollback({ ...request, howFar: { kind: 'to', id: '2' } }, changePorts(disk));
    expect(done).toMatchObject({ rolledBack: [{ id: '000003' }], barrier: null });
  });

  test('is refused where nothing newer is left to take back, and nothing is changed', async () => {
    const disk = await damagedInTheMiddle();
    await rollback({ ...request, howFar: { kind: 'newest' } }, changePorts(disk));
    const before = disk.world();
    for (const howFar of [{ kind: 'newest' }, { kind: 'all' }] as const) {
      await expect(rollback({ ...request, howFar }, changePorts(disk))).rejects.toMatchObject({
        status: 5,
        message: expect.stringContaining('transaction 000002 is damaged'),
      });
    }
    expect(disk.world()).toEqual(before);
  });

  test('finds an old value that changed on the disk before it writes it', async () => {
    const disk = await applied();
    const file = `${TRANSACTIONS}/000001/intent.json`;
    const text = disk.reader.readText(file);
    disk.set(file, (text.ok ? text.value : '').replace('"from": "128"', '"from": "129"'), 0o600);
    await expect(
      rollback({ ...request, howFar: { kind: 'newest' } }, changePorts(disk)),
    ).rejects.toMatchObject({ status: 5, message: expect.stringContaining('SHA-256 differs') });
    expect(disk.world()[PATH]).toBe('644 8192');
  });
});
