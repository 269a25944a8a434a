import { describe, expect, test } from '@jest/globals';
import { readJournal } from '../../src/apply/journal.ts';
import { type ApplyRequest, apply, rehearse } from '../../src/pipeline/apply.ts';
import type { ChangePorts } from '../../src/pipeline/locked.ts';
import { rollback } from '../../src/pipeline/rollback.ts';
import { transactionReport } from '../../src/pipeline/transaction-report.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import { applying, DROP_IN, FACTS, file, live, planOf } from '../apply/host.ts';
import { type MemoryDisk, memoryDisk } from '../tools/memory-disk.ts';
import { changePorts, type PortOptions } from './change-ports.ts';

const SOMAXCONN = 'net.core.somaxconn';
const SECOND = 'net.ipv4.tcp_fin_timeout';
const PATH = '/proc/sys/net/core/somaxconn';
const NEW = '# new\nnet.core.somaxconn = 8192\n';
const PLAN = planOf([live(SOMAXCONN, '128', '8192'), live(SECOND, '60', '30'), file(DROP_IN, null, NEW)]);
const OTHER_MACHINE = 'ffffffffffffffffffffffffffffffff';

const SNAPSHOT: Snapshot = {
  kind: 'snapshot',
  schemaVersion: 0,
  takenAt: '2026-11-20T09:00:00Z',
  host: { kernel: { release: FACTS.kernel }, memoryBytes: { ok: true, value: FACTS.memoryBytes ?? 0 } },
  namespaces: [{ id: '4026531840', name: 'host', sysctls: {} }],
  sysctlFiles: [],
};

function startDisk(): MemoryDisk {
  return memoryDisk(
    {
      '/etc/sysctl.d/50-site.conf': '',
      '/var/lib/x': '',
      '/etc/machine-id': `${FACTS.machineId}\n`,
    },
    {
      'net/core/somaxconn': '128',
      'net/ipv4/tcp_fin_timeout': '60',
      'kernel/random/boot_id': FACTS.bootId ?? '',
    },
  );
}

function asking(plan: Plan, more: Partial<ApplyRequest> = {}): ApplyRequest {
  return {
    look: async () => SNAPSHOT,
    plan: async () => plan,
    consent: async () => true,
    onConflict: 'fail',
    live: true,
    why: null,
    window: null,
    who: FACTS.who,
    ...more,
  };
}

const ROLLBACK = {
  look: async () => SNAPSHOT,
  howFar: { kind: 'all' },
  force: false,
  live: true,
  who: FACTS.who,
} as const;

/** A disk on which a run of the plan was killed right after its first value. */
async function halfDone(): Promise<MemoryDisk> {
  for (let at = 1; ; at += 1) {
    const disk = startDisk();
    await applying(disk, PLAN, { fault: { at, what: 'kill-after' } });
    if (disk.world()[PATH] === '644 8192') return disk;
  }
}

describe('the next run', () => {
  test('ends what an earlier one left unfinished first, and names it', async () => {
    const disk = await halfDone();
    const planned: string[] = [];
    const applied = await apply(
      asking(PLAN, {
        plan: async () => {
          planned.push(disk.world()[PATH] ?? '');
          return PLAN;
        },
      }),
      changePorts(disk),
    );
    expect(planned).toEqual(['644 128']);
    expect(applied).toMatchObject({
      recovered: [{ id: '000001', was: 'applying', left: [] }],
      outcome: { kind: 'applied', id: '000002' },
    });
  });

  test('is not hindered by a journal that was never begun', async () => {
    const disk = startDisk();
    const unfinished = '/var/lib/backlogctl/transactions/.000001.new';
    for (let at = 1; !disk.reader.lstat(`${unfinished}/intent.json`).ok; at += 1) {
      await applying(disk, PLAN, { fault: { at, what: 'kill-after' } });
    }
    const { outcome, recovered } = await apply(asking(PLAN), changePorts(disk));
    expect({ kind: outcome.kind, recovered }).toEqual({ kind: 'applied', recovered: [] });
    expect(disk.reader.lstat(unfinished).ok).toBe(false);
  });

  test('changes nothing where that cannot be put back', async () => {
    const disk = await halfDone();
    const ports = changePorts(disk);
    const writer: ChangePorts['writer'] = {
      ...ports.writer,
      writeSysctl: async (path) => ({ ok: false, call: 'write', path, errno: 'EIO' }),
    };
    await expect(apply(asking(PLAN), { ...ports, writer })).rejects.toMatchObject({
      status: 4,
      message: expect.stringContaining('transaction 000001'),
    });
    expect(await readJournal(disk.reader, 0)).toHaveLength(1);
  });
});

