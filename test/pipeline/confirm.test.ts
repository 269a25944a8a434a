import { describe, expect, test } from '@jest/globals';
import { readJournal } from '../../src/apply/journal.ts';
import type { Clock, HostWriter, LockResult, Locks, SystemLog } from '../../src/core/ports.ts';
import { type ApplyRequest, apply, rehearse } from '../../src/pipeline/apply.ts';
import { confirm } from '../../src/pipeline/confirm.ts';
import type { ChangePorts } from '../../src/pipeline/locked.ts';
import { proveRevert, revertUnconfirmed, sleepUntilDue } from '../../src/pipeline/revert.ts';
import { rollback } from '../../src/pipeline/rollback.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import { DROP_IN, FACTS, file, live, planOf } from '../apply/host.ts';
import { KILLED, type MemoryDisk } from '../tools/memory-disk.ts';
import { recordingReverter } from '../tools/reverter.ts';
import { changePorts, freshDisk, type PortOptions } from './change-ports.ts';

const KEY = 'net.core.somaxconn';
const PATH = '/proc/sys/net/core/somaxconn';
const PLAN = planOf([live(KEY, '128', '8192'), file(DROP_IN, null, '# new\n')]);
const WINDOW = { milliseconds: 300_000, check: null } as const;

const SNAPSHOT: Snapshot = {
  kind: 'snapshot',
  schemaVersion: 0,
  takenAt: '2026-11-20T09:00:00Z',
  host: {
    kernel: { release: FACTS.kernel },
    memoryBytes: { ok: true, value: FACTS.memoryBytes ?? 0 },
  },
  namespaces: [{ id: FACTS.netns ?? '', name: 'host', sysctls: {} }],
  sysctlFiles: [],
};
const LOOKING = { look: async () => SNAPSHOT, live: true, who: FACTS.who };

function asking(more: Partial<ApplyRequest> = {}): ApplyRequest {
  return {
    ...LOOKING,
    plan: async () => PLAN,
    consent: async () => true,
    onConflict: 'fail',
    why: null,
    window: WINDOW,
    ...more,
  };
}

function later(disk: MemoryDisk, seconds: number): void {
  disk.set('/proc/uptime', `${1000 + seconds}.00 900.00\n`);
}

function ports(disk: MemoryDisk, options: PortOptions = {}): ChangePorts {
  return changePorts(disk, { reverter: recordingReverter(), ...options });
}

async function waitingDisk(): Promise<MemoryDisk> {
  const disk = freshDisk();
  await apply(asking(), ports(disk));
  return disk;
}

async function state(disk: MemoryDisk): Promise<string | undefined> {
  return (await readJournal(disk.reader, 0)).at(-1)?.state.kind;
}

