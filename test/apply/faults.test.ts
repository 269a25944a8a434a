import { afterAll, describe, expect, test } from '@jest/globals';
import { readJournal } from '../../src/apply/journal.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { type Fault, type MemoryDisk, memoryDisk } from '../tools/memory-disk.ts';
import { recordingReverter } from '../tools/reverter.ts';
import {
  applying,
  confirming,
  DROP_IN,
  file,
  live,
  planOf,
  type Run,
  recovering,
  rollingBack,
  takingOver,
} from './host.ts';

const OLD_TEXT = '# old\nnet.core.somaxconn = 1024\n';
const NEW_TEXT = '# new\nnet.core.somaxconn = 8192\n';
const OTHER = '/etc/sysctl.d/80-other.conf';

const RENAMED = '/etc/sysctl.d/99-zz.conf';

const LIVE = [
  live('net.core.somaxconn', '1024', '8192'),
  live('net.ipv4.tcp_rmem', '4096\t131072\t6291456', '8192 262144 16777216'),
  live('net.ipv4.tcp_fin_timeout', '60', '30'),
];
const PLAN = planOf([
  ...LIVE,
  file(DROP_IN, OLD_TEXT, NEW_TEXT),
  file(OTHER, null, 'net.ipv4.tcp_sack = 1\n'),
]);
const RENAMING = planOf([...LIVE, file(RENAMED, null, NEW_TEXT), file(DROP_IN, OLD_TEXT, null)]);

const NOW = '1000.00 900.00\n';
const ONCE_OVER = '1300.00 900.00\n';
const WINDOW_MS = 300_000;

const CONF = '/etc/sysctl.conf';
const CONF_TEXT = '# theirs\nnet.core.somaxconn = 512\nnet.ipv4.tcp_fin_timeout = 5\nvm.swappiness = 1';
const TAKING = planOf([
  ...LIVE,
  file(DROP_IN, OLD_TEXT, NEW_TEXT),
  takingOver(CONF, CONF_TEXT, 'net.core.somaxconn', 2, 3),
]);

function startDisk(): MemoryDisk {
  return memoryDisk(
    {
      [DROP_IN]: OLD_TEXT,
      '/var/lib/x': '',
      '/etc/sysctl.d/50-site.conf': '# site\n',
      [CONF]: CONF_TEXT,
      '/proc/uptime': NOW,
    },
    {
      'net/core/somaxconn': '1024',
      'net/ipv4/tcp_rmem': '4096\t131072\t6291456',
      'net/ipv4/tcp_fin_timeout': '60',
    },
  );
}

/** A disk on which the plan was applied. */
async function appliedDisk(plan: Plan): Promise<MemoryDisk> {
  const disk = startDisk();
  await applying(disk, plan);
  return disk;
}

/** A disk on which the plan waits to be confirmed. */
async function waitingDisk(plan: Plan): Promise<MemoryDisk> {
  const disk = startDisk();
  await applying(disk, plan, { window: { milliseconds: WINDOW_MS, reverter: recordingReverter() } });
  return disk;
}

/** The next run, once the time of whatever waits is over. */
async function settled(disk: MemoryDisk): Promise<void> {
  disk.set('/proc/uptime', ONCE_OVER);
  await recovering(disk);
  disk.set('/proc/uptime', NOW);
}

async function callsOf(run: Promise<Run<unknown>>): Promise<number> {
  const ended = await run;
  if (ended.kind !== 'ended') throw new Error('it was killed');
  return ended.calls;
}

const counted = { kills: 0, doubleKills: 0, failures: 0 };
afterAll(() => {
  process.stdout.write(
    `\nin memory: ${counted.kills} kills, ${counted.doubleKills} kills of the recovery too, ${counted.failures} failing calls\n`,
  );
});

type Sides = { readonly old: unknown; readonly all: unknown };

async function sidesOf(plan: Plan): Promise<Sides> {
  return { old: startDisk().world(), all: (await appliedDisk(plan)).world() };
}

/** Recovery itself, killed at each of its own calls, and then left alone. */
async function expectWholeThroughout(
  make: () => Promise<MemoryDisk>,
  isWhole: (disk: MemoryDisk) => void,
): Promise<void> {
  for (let at = 1; ; at += 1) {
    const disk = await make();
    const fault: Fault = { at, what: at % 2 === 0 ? 'kill-before' : 'kill-after' };
    disk.set('/proc/uptime', ONCE_OVER);
    const killed = await recovering(disk, { fault });
    if (killed.kind === 'killed') counted.doubleKills += 1;
    await settled(disk);
    isWhole(disk);
    if (killed.kind === 'ended') return;
  }
}