describe('what is to be typed next leads to where the run was', () => {
  function inBlue(disk: MemoryDisk): ChangePorts {
    const ports = changePorts(disk);
    const typed = { ...disk.reader.typed, options: '--netns blue' };
    return { ...ports, reader: { ...disk.reader, typed } };
  }
  const elsewhere = { ...SNAPSHOT, namespaces: [{ id: '7', name: 'host', sysctls: {} }] };

  test.each<readonly [string, (ports: ChangePorts) => Promise<unknown>, string]>([
    [
      'for a plan of another machine',
      (ports) => apply(asking({ ...PLAN, host: { ...PLAN.host, machineId: OTHER_MACHINE } }), ports),
      'make one here: backlogctl plan --out FILE --netns blue',
    ],
    [
      'for a plan of another namespace',
      (ports) => apply(asking(PLAN, { look: async () => elsewhere }), ports),
      'make one here: backlogctl plan --out FILE --netns blue',
    ],
    [
      'for a transaction that is not there',
      (ports) => rollback({ ...ROLLBACK, howFar: { kind: 'to', id: '7' } }, ports),
      'backlogctl history --netns blue lists what there is',
    ],
    [
      'for what is no number of one',
      ({ reader, identity }) => transactionReport('x', reader, identity),
      'backlogctl history --netns blue lists what there is',
    ],
  ])('%s', (_what, act, hint) => expect(act(inBlue(startDisk()))).rejects.toMatchObject({ hint }));

  test('for a plan of an image that is made there', async () => {
    const { reader } = startDisk();
    const image = { ...reader, root: '/mnt', typed: { ...reader.typed, options: '--root /mnt' } };
    const plan = { ...PLAN, host: { ...PLAN.host, machineId: OTHER_MACHINE } };
    await expect((async () => rehearse(plan, 'fail', [], { reader: image }))()).rejects.toMatchObject({
      hint: 'make one here: backlogctl plan --no-live --out FILE --root /mnt',
    });
  });

  test('once the lock is lost', async () => {
    const disk = startDisk();
    const ports = inBlue(disk);
    const isHeld = () => disk.world()[PATH] === '644 128';
    const locks: ChangePorts['locks'] = {
      acquire: async () => ({ kind: 'held', lock: { isHeld, release: async () => undefined } }),
    };
    const detail = expect.stringContaining('backlogctl recover --netns blue does just that');
    expect((await apply(asking(PLAN), { ...ports, locks })).outcome).toMatchObject({ left: [{ detail }] });
  });
});