describe('while a change waits', () => {
  test('another apply is refused, and says how long', async () => {
    const disk = await waitingDisk();
    later(disk, 40);
    await expect(apply(asking({ window: null }), ports(disk))).rejects.toMatchObject({
      status: 5,
      message: 'transaction 000001 waits to be confirmed, and goes back in 4 min 20 s',
    });
    expect(disk.world()[PATH]).toBe('644 8192');
  });

  test('rollback takes it back at once, and nothing older', async () => {
    const disk = freshDisk();
    await apply(asking({ plan: async () => planOf([live(KEY, '128', '4096')]), window: null }), ports(disk));
    await apply(asking({ plan: async () => planOf([live(KEY, '4096', '8192')]) }), ports(disk));
    const reverter = recordingReverter();
    const request = { ...LOOKING, howFar: { kind: 'newest' }, force: false } as const;
    const result = await rollback(request, ports(disk, { reverter }));
    expect(result).toMatchObject({ recovered: [{ id: '000002', was: 'waiting' }], rolledBack: [] });
    expect(disk.world()[PATH]).toBe('644 4096');
    expect(reverter.calls).toEqual(['disarm 000002']);
  });

  test('rollback to itself leaves it to wait', async () => {
    const disk = await waitingDisk();
    const request = { ...LOOKING, howFar: { kind: 'to', id: '1' }, force: false } as const;
    await rollback(request, ports(disk));
    expect(await state(disk)).toBe('waiting');
  });

  test('rollback to a transaction that is not there takes nothing back', async () => {
    const disk = await waitingDisk();
    const request = { ...LOOKING, howFar: { kind: 'to', id: '0' }, force: false } as const;
    await expect(rollback(request, ports(disk))).rejects.toMatchObject({ status: 2, afterChange: false });
    expect([disk.world()[PATH], await state(disk)]).toEqual(['644 8192', 'waiting']);
  });

  test('rollback of all takes it back, and says so though what is older is damaged', async () => {
    const disk = freshDisk();
    await apply(asking({ plan: async () => planOf([live(KEY, '128', '4096')]), window: null }), ports(disk));
    await apply(asking({ plan: async () => planOf([live(KEY, '4096', '8192')]) }), ports(disk));
    disk.set('/var/lib/backlogctl/transactions/000001/intent.json', '{');
    const request = { ...LOOKING, howFar: { kind: 'all' }, force: false } as const;
    expect(await rollback(request, ports(disk))).toMatchObject({
      recovered: [{ id: '000002', was: 'waiting' }],
      barrier: { id: '000001' },
    });
    expect(disk.world()[PATH]).toBe('644 4096');
  });

  test('a rehearsal is refused as well', async () => {
    const disk = await waitingDisk();
    const transactions = await readJournal(disk.reader, 0);
    const rehearsed = async () => rehearse(PLAN, 'fail', transactions, { reader: disk.reader });
    await expect(rehearsed()).rejects.toMatchObject({
      status: 5,
      message: expect.stringContaining('000001 waits to be confirmed'),
    });
  });

  test('a run that sets no live value leaves it to wait, and is refused like any other', async () => {
    const disk = await waitingDisk();
    await expect(apply(asking({ window: null, live: false }), ports(disk))).rejects.toMatchObject({
      status: 5,
      message: expect.stringContaining('000001 waits to be confirmed'),
    });
    expect([disk.world()[PATH], await state(disk)]).toEqual(['644 8192', 'waiting']);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'confirm that %s ends before it has begun leaves it to wait',
    async (signal) => {
      const disk = await waitingDisk();
      const { outcome } = await confirm(LOOKING, { ...ports(disk), interrupted: () => signal });
      expect(outcome).toEqual({ kind: 'interrupted', id: '000001', signal });
      expect([disk.world()[PATH], await state(disk)]).toEqual(['644 8192', 'waiting']);
    },
  );

  test('confirm keeps it, and disarms', async () => {
    const disk = await waitingDisk();
    const reverter = recordingReverter();
    const { outcome } = await confirm(LOOKING, ports(disk, { reverter }));
    expect(outcome).toMatchObject({ kind: 'applied', id: '000001' });
    expect(disk.world()[DROP_IN]).toBe('644 # new');
    expect(reverter.calls).toEqual(['disarm 000001']);
  });
});

test('confirm writes no file where others may change it, and leaves the change to wait', async () => {
  const disk = await waitingDisk();
  later(disk, 40);
  disk.setDirectory('/etc/sysctl.d', 0o777);
  await expect(confirm(LOOKING, ports(disk))).rejects.toMatchObject({
    status: 5,
    message:
      'others than root may write to /etc/sysctl.d, so whatever is kept in /etc/sysctl.d they could change',
    hint: "make it root's alone: chown root: /etc/sysctl.d && chmod go-w /etc/sysctl.d, or take it back with backlogctl rollback; by itself it goes back in 4 min 20 s",
  });
  expect(disk.world()[DROP_IN]).toBeUndefined();
  expect(await state(disk)).toBe('waiting');
  disk.setDirectory('/etc/sysctl.d', 0o755);
  expect((await confirm(LOOKING, ports(disk))).outcome.kind).toBe('applied');
});

describe('confirm says why there is nothing to confirm', () => {
  test.each([
    ['nothing was done', async () => freshDisk(), 'nothing waits to be confirmed'],
    [
      'the time is over',
      async () => {
        const disk = await waitingDisk();
        later(disk, 300);
        return disk;
      },
      'it is too late for transaction 000001: it is taken back',
    ],
    [
      'another confirm was ended in the middle',
      async () => {
        const disk = await waitingDisk();
        const killed = confirm(LOOKING, ports(disk, { fault: { at: 3, what: 'kill-after' } }));
        await expect(killed).rejects.toBe(KILLED);
        expect(await state(disk)).toBe('confirming');
        return disk;
      },
      'the run that confirmed transaction 000001 was ended in the middle, and it is taken back',
    ],
    [
      'it was taken back before',
      async () => {
        const disk = await waitingDisk();
        later(disk, 300);
        await revertUnconfirmed('000001', LOOKING, ports(disk));
        return disk;
      },
      'it is too late for transaction 000001: it was taken back',
    ],
    [
      'it was confirmed, and rolled back since',
      async () => {
        const disk = await waitingDisk();
        await confirm(LOOKING, ports(disk));
        await rollback({ ...LOOKING, howFar: { kind: 'newest' }, force: false }, ports(disk));
        return disk;
      },
      'transaction 000001 was confirmed, and is rolled back since',
    ],
    [
      'it is confirmed',
      async () => {
        const disk = await waitingDisk();
        await confirm(LOOKING, ports(disk));
        return disk;
      },
      'transaction 000001 is confirmed already',
    ],
  ])('%s', async (_what, make, message) => {
    await expect(confirm(LOOKING, ports(await make()))).rejects.toMatchObject({ status: 5, message });
  });
});

test('what nobody confirmed goes back, whatever became of older transactions', async () => {
  const disk = freshDisk();
  await apply(asking({ plan: async () => planOf([live(KEY, '128', '4096')]), window: null }), ports(disk));
  await apply(asking({ plan: async () => planOf([live(KEY, '4096', '8192')]) }), ports(disk));
  disk.set('/var/lib/backlogctl/transactions/000001/intent.json', '{');
  later(disk, 300);
  await revertUnconfirmed('000002', LOOKING, ports(disk));
  expect(disk.world()[PATH]).toBe('644 4096');
});

describe('what could not be put back is still there to be tried again', () => {
  test('rolled back while it waits', async () => {
    const disk = await waitingDisk();
    const before = changePorts(disk).writer;
    const reverter = recordingReverter();
    const readOnly = {
      ...before,
      writeSysctl: async (path: string) => ({ ok: false, call: 'write', path, errno: 'EROFS' }) as const,
    };
    const request = { ...LOOKING, howFar: { kind: 'newest' }, force: false } as const;
    const result = await rollback(request, { ...ports(disk, { reverter }), writer: readOnly });
    expect(result.recovered).toMatchObject([{ left: [{ why: 'failed' }] }]);
    expect(reverter.calls).toEqual([]);
    later(disk, 300);
    await revertUnconfirmed('000001', LOOKING, ports(disk));
    expect([disk.world()[PATH], await state(disk)]).toEqual(['644 128', 'undone']);
  });
});

test('what could not be put back keeps what is older where it is', async () => {
  const disk = freshDisk();
  await apply(asking({ plan: async () => planOf([live(KEY, '128', '4096')]), window: null }), ports(disk));
  await apply(asking({ plan: async () => planOf([live(KEY, '4096', '8192')]) }), ports(disk));
  const readOnly = {
    ...changePorts(disk).writer,
    writeSysctl: async (path: string) => ({ ok: false, call: 'write', path, errno: 'EROFS' }) as const,
  };
  const request = { ...LOOKING, howFar: { kind: 'all' }, force: false } as const;
  const result = await rollback(request, { ...ports(disk), writer: readOnly });
  expect(result).toMatchObject({ rolledBack: [], recovered: [{ id: '000002' }] });
  expect(await rollback(request, ports(disk))).toMatchObject({ rolledBack: [{ id: '000001', left: [] }] });
  expect(disk.world()[PATH]).toBe('644 128');
});

test('a yes that comes when the time is over is none', async () => {
  const disk = freshDisk();
  const check = async () => {
    later(disk, 60);
    return null;
  };
  const { outcome } = await apply(asking({ window: { milliseconds: 30_000, check } }), ports(disk));
  expect(outcome).toMatchObject({ kind: 'undone', why: 'the program was not done in time' });
  expect(disk.world()[PATH]).toBe('644 128');
});

describe('a program in place of a person', () => {
  test('that is content keeps the change within the same run', async () => {
    const disk = freshDisk();
    const asked: number[] = [];
    const check = async (left: number) => {
      asked.push(left);
      expect(disk.world()[PATH]).toBe('644 8192');
      return null;
    };
    const { outcome } = await apply(asking({ window: { milliseconds: 30_000, check } }), ports(disk));
    expect(outcome).toMatchObject({ kind: 'applied', id: '000001' });
    expect(asked).toEqual([30_000]);
    expect(await state(disk)).toBe('committed');
  });

  test('that is content, of what by then nobody could keep, has everything put back', async () => {
    const disk = freshDisk();
    const check = async () => {
      disk.setDirectory('/etc/sysctl.d', 0o777);
      return null;
    };
    const { outcome } = await apply(asking({ window: { milliseconds: 30_000, check } }), ports(disk));
    expect(outcome).toMatchObject({
      kind: 'undone',
      why: expect.stringContaining('others than root may write'),
    });
    expect([disk.world()[PATH], disk.world()[DROP_IN]]).toEqual(['644 128', undefined]);
  });

  test('that is not has everything put back, and says why', async () => {
    const disk = freshDisk();
    const reverter = recordingReverter();
    const check = async () => '/bin/false ended with 1';
    const { outcome } = await apply(
      asking({ window: { milliseconds: 30_000, check } }),
      ports(disk, { reverter }),
    );
    expect(outcome).toMatchObject({ kind: 'undone', why: '/bin/false ended with 1', left: [] });
    expect(disk.world()[PATH]).toBe('644 128');
    expect(disk.world()[DROP_IN]).toBeUndefined();
    expect(reverter.calls.at(-1)).toBe('disarm 000001');
  });

  test('and a log that takes a part of a line: what is said behind it can be read', async () => {
    const disk = freshDisk();
    const { writer } = changePorts(disk);
    const torn: HostWriter = {
      ...writer,
      openAppend: async (path) => {
        const opened = await writer.openAppend(path);
        if (!opened.ok) return opened;
        const write = async (bytes: Uint8Array) => {
          if (!Buffer.from(bytes).includes('"confirming"')) return opened.value.write(bytes);
          await opened.value.write(bytes.subarray(0, 30));
          return { ok: false, call: 'write', path, errno: 'ENOSPC' } as const;
        };
        return { ok: true, value: { ...opened.value, write } };
      },
    };
    const window = { milliseconds: 30_000, check: async () => null };
    const { outcome } = await apply(asking({ window }), { ...ports(disk), writer: torn });
    expect(outcome).toMatchObject({ kind: 'undone', why: 'the journal could not be written' });
    expect([disk.world()[PATH], await state(disk)]).toEqual(['644 128', 'undone']);
  });

  test('while whose run somebody changed the value does not keep it, and leaves that value', async () => {
    const disk = freshDisk();
    const check = async () => {
      disk.set(PATH, '512\n');
      return null;
    };
    const { outcome } = await apply(asking({ window: { milliseconds: 30_000, check } }), ports(disk));
    expect(outcome).toMatchObject({ kind: 'undone', why: `${KEY} changed while it was checked` });
    expect(disk.world()[PATH]).toBe('644 512');
  });
});

describe('what reverts', () => {
  /** A clock that moves the disk's time since the boot along with its sleeps. */
  function movingClock(disk: MemoryDisk): { readonly clock: Clock; readonly slept: () => number } {
    let sleptMs = 0;
    const sleep = async (milliseconds: number) => {
      sleptMs += milliseconds;
      later(disk, sleptMs / 1000);
    };
    const clock = { now: () => '2026-11-20T10:00:00Z', sleep, monotonicMs: () => sleptMs };
    return { clock, slept: () => sleptMs };
  }

  test('waits for what is left of the time, and then puts everything back', async () => {
    const disk = await waitingDisk();
    later(disk, 0);
    const { clock, slept } = movingClock(disk);
    await revertUnconfirmed('000001', LOOKING, { ...ports(disk), clock });
    expect(slept()).toBe(300_000);
    expect(disk.world()[PATH]).toBe('644 128');
  });

  /** The host is suspended for so long during the first sleep, which does not count that. */
  function suspended(disk: MemoryDisk, suspendedMs: number) {
    let sleptMs = 0;
    const sleep = async (milliseconds: number) => {
      sleptMs += milliseconds;
      later(disk, (sleptMs + suspendedMs) / 1000);
    };
    const clock = { now: () => '2026-11-20T10:00:00Z', sleep, monotonicMs: () => sleptMs };
    return { clock, slept: () => sleptMs };
  }

  test.each([
    ['before it is due', sleepUntilDue],
    [
      'since it was started too early',
      (id: string, _ms: number, all: ChangePorts) => revertUnconfirmed(id, LOOKING, all),
    ],
  ])('counts the time that the host is suspended: %s', async (_what, act) => {
    const disk = await waitingDisk();
    const { clock, slept } = suspended(disk, 295_000);
    await act('000001', 300_000, { ...ports(disk), clock });
    expect(slept()).toBe(5_000);
  });

  test('does not wait where the time since the boot cannot be read', async () => {
    const disk = await waitingDisk();
    const { clock, slept } = movingClock(disk);
    const sleep = async (milliseconds: number) => {
      await clock.sleep(milliseconds);
      disk.remove('/proc/uptime');
    };
    await sleepUntilDue('000001', 300_000, { ...ports(disk), clock: { ...clock, sleep } });
    expect(slept()).toBe(2_000);
  });

  test('leaves alone what was confirmed', async () => {
    const disk = await waitingDisk();
    await confirm(LOOKING, ports(disk));
    later(disk, 301);
    await revertUnconfirmed('000001', LOOKING, ports(disk));
    expect(disk.world()[PATH]).toBe('644 8192');
  });

  /** A lock that cannot be had before so many tries, each for its own reason, or for the only one given. */
  function lockAfter(tries: number, ...why: readonly LockResult[]): Locks {
    let tried = 0;
    return {
      acquire: async () => {
        tried += 1;
        const lock = { isHeld: () => true, release: async () => undefined };
        return tried > tries ? { kind: 'held', lock } : (why[(tried - 1) % why.length] ?? { kind: 'busy' });
      },
    };
  }

  function logging(): SystemLog & { readonly said: readonly string[] } {
    const said: string[] = [];
    const log = async (message: string) => {
      said.push(message);
      return true;
    };
    return { said, log };
  }

  const NO_FORK: LockResult = { kind: 'failed', why: 'spawn flock EAGAIN' };
  const NO_FILE: LockResult = { kind: 'failed', why: 'ENOSPC' };

  test('waits for whoever holds the lock, be it for hours, and asks seldom', async () => {
    const disk = await waitingDisk();
    later(disk, 300);
    const { clock, slept } = movingClock(disk);
    const log = logging();
    await revertUnconfirmed('000001', LOOKING, { ...ports(disk), clock, log, locks: lockAfter(500) });
    expect(slept()).toBeGreaterThan(2 * 3600_000);
    expect(disk.world()[PATH]).toBe('644 128');
    expect(log.said.filter((line) => line.includes('tried again'))).toEqual([
      '000001: its time is over, it could not be put back yet, and that is tried again: another run of backlogctl is changing this host',
    ]);
  });

  test.each<readonly [what: string, more: (disk: MemoryDisk) => Partial<ChangePorts>, said: number]>([
    ['a lock that cannot be taken', () => ({ locks: lockAfter(3, NO_FORK) }), 1],
    ['one reason after another', () => ({ locks: lockAfter(4, NO_FORK, NO_FILE) }), 4],
    ['another run that soon ends', () => ({ locks: lockAfter(3) }), 0],
    ['a write that fails once', (disk) => failingOnce(disk), 1],
  ])('tries again after %s, and says each reason once', async (_what, more, said) => {
    const disk = await waitingDisk();
    later(disk, 300);
    const log = logging();
    const { clock } = movingClock(disk);
    await revertUnconfirmed('000001', LOOKING, { ...ports(disk), clock, log, ...more(disk) });
    expect(disk.world()[PATH]).toBe('644 128');
    expect(await state(disk)).toBe('undone');
    expect(log.said.filter((line) => line.includes('tried again'))).toHaveLength(said);
  });

  /** The value cannot be written the first time. */
  function failingOnce(disk: MemoryDisk): Partial<ChangePorts> {
    const writer = disk.writer();
    let failed = false;
    const writeSysctl: HostWriter['writeSysctl'] = async (path, value) => {
      if (failed) return writer.writeSysctl(path, value);
      failed = true;
      return { ok: false, call: 'write', path, errno: 'EIO' };
    };
    return { writer: { ...writer, writeSysctl } };
  }

  test('tries again when the host cannot be looked at, or nobody told', async () => {
    const disk = await waitingDisk();
    later(disk, 300);
    let looks = 0;
    const look = async () => {
      looks += 1;
      if (looks <= 2) throw new Error('spawn ss EAGAIN');
      return SNAPSHOT;
    };
    // That it is undone is logged as well, and by then a log can be written.
    const log = { log: () => (looks <= 2 ? Promise.reject(new Error('no logger')) : Promise.resolve(true)) };
    const { clock } = movingClock(disk);
    await revertUnconfirmed('000001', { ...LOOKING, look }, { ...ports(disk), clock, log });
    expect(disk.world()[PATH]).toBe('644 128');
    expect(await state(disk)).toBe('undone');
  });

  test('does not ask for the lock once it is over', async () => {
    const disk = await waitingDisk();
    await confirm(LOOKING, ports(disk));
    let asked = false;
    const acquire = async (): Promise<LockResult> => {
      asked = true;
      return NO_FORK;
    };
    await revertUnconfirmed('000001', LOOKING, { ...ports(disk), locks: { acquire } });
    expect(asked).toBe(false);
    expect(disk.world()[PATH]).toBe('644 8192');
  });

  test('is for root alone, and does not try again', async () => {
    const disk = await waitingDisk();
    const { clock, slept } = movingClock(disk);
    const nobody = { ...ports(disk, { uid: 1000 }), clock };
    await expect(revertUnconfirmed('000001', LOOKING, nobody)).rejects.toMatchObject({ status: 5 });
    expect(slept()).toBe(0);
  });

  test('goes on sleeping while the journal cannot be read', async () => {
    const disk = await waitingDisk();
    disk.set('/var/lib/backlogctl/transactions/000001/log.ndjson', 'damaged\n{}\n');
    const { clock, slept } = movingClock(disk);
    await sleepUntilDue('000001', 300_000, { ...ports(disk), clock });
    expect(slept()).toBe(300_000);
  });

  test('sleeps only as long as there is something to wait for', async () => {
    const disk = await waitingDisk();
    const { clock, slept } = movingClock(disk);
    const confirmLater = {
      ...clock,
      sleep: async (milliseconds: number) => {
        await clock.sleep(milliseconds);
        if (slept() === 10_000) await confirm(LOOKING, ports(disk));
      },
    };
    await sleepUntilDue('000001', 300_000, { ...ports(disk), clock: confirmLater });
    expect(slept()).toBe(10_000);
  });
});

describe('the proof of the way back', () => {
  test('finds nothing against it where all is well, and writes nothing', async () => {
    const disk = await waitingDisk();
    const before = disk.world();
    expect(await proveRevert('000001', LOOKING, ports(disk))).toBeNull();
    expect(disk.world()).toEqual(before);
  });

  const elsewhere = { ...SNAPSHOT, namespaces: [{ id: '4026532000', name: 'other', sysctls: {} }] };
  test.each<readonly [what: string, change: (disk: MemoryDisk) => void, look: Snapshot, why: string]>([
    [
      'another boot',
      (disk) => disk.set('/proc/sys/kernel/random/boot_id', 'boot-2\n'),
      SNAPSHOT,
      'another boot',
    ],
    ['another machine', (disk) => disk.set('/etc/machine-id', `${'f'.repeat(32)}\n`), SNAPSHOT, 'machine'],
    ['another network namespace', () => undefined, elsewhere, '4026532000'],
    ['a value that nobody planned', (disk) => disk.set(PATH, '77\n'), SNAPSHOT, PATH],
    [
      'a read-only /proc/sys',
      (disk) =>
        disk.set(
          '/proc/self/mountinfo',
          '1 0 0:1 / / rw - ext4 x rw\n2 1 0:2 / /proc/sys ro - proc proc ro\n',
        ),
      SNAPSHOT,
      'read-only',
    ],
  ])('finds %s', async (_what, change, look, why) => {
    const disk = await waitingDisk();
    change(disk);
    const looking = { ...LOOKING, look: async () => look };
    expect(await proveRevert('000001', looking, ports(disk))).toContain(why);
  });

  test('is for root alone', async () => {
    const disk = await waitingDisk();
    await expect(proveRevert('000001', LOOKING, ports(disk, { uid: 1000 }))).rejects.toMatchObject({
      status: 5,
    });
  });
});
