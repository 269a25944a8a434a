import { describe, expect, test } from '@jest/globals';
import { applyPlan } from '../../src/apply/apply.ts';
import { readJournal } from '../../src/apply/journal.ts';
import { NO_LABELS } from '../../src/host/file-labels.ts';
import { rollback as pipelineRollback } from '../../src/pipeline/rollback.ts';
import { memoryDisk } from '../tools/memory-disk.ts';
import { NO_REVERTER } from '../tools/reverter.ts';
import { applying, DROP_IN, FACTS, file, live, planOf, recovering, rollingBack } from './host.ts';

const SOMAXCONN = 'net.core.somaxconn';
const PATH = '/proc/sys/net/core/somaxconn';
const NEW = '# new\nnet.core.somaxconn = 8192\n';
const PLAN = planOf([live(SOMAXCONN, '128', '8192'), file(DROP_IN, null, NEW)]);
const start = (values: Record<string, string> = { 'net/core/somaxconn': '128' }) =>
  memoryDisk({ '/etc/sysctl.d/50-site.conf': '', '/var/lib/x': '' }, values);
const LOG = '/var/lib/backlogctl/transactions/000001/log.ndjson';

test('a key that is gone since (module unloaded, other kernel) does not lock the host out for good', async () => {
  const disk = start();
  await applying(disk, PLAN);
  disk.remove(PATH);
  const run = await rollingBack(disk, { facts: { bootId: 'boot-2' } });
  expect(run).toMatchObject({ kind: 'ended', value: [{ finished: true }] });
  await recovering(disk);
  const [t] = await readJournal(disk.reader, 0);
  expect(t?.state.kind).toBe('rolled-back');
});

test('a drop-in that somebody masked with a link is left alone and named, not a failure', async () => {
  const disk = start();
  await applying(disk, PLAN);
  const reader: typeof disk.reader = {
    ...disk.reader,
    lstat: (path) => {
      const s = disk.reader.lstat(path);
      return path === DROP_IN && s.ok ? { ok: true, value: { ...s.value, kind: 'link' } } : s;
    },
  };
  const run = await rollingBack({ ...disk, reader });
  expect(run).toMatchObject({ kind: 'ended', value: [{ finished: true, left: [{ why: 'foreign' }] }] });
});

test('in a later boot a file that gives fewer numbers of a vector than it has', async () => {
  const disk = start({ 'net/ipv4/tcp_rmem': '4096\t131072\t6291456' });
  await applying(disk, planOf([live('net.ipv4.tcp_rmem', '4096 131072 6291456', '8192 262144 16777216')]));
  const run = await rollingBack(disk, { facts: { bootId: 'boot-2' }, targets: () => '16384' });
  expect(run).toMatchObject({ kind: 'ended', value: [{ finished: true }] });
});

test("one end of a range set back by hand is somebody else's, not half a write of ours", async () => {
  const disk = start({ 'net/ipv4/ip_local_port_range': '32768\t60999' });
  await applying(disk, planOf([live('net.ipv4.ip_local_port_range', '32768 60999', '20000 50000')]));
  disk.set('/proc/sys/net/ipv4/ip_local_port_range', '20000\t60999\n');
  const run = await rollingBack(disk);
  expect(run).toMatchObject({ value: [{ left: [{ why: 'foreign' }] }] });
  expect(disk.world()['/proc/sys/net/ipv4/ip_local_port_range']).toBe('644 20000 60999');
});

test('a file that somebody edits while the journal is written is not overwritten', async () => {
  const disk = start();
  disk.set(DROP_IN, '# old\n');
  const plan = planOf([live(SOMAXCONN, '128', '8192'), file(DROP_IN, '# old\n', NEW)]);
  const writer = disk.writer();
  const context = {
    facts: FACTS,
    ports: {
      reader: disk.reader,
      writer: {
        ...writer,
        writeSysctl: async (path: string, value: string) => {
          disk.set(DROP_IN, '# edited by an administrator\n');
          return writer.writeSysctl(path, value);
        },
      },
      lock: { isHeld: () => true, release: async () => undefined },
      log: { log: async () => true },
      labels: NO_LABELS,
      clock: { now: () => 'x', sleep: async () => undefined, monotonicMs: () => 0 },
      interrupted: () => null,
    },
  };
  const outcome = await applyPlan({ plan, why: null, transactions: [], window: null }, context);
  expect(disk.world()[DROP_IN]).toContain('edited by an administrator');
  expect(outcome.kind).toBe('undone');
});

