import { describe, expect, test } from '@jest/globals';
import { applyPlan } from '../../src/apply/apply.ts';
import { readJournal } from '../../src/apply/journal.ts';
import type { ApplyContext } from '../../src/apply/run.ts';
import type { HostReader, HostWriter } from '../../src/core/ports.ts';
import { NO_LABELS } from '../../src/host/file-labels.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { type MemoryDisk, memoryDisk } from '../tools/memory-disk.ts';
import { applying, DROP_IN, FACTS, file, live, planOf, recovering, rollingBack } from './host.ts';

const SOMAXCONN = 'net.core.somaxconn';
const RMEM = 'net.ipv4.tcp_rmem';
const PATH = '/proc/sys/net/core/somaxconn';
const RMEM_PATH = '/proc/sys/net/ipv4/tcp_rmem';
const OLD = '# old\n';
const NEW = '# new\nnet.core.somaxconn = 8192\n';
const PLAN = planOf([live(SOMAXCONN, '128', '8192'), file(DROP_IN, null, NEW)]);

function startDisk(): MemoryDisk {
  return memoryDisk(
    { '/etc/sysctl.d/50-site.conf': '', '/var/lib/x': '' },
    { 'net/core/somaxconn': '128', 'net/ipv4/tcp_rmem': '4096\t131072\t6291456' },
  );
}

function applyWith(
  disk: MemoryDisk,
  plan: Plan,
  change: { readonly writer?: Partial<HostWriter>; readonly reader?: Partial<HostReader> },
) {
  const context: ApplyContext = {
    facts: FACTS,
    ports: {
      reader: { ...disk.reader, ...change.reader },
      writer: { ...disk.writer(), ...change.writer },
      lock: { isHeld: () => true, release: async () => undefined },
      log: { log: async () => true },
      labels: NO_LABELS,
      clock: { now: () => '2026-11-20T10:00:00Z', sleep: async () => undefined, monotonicMs: () => 0 },
      interrupted: () => null,
    },
  };
  return applyPlan({ plan, why: null, transactions: [], window: null }, context);
}

describe('a value that the kernel takes and changes', () => {
  /** As where a limit of its own cuts it off. */
  const cutting = (disk: MemoryDisk): Partial<HostWriter> => ({
    writeSysctl: async (path, value) => {
      disk.set(path, `${Math.min(Number(value), 4096)}\n`);
      return { ok: true, value: undefined };
    },
  });

  test('is a failure that is named and undone, and no file is written', async () => {
    const disk = startDisk();
    const outcome = await applyWith(disk, PLAN, { writer: cutting(disk) });
    expect(outcome).toMatchObject({
      kind: 'undone',
      why: "net.core.somaxconn: the kernel holds '4096' and not '8192'",
    });
    expect(disk.world()[DROP_IN]).toBeUndefined();
  });
});

test('a vector is written in one call, with all its numbers', async () => {
  const disk = startDisk();
  const written: string[] = [];
  const { writeSysctl } = disk.writer();
  const writer: Partial<HostWriter> = {
    writeSysctl: (path, value) => {
      written.push(value);
      return writeSysctl(path, value);
    },
  };
  await applyWith(disk, planOf([live(RMEM, '4096\t131072\t6291456', '8192  262144\t16777216')]), { writer });
  expect(written).toEqual(['8192 262144 16777216']);
});

test('what could not be put back leaves the transaction unfinished, for the next run to try again', async () => {
  const disk = startDisk();
  let calls = 0;
  const { writeSysctl } = disk.writer();
  const plan = planOf([
    live(SOMAXCONN, '128', '8192'),
    live(RMEM, '4096 131072 6291456', '8192 9000 16777216'),
  ]);
  const writer: Partial<HostWriter> = {
    writeSysctl: (path, value) => {
      calls += 1;
      return calls === 1
        ? writeSysctl(path, value)
        : Promise.resolve({ ok: false, call: 'write', path, errno: 'EIO' });
    },
  };
  const outcome = await applyWith(disk, plan, { writer });
  expect(outcome).toMatchObject({ kind: 'undone', left: [{ step: `live:${SOMAXCONN}`, why: 'failed' }] });
  expect((await readJournal(disk.reader, 0))[0]?.state.kind).toBe('undoing');
  await recovering(disk);
  expect(disk.world()[PATH]).toBe('644 128');
  expect((await readJournal(disk.reader, 0))[0]?.state.kind).toBe('undone');
});

test('steps are undone in the order opposite to that in which they were taken', async () => {
  const disk = startDisk();
  const plan = planOf([
    live(SOMAXCONN, '128', '8192'),
    live(RMEM, '4096 131072 6291456', '8192 9000 16777216'),
  ]);
  await applying(disk, plan);
  const written: string[] = [];
  const watched: MemoryDisk = {
    ...disk,
    writer: (fault) => {
      const writer = disk.writer(fault);
      return {
        ...writer,
        writeSysctl: (path, value) => {
          written.push(path);
          return writer.writeSysctl(path, value);
        },
      };
    },
  };
  await rollingBack(watched);
  expect(written).toEqual([RMEM_PATH, PATH]);
});

