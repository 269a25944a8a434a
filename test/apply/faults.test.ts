import { isDeepStrictEqual } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readJournal } from '../../src/apply/journal.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { MemoryDisk } from '../tools/memory-disk.ts';
import { ACTS, appliedDisk, type Driven, ONCE_OVER, PLAN, RENAMED, settled, startDisk } from './acts.ts';
import { applying, DROP_IN, type Run, recovering } from './host.ts';

async function callsOf(run: Promise<Run<unknown>>): Promise<number> {
  const ended = await run;
  if (ended.kind !== 'ended') throw new Error('it was killed');
  return ended.calls;
}

const counted = { kills: 0, doubleKills: 0, failures: 0, doubleFailures: 0 };
afterAll(() => {
  process.stdout.write(
    `\nin memory: ${counted.kills} kills, ${counted.doubleKills} kills of the recovery too, ${counted.failures} failing calls, ${counted.doubleFailures} in the recovery\n`,
  );
});

type Sides = { readonly old: unknown; readonly all: unknown };

async function sidesOf(plan: Plan): Promise<Sides> {
  return { old: startDisk().world(), all: (await appliedDisk(plan)).world() };
}

const ERRNOS = ['EIO', 'ENOSPC', 'EROFS', 'EACCES', 'EINVAL'] as const;

/** Recovery itself, killed around each of its own calls, or failing there, and then left alone. */
async function expectWholeThroughout(
  make: () => Promise<MemoryDisk>,
  isWhole: (disk: MemoryDisk) => void,
): Promise<void> {
  for (let at = 1; ; at += 1) {
    for (const what of ['kill-before', 'kill-after', ERRNOS[at % ERRNOS.length] ?? 'EIO'] as const) {
      const disk = await make();
      disk.set('/proc/uptime', ONCE_OVER);
      const run = await recovering(disk, { fault: { at, what } });
      if (what === 'kill-before' && run.kind === 'ended') return;
      if (run.kind === 'killed') counted.doubleKills += 1;
      else counted.doubleFailures += 1;
      await settled(disk);
      isWhole(disk);
    }
  }
}

describe.each<Driven>(ACTS)('%s', (_name, plan, start, act) => {
  test('killed at any call, the host is all old or all new once the next run is through', async () => {
    const { old, all } = await sidesOf(plan);
    const calls = await callsOf(act(await start(), {}));
    expect(calls).toBeGreaterThan(10);
    for (let at = 1; at <= calls; at += 1) {
      for (const what of ['kill-before', 'kill-after'] as const) {
        const disk = await start();
        expect((await act(disk, { fault: { at, what } })).kind).toBe('killed');
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

  test('the recovery may be killed or fail as well, at any of its calls', async () => {
    const { old, all } = await sidesOf(plan);
    const calls = await callsOf(act(await start(), {}));
    for (let at = 1; at <= calls; at += 1) {
      for (const what of ['kill-before', 'kill-after'] as const) {
        const killed = async () => {
          const disk = await start();
          await act(disk, { fault: { at, what } });
          return disk;
        };
        await expectWholeThroughout(killed, (disk) => {
          const world = disk.world();
          if (!isDeepStrictEqual(world, old)) expect(world).toEqual(all);
        });
      }
    }
  });

  test.each(ERRNOS)('where any one call fails with %s, nothing is lost', async (what) => {
    const { old, all } = await sidesOf(plan);
    const calls = await callsOf(act(await start(), {}));
    for (let at = 1; at <= calls; at += 1) {
      const disk = await start();
      const run = await act(disk, { fault: { at, what } });
      expect(run.kind).not.toBe('killed');
      counted.failures += 1;
      await settled(disk);
      expect([old, all]).toContainEqual(disk.world());
    }
  });
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