test('a log that is missing is damage, and no order to undo what was committed', async () => {
  const disk = start();
  await applying(disk, PLAN);
  disk.remove(LOG);
  await recovering(disk).catch(() => undefined);
  expect(disk.world()[PATH]).toBe('644 8192');
});

test('an empty old value (ip_local_reserved_ports) can be kept for later', async () => {
  const disk = start({ 'net/ipv4/ip_local_reserved_ports': '' });
  const run = await applying(disk, planOf([live('net.ipv4.ip_local_reserved_ports', '', '8080')]));
  expect(run).toMatchObject({ kind: 'ended', value: { kind: 'applied' } });
});

test('the directory and intent.json disagree about the number', async () => {
  const disk = start();
  await applying(disk, PLAN);
  const base = '/var/lib/backlogctl/transactions/';
  for (const name of ['intent.json', 'log.ndjson']) {
    const text = disk.reader.readText(`${base}000001/${name}`);
    disk.set(`${base}000002/${name}`, text.ok ? text.value : '', 0o600);
  }
  await expect(readJournal(disk.reader, 0)).rejects.toMatchObject({ status: 5 });
});

test('the README of a transaction gives an old file its mode back', async () => {
  const disk = start();
  disk.set(DROP_IN, '# old\n', 0o644);
  await applying(disk, planOf([file(DROP_IN, '# old\n', NEW)]));
  const kept = disk.reader.lstat(`/var/lib/backlogctl/transactions/000001/before${DROP_IN}`);
  const readme = disk.reader.readText('/var/lib/backlogctl/transactions/000001/README');
  const text = readme.ok ? readme.value : '';
  // cp -p gives it the mode of the copy.
  expect((kept.ok && kept.value.mode & 0o777) === 0o644 || /0?644/.test(text)).toBe(true);
});

function portsOf(disk: ReturnType<typeof start>, interrupted: () => 'SIGINT' | null = () => null) {
  return {
    reader: disk.reader,
    exec: { run: () => ({ kind: 'failed' as const, why: 'absent' as const }) },
    clock: { now: () => 'x', sleep: async () => undefined, monotonicMs: () => 0 },
    identity: { uid: 0, pid: 1 },
    writer: disk.writer(),
    locks: {
      acquire: async () => ({
        kind: 'held' as const,
        lock: { isHeld: () => true, release: async () => undefined },
      }),
    },
    log: { log: async () => true },
    labels: NO_LABELS,
    reverter: NO_REVERTER,
    interrupted,
  };
}
const snapshot = {
  kind: 'snapshot' as const,
  schemaVersion: 0 as const,
  takenAt: '2026-11-20T09:00:00Z',
  host: {
    kernel: { release: FACTS.kernel },
    memoryBytes: { ok: true as const, value: FACTS.memoryBytes ?? 0 },
  },
  namespaces: [{ id: FACTS.netns ?? '', name: 'host', sysctls: {} }],
  sysctlFiles: [],
};
const request = {
  look: async () => snapshot as never,
  howFar: { kind: 'newest' as const },
  force: false,
  live: true,
  who: FACTS.who,
};
function onHost(disk: ReturnType<typeof start>) {
  disk.set('/etc/machine-id', `${FACTS.machineId}\n`);
  disk.set('/proc/sys/kernel/random/boot_id', `${FACTS.bootId}\n`);
}