type Act = (disk: MemoryDisk, fault: Fault) => Promise<Run<unknown>>;
type Driven = readonly [what: string, plan: Plan, start: () => MemoryDisk | Promise<MemoryDisk>, act: Act];

function applied(plan: Plan): Act {
  return (disk, fault) => applying(disk, plan, { fault });
}

function appliedFor(plan: Plan): Act {
  return (disk, fault) =>
    applying(disk, plan, { fault, window: { milliseconds: WINDOW_MS, reverter: recordingReverter() } });
}

const CONFIRMED: Act = (disk, fault) => confirming(disk, { fault });

/** What the timer does. */
const REVERTED: Act = async (disk, fault) => {
  disk.set('/proc/uptime', ONCE_OVER);
  return recovering(disk, { fault });
};

const TAKEN_BACK: Act = (disk, fault) => rollingBack(disk, { fault });

describe.each<Driven>([
  ['apply', PLAN, startDisk, applied(PLAN)],
  ['rollback', PLAN, () => appliedDisk(PLAN), TAKEN_BACK],
  ['apply of a new name', RENAMING, startDisk, applied(RENAMING)],
  ['apply with a window', PLAN, startDisk, appliedFor(PLAN)],
  ['confirm', PLAN, () => waitingDisk(PLAN), CONFIRMED],
  ['revert', PLAN, () => waitingDisk(PLAN), REVERTED],
  ['apply that takes lines over', TAKING, startDisk, applied(TAKING)],
  ['apply with a window that takes lines over', TAKING, startDisk, appliedFor(TAKING)],
  ['confirm of lines that are taken over', TAKING, () => waitingDisk(TAKING), CONFIRMED],
  ['rollback of lines that were taken over', TAKING, () => appliedDisk(TAKING), TAKEN_BACK],
  ['rollback of a new name', RENAMING, () => appliedDisk(RENAMING), TAKEN_BACK],
])('%s', (_name, plan, start, act) => {
  const NONE: Fault = { at: 0, what: 'EIO' };

  test('killed at any call, the host is all old or all new once the next run is through', async () => {
    const { old, all } = await sidesOf(plan);
    const calls = await callsOf(act(await start(), NONE));
    expect(calls).toBeGreaterThan(10);
    for (let at = 1; at <= calls; at += 1) {
      for (const what of ['kill-before', 'kill-after'] as const) {
        const disk = await start();
        expect((await act(disk, { at, what })).kind).toBe('killed');
        counted.kills += 1;
        // A boot right then finds a drop-in, whichever of the two.
        expect([disk.world()[DROP_IN], disk.world()[RENAMED]]).not.toEqual([undefined, undefined]);
        await settled(disk);
        expect([old, all]).toContainEqual(disk.world());
        for (const { state } of await readJournal(disk.reader, 0)) {
          expect(['committed', 'undone', 'rolled-back']).toContain(state.kind);
        }
      }
    }
  });

  test('the recovery may be killed as well, at any of its calls', async () => {
    const { old, all } = await sidesOf(plan);
    const calls = await callsOf(act(await start(), NONE));
    for (let at = 1; at <= calls; at += 3) {
      const killed = async () => {
        const disk = await start();
        await act(disk, { at, what: 'kill-after' });
        return disk;
      };
      await expectWholeThroughout(killed, (disk) => expect([old, all]).toContainEqual(disk.world()));
    }
  });

  test.each(['EIO', 'ENOSPC', 'EROFS', 'EACCES', 'EINVAL'] as const)(
    'where any one call fails with %s, nothing is lost',
    async (what) => {
      const { old, all } = await sidesOf(plan);
      const calls = await callsOf(act(await start(), NONE));
      for (let at = 1; at <= calls; at += 1) {
        const disk = await start();
        const run = await act(disk, { at, what });
        expect(run.kind).toBe('ended');
        counted.failures += 1;
        await settled(disk);
        expect([old, all]).toContainEqual(disk.world());
      }
    },
  );
});

test('a failing step is named, and everything is put back within the same run', async () => {
  const { old } = await sidesOf(PLAN);
  // The first write below /proc/sys comes after the journal is on the disk.
  const calls = await callsOf(applying(startDisk(), PLAN));
  const outcomes = new Set<string>();
  for (let at = 1; at <= calls; at += 1) {
    const disk = startDisk();
    const run = await applying(disk, PLAN, { fault: { at, what: 'EINVAL' } });
    if (run.kind !== 'ended') throw new Error('killed');
    outcomes.add(run.value.kind);
    if (run.value.kind === 'undone' && run.value.left.length === 0) {
      expect(disk.world()).toEqual(old);
      expect(run.value.why).not.toBe('');
    }
    if (run.value.kind === 'no-journal') expect(disk.world()).toEqual(old);
  }
  expect([...outcomes].sort()).toEqual(['no-journal', 'undone']);
});