test('a rollback with --force that was killed goes on with it', async () => {
  for (let at = 1; ; at += 1) {
    const disk = startDisk();
    await applying(disk, PLAN);
    disk.set(PATH, '5000\n');
    const { kind } = await rollingBack(disk, { force: true, fault: { at, what: 'kill-before' } });
    if (kind === 'ended') break;
    const [transaction] = await readJournal(disk.reader, 0);
    if (transaction?.state.kind !== 'rolling-back') continue;
    await recovering(disk);
    expect([at, disk.world()[PATH]]).toEqual([at, '644 128']);
  }
});

describe('a file that somebody changed since', () => {
  const REPLACING = planOf([file(DROP_IN, OLD, NEW)]);
  async function leftAfter(change: (disk: MemoryDisk) => MemoryDisk) {
    const disk = startDisk();
    disk.set(DROP_IN, OLD);
    await applying(disk, REPLACING);
    const run = await rollingBack(change(disk));
    return run.kind === 'ended' ? run.value[0]?.left.map(({ why }) => why) : null;
  }
  const looking = (disk: MemoryDisk, more: { uid?: number; gid?: number }): MemoryDisk => ({
    ...disk,
    reader: {
      ...disk.reader,
      lstat: (path) => {
        const stat = disk.reader.lstat(path);
        return stat.ok && path === DROP_IN ? { ok: true, value: { ...stat.value, ...more } } : stat;
      },
    },
  });

  test('in its bytes', async () => {
    const left = await leftAfter((disk) => {
      disk.set(DROP_IN, `${NEW}# mine\n`);
      return disk;
    });
    expect(left).toEqual(['foreign']);
  });
  test('in its mode', async () => {
    const left = await leftAfter((disk) => {
      disk.set(DROP_IN, NEW, 0o600);
      return disk;
    });
    expect(left).toEqual(['foreign']);
  });
  test.each([{ uid: 1000 }, { gid: 1000 }])('in its owner: %j', async (owner) => {
    expect(await leftAfter((disk) => looking(disk, owner))).toEqual(['foreign']);
  });
});

test('a link in the place of a file is not written through, nor replaced', async () => {
  const disk = startDisk();
  disk.set(DROP_IN, OLD);
  const lstat: HostReader['lstat'] = (path) => {
    const stat = disk.reader.lstat(path);
    return stat.ok && path === DROP_IN ? { ok: true, value: { ...stat.value, kind: 'link' } } : stat;
  };
  const before = disk.world();
  const outcome = await applyWith(disk, planOf([file(DROP_IN, OLD, NEW)]), { reader: { lstat } });
  expect(outcome).toMatchObject({ kind: 'stale' });
  expect(disk.world()).toEqual(before);
});

test('the journal is for root alone', async () => {
  const disk = startDisk();
  disk.set(DROP_IN, OLD);
  await applying(disk, planOf([live(SOMAXCONN, '128', '8192'), file(DROP_IN, OLD, NEW)]));
  const state = '/var/lib/backlogctl';
  const directory = `${state}/transactions/000001`;
  const mode = (path: string) => {
    const stat = disk.reader.lstat(path);
    return stat.ok ? stat.value.mode.toString(8) : null;
  };
  expect([state, `${state}/transactions`, directory, `${directory}/before`].map(mode)).toEqual(
    Array(4).fill('700'),
  );
  const files = ['intent.json', 'before.conf', 'README', 'log.ndjson'];
  expect(files.map((name) => mode(`${directory}/${name}`))).toEqual(Array(4).fill('600'));
  // A copy keeps the mode that `cp -p` has to give back; nobody else gets as far as to read it.
  expect(mode(`${directory}/before${DROP_IN}`)).toBe('644');
});

test.each(['/var/lib/backlogctl', '/var/lib/backlogctl/transactions'])(
  '%s is not trusted where others may write',
  async (directory) => {
    const disk = startDisk();
    await applying(disk, PLAN);
    const reader: HostReader = {
      ...disk.reader,
      lstat: (path) => {
        const stat = disk.reader.lstat(path);
        return stat.ok && path === directory ? { ok: true, value: { ...stat.value, mode: 0o775 } } : stat;
      },
    };
    await expect(readJournal(reader, 0)).rejects.toMatchObject({ status: 5, at: { file: directory } });
  },
);

test('the README quotes what a shell would take for more than a path', async () => {
  const disk = startDisk();
  const path = "/etc/sysctl.d/90-it's $(reboot).conf";
  await applying(disk, planOf([file(path, null, NEW)]));
  const readme = disk.reader.readText('/var/lib/backlogctl/transactions/000001/README');
  expect(readme.ok && readme.value).toContain("rm -f '/etc/sysctl.d/90-it'\\''s $(reboot).conf' ");
});

test('the README says for which boot the values are', async () => {
  const disk = startDisk();
  await applying(disk, PLAN);
  const readme = disk.reader.readText('/var/lib/backlogctl/transactions/000001/README');
  expect(readme.ok && readme.value).toContain(
    'sysctl -p before.conf        # only in the boot in which it was made',
  );
});