describe('nothing is changed', () => {
  async function refused(given: PortOptions, plan: Plan, status: number): Promise<void> {
    const disk = startDisk();
    const before = disk.world();
    await expect(apply(asking(plan), changePorts(disk, given))).rejects.toMatchObject({ status });
    expect(disk.world()).toEqual(before);
  }

  test('without root', () => refused({ uid: 1000 }, PLAN, 5));
  test('while another run holds the lock', () => refused({ lock: 'busy' }, PLAN, 75));
  test('where one boot cannot be told from the next', async () => {
    const disk = startDisk();
    disk.remove('/proc/sys/kernel/random/boot_id');
    const before = disk.world();
    await expect(apply(asking(PLAN), changePorts(disk))).rejects.toMatchObject({
      status: 5,
      message: expect.stringContaining('boot_id'),
    });
    expect(disk.world()).toEqual(before);
  });
  test('for a plan of another machine', () =>
    refused({}, { ...PLAN, host: { ...PLAN.host, machineId: OTHER_MACHINE } }, 5));

  describe('where a drop-in could not be kept', () => {
    const READ_ONLY = '1 0 0:1 / / rw - ext4 x rw\n2 1 0:2 / /etc ro - ext4 x ro\n';
    test.each<readonly [string, (disk: MemoryDisk) => void, string, string]>([
      [
        'for others may write there',
        (disk) => disk.setDirectory('/etc/sysctl.d', 0o777),
        'others than root may write to /etc/sysctl.d',
        'chmod go-w /etc/sysctl.d',
      ],
      [
        'for others may write above it',
        (disk) => disk.setDirectory('/etc', 0o775),
        'others than root may write to /etc,',
        'chmod go-w /etc,',
      ],
      ['for NixOS makes it anew', (disk) => disk.set('/etc/NIXOS', ''), 'NixOS', 'boot.kernel.sysctl'],
      [
        'for it is read-only',
        (disk) => disk.set('/proc/self/mountinfo', READ_ONLY),
        'read-only here',
        'remount,rw /etc',
      ],
    ])('%s', async (_what, change, message, way) => {
      const disk = startDisk();
      change(disk);
      const before = disk.world();
      const refusal = {
        status: 5,
        message: expect.stringContaining(message),
        hint: expect.stringContaining(way),
      };
      await expect(apply(asking(PLAN), changePorts(disk))).rejects.toMatchObject(refusal);
      await expect((async () => rehearse(PLAN, 'fail', [], { reader: disk.reader }))()).rejects.toMatchObject(
        refusal,
      );
      expect(disk.world()).toEqual(before);
      const live = { ...PLAN, steps: PLAN.steps.filter(({ kind }) => kind === 'live') };
      expect((await apply(asking(live), changePorts(disk))).outcome.kind).toBe('applied');
    });
  });

  test('by a journal of another machine', async () => {
    const disk = startDisk();
    await applying(disk, PLAN);
    disk.set('/etc/machine-id', `${OTHER_MACHINE}\n`);
    const after = disk.world();
    await expect(rollback(ROLLBACK, changePorts(disk))).rejects.toMatchObject({ status: 5 });
    expect(disk.world()).toEqual(after);
  });

  test('with a conflict, unless the rest is asked for', async () => {
    const conflict = {
      kind: 'shadowed',
      netns: '4026531840',
      key: 'net.ipv4.tcp_sack',
      message: 'x',
      ways: [],
      because: [],
    } as const;
    const plan: Plan = { ...PLAN, conflicts: [{ ...conflict, ways: [], because: [] }] };
    const disk = startDisk();
    const before = disk.world();
    expect((await apply(asking(plan), changePorts(disk))).outcome.kind).toBe('conflict');
    expect(disk.world()).toEqual(before);
    const skipping = await apply(asking(plan, { onConflict: 'skip' }), changePorts(disk));
    expect(skipping.outcome.kind).toBe('applied');
  });

  test('where nobody consents', async () => {
    const disk = startDisk();
    const before = disk.world();
    const { outcome } = await apply(asking(PLAN, { consent: async () => false }), changePorts(disk));
    expect(outcome.kind).toBe('declined');
    expect(disk.world()).toEqual(before);
  });

  test.each<readonly [string, Plan]>([
    ['something is to do', PLAN],
    ['nothing is to do', planOf([live(SOMAXCONN, '4096', '128')])],
  ])('after a signal that came while the host was looked at, where %s', async (_what, plan) => {
    const disk = startDisk();
    const before = disk.world();
    const consent = () => Promise.reject(new Error('nobody is asked'));
    const ports: ChangePorts = { ...changePorts(disk), interrupted: () => 'SIGTERM' };
    const { outcome } = await apply(asking(plan, { consent }), ports);
    expect(outcome).toEqual({ kind: 'interrupted', signal: 'SIGTERM' });
    expect(disk.world()).toEqual(before);
  });

  test('where whoever is asked gives up', async () => {
    const disk = startDisk();
    const before = disk.world();
    const { outcome } = await apply(asking(PLAN, { consent: async () => null }), changePorts(disk));
    expect(outcome).toEqual({ kind: 'interrupted', signal: 'SIGINT' });
    expect(disk.world()).toEqual(before);
  });
});

test('a lock that is lost between two steps stops the run', async () => {
  const disk = startDisk();
  let asked = 0;
  const isHeld = () => {
    asked += 1;
    return asked < 2;
  };
  const { outcome } = await apply(asking(PLAN), changePorts(disk, { isHeld }));
  expect(outcome).toMatchObject({ kind: 'undone', why: 'the lock was lost' });
  expect(disk.world()[DROP_IN]).toBeUndefined();
});

test('a lock that is lost before a rollback leaves everything as it is', async () => {
  const disk = startDisk();
  await apply(asking(PLAN), changePorts(disk));
  const after = disk.world();
  const isHeld = () => false;
  await rollback(ROLLBACK, changePorts(disk, { isHeld }));
  expect(disk.world()).toEqual(after);
});

test('in a later boot a value goes back to what the files say once the drop-in is gone', async () => {
  const disk = startDisk();
  await apply(asking(PLAN), changePorts(disk));
  disk.set('/proc/sys/kernel/random/boot_id', 'boot-2\n');
  const snapshot: Snapshot = {
    ...SNAPSHOT,
    loader: { kind: { ok: true, value: 'systemd' } } as Snapshot['loader'] & object,
    sysctlFiles: [
      { path: '/etc/sysctl.d/50-site.conf', kind: 'file', mode: '0644', text: `${SOMAXCONN} = 1024\n` },
      { path: DROP_IN, kind: 'file', mode: '0644', text: NEW },
    ],
  };
  await rollback({ ...ROLLBACK, look: async () => snapshot }, changePorts(disk));
  expect(disk.world()[PATH]).toBe('644 1024');
});