describe('rollback', () => {
  test('killed and typed again, it takes back one transaction and not two', async () => {
    const disk = start();
    await applying(disk, planOf([live(SOMAXCONN, '128', '4096')]));
    await applying(disk, planOf([live(SOMAXCONN, '4096', '8192')]));
    const run = await rollingBack(disk, { fault: { at: 4, what: 'kill-before' } });
    expect(run.kind).toBe('killed');
    onHost(disk);
    await pipelineRollback(request, portsOf(disk));
    expect(disk.world()[PATH]).toBe('644 4096');
  });

  test('after an apply that was killed, rollback takes that back and nothing older', async () => {
    const make = async (at: number) => {
      const disk = start();
      await applying(disk, planOf([live(SOMAXCONN, '128', '4096')]));
      const fault = { at, what: 'kill-after' as const };
      const { kind } = await applying(disk, planOf([live(SOMAXCONN, '4096', '8192')]), { fault });
      return { disk, kind };
    };
    let at = 1;
    while ((await make(at)).disk.world()[PATH] !== '644 8192') at += 1;
    const { disk, kind } = await make(at);
    expect(kind).toBe('killed');
    onHost(disk);
    await pipelineRollback(request, portsOf(disk));
    expect(disk.world()[PATH]).toBe('644 4096');
  });

  test('interrupted before it began, it does not claim that there is nothing to roll back', async () => {
    const disk = start();
    await applying(disk, PLAN);
    onHost(disk);
    const result = await pipelineRollback(
      request,
      portsOf(disk, () => 'SIGINT'),
    );
    // exitStatus() and renderRollback() see only this: [] is "There is nothing to roll back", status 0.
    expect(result).not.toEqual({ rolledBack: [], recovered: [] });
  });
});

test('MemTotal differs by some kB from boot to boot, and is the same memory nevertheless', async () => {
  const disk = start();
  await applying(disk, PLAN);
  const facts = { bootId: 'boot-2', memoryBytes: (FACTS.memoryBytes ?? 0) - 16 * 1024 };
  await rollingBack(disk, { facts });
  expect(disk.world()[PATH]).toBe('644 128');
});

test('in a later boot, a file whose value the kernel refuses does not lock the host out', async () => {
  const disk = start();
  await applying(disk, PLAN);
  const refusing = disk.writer();
  const run = await rollingBack(
    {
      ...disk,
      writer: (fault) => ({
        ...disk.writer(fault),
        calls: refusing.calls,
        writeSysctl: async (path) => ({ ok: false, call: 'write', path, errno: 'EINVAL' }),
      }),
    },
    { facts: { bootId: 'boot-2' }, targets: () => '-1' },
  );
  expect(run).toMatchObject({ value: [{ finished: true }] });
});

test('a journal that was put aside while the run that would recover it has a full disk', async () => {
  const disk = start();
  for (let at = 1; ; at += 1) {
    const d = start();
    const run = await applying(d, PLAN, { fault: { at, what: 'kill-after' } });
    if (run.kind === 'killed' && d.world()[PATH] === '644 8192') {
      await applying(disk, PLAN, { fault: { at, what: 'kill-after' } });
      break;
    }
  }
  onHost(disk);
  const ports = portsOf(disk);
  const writer = {
    ...ports.writer,
    createExclusive: async (path: string) => ({ ok: false as const, call: 'open', path, errno: 'ENOSPC' }),
    openAppend: async (path: string) => ({ ok: false as const, call: 'open', path, errno: 'ENOSPC' }),
  };
  // Everything was put back; what could not be written is the journal. The message has to say so.
  await expect(pipelineRollback(request, { ...ports, writer })).rejects.toMatchObject({
    message: expect.stringMatching(/journal|disk is full/),
  });
});

test('a step that was never started is not undone: somebody else set that value since', async () => {
  let at = 1;
  const make = async () => {
    const disk = start();
    await applying(disk, PLAN, { fault: { at, what: 'kill-after' } });
    return disk;
  };
  while ((await readJournal((await make()).reader, 0)).length === 0) at += 1;
  const disk = await make();
  expect(disk.world()[PATH]).toBe('644 128');
  disk.set(PATH, '8192\n');
  await recovering(disk);
  expect(disk.world()[PATH]).toBe('644 8192');
});
