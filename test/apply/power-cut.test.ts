import { afterAll, describe, expect, test } from '@jest/globals';
import { readJournal } from '../../src/apply/journal.ts';
import type { MemoryDisk } from '../tools/memory-disk.ts';
import { type Fate, type Recorder, recorder } from '../tools/power-cut.ts';
import { ACTS, appliedDisk, type Driven, type Hardship, startDisk } from './acts.ts';
import { type Run, recovering } from './host.ts';

const VALUE = /^\s*([\w.]+)\s*=\s*(.*?)\s*$/;
const PROC_SYS = '/proc/sys/';

/** What the kernel starts with. */
const DEFAULTS = {
  'net.core.somaxconn': '4096',
  'net.ipv4.tcp_rmem': '4096 131072 6291456',
  'net.ipv4.tcp_fin_timeout': '60',
} as const;

type World = Readonly<Record<string, string>>;

function filesOf(world: World): World {
  return Object.fromEntries(Object.entries(world).filter(([path]) => path.startsWith('/etc/')));
}

/** What a boot makes of the files: those of the directory by name, and /etc/sysctl.conf behind them. */
function valuesAtBoot(files: World): World {
  const values: Record<string, string> = { ...DEFAULTS };
  const loaded = Object.keys(files).filter(
    (path) => path.endsWith('.conf') && !path.includes('/.') && path !== '/etc/sysctl.conf',
  );
  for (const path of [...loaded.sort(), '/etc/sysctl.conf'])
    for (const line of (files[path] ?? '').replace(/^\d+ /, '').split('\n')) {
      const [, key = '', value = ''] = VALUE.exec(line) ?? [];
      if (key in values) values[key] = value;
    }
  return values;
}

function boot(disk: MemoryDisk): void {
  for (const [key, value] of Object.entries(valuesAtBoot(filesOf(disk.world()))))
    disk.set(`${PROC_SYS}${key.replaceAll('.', '/')}`, `${value}\n`);
}

function valuesOf(world: World): World {
  return Object.fromEntries(
    Object.keys(DEFAULTS).map((key) => {
      const held = world[`${PROC_SYS}${key.replaceAll('.', '/')}`] ?? '';
      // The value, without the mode of its file.
      return [key, held.slice(held.indexOf(' ') + 1)];
    }),
  );
}

/** Numbers below 1 that a seed gives (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const FATES: readonly Fate[] = ['kept', 'lost', 'half', 'zeros'];

type FateOf = Parameters<Recorder['afterPowerCut']>[0];

function byLot(seed: number): FateOf {
  const random = randomFrom(seed);
  return () => FATES[Math.floor(random() * FATES.length)] ?? 'lost';
}

type Way = readonly [what: string, fateOf: FateOf];

/** How the disk decides: each way once, and then by lot. */
const WAYS: readonly Way[] = [
  ['everything is lost', () => 'lost'],
  ['everything is kept', () => 'kept'],
  ['names are kept, contents are lost', ({ kind }) => (kind === 'names' ? 'kept' : 'lost')],
  ['names are kept, contents are zeros', ({ kind }) => (kind === 'names' ? 'kept' : 'zeros')],
  ['contents are kept, names are lost', ({ kind }) => (kind === 'names' ? 'lost' : 'kept')],
  ...Array.from({ length: 6 }, (_, index) => [`by lot ${index}`, byLot(index + 1)] as const),
];

/** A run that the power ends before the call `at`, if it makes that many, and what a disk may make of it. */
async function cutShort(
  disk: MemoryDisk,
  at: number,
  act: (hardship: Hardship) => Promise<Run<unknown>>,
): Promise<{ readonly ended: boolean; readonly disks: (ways: readonly Way[]) => readonly Booted[] }> {
  let recorded: Recorder | undefined;
  const run = await act({
    fault: { at, what: 'kill-before' },
    through: (writer) => {
      recorded = recorder(disk, writer);
      return recorded.writer;
    },
  });
  const { afterPowerCut } = recorded ?? { afterPowerCut: () => disk };
  const disks = (ways: readonly Way[]) =>
    ways.map(([way, fateOf]) => {
      const booted = afterPowerCut(fateOf);
      boot(booted);
      return { way, disk: booted };
    });
  return { ended: run.kind === 'ended', disks };
}

type Booted = { readonly way: string; readonly disk: MemoryDisk };

const counted = { cuts: 0, recoveries: 0 };
afterAll(() => {
  process.stdout.write(
    `\nin memory: ${counted.cuts} power cuts, and ${counted.recoveries} in the recovery after one\n`,
  );
});

describe.each<Driven>(ACTS)('the power goes before any call of %s', (_name, plan, start, act) => {
  async function sidesAndTargets() {
    const old = filesOf(startDisk().world());
    const all = filesOf((await appliedDisk(plan)).world());
    const boots = valuesAtBoot(old);
    const expectWhole = async (disk: MemoryDisk) => {
      const world = disk.world();
      expect([old, all]).toContainEqual(filesOf(world));
      expect(valuesOf(world)).toEqual(valuesAtBoot(filesOf(world)));
      for (const { state } of await readJournal(disk.reader, 0))
        expect(['committed', 'undone', 'rolled-back']).toContain(state.kind);
    };
    return { expectWhole, targets: (key: string) => boots[key] ?? null };
  }

  async function callsOf(): Promise<number> {
    const run = await act(await start(), {});
    if (run.kind !== 'ended') throw new Error('it was killed');
    return run.calls;
  }

  test('and after the boot the files are all old or all new, and the values are theirs', async () => {
    const { expectWhole, targets } = await sidesAndTargets();
    for (let at = 1, ended = false; !ended; at += 1) {
      const first = await start();
      const cut = await cutShort(first, at, (hardship) => act(first, hardship));
      ended = cut.ended;
      for (const { way, disk } of cut.disks(WAYS)) {
        counted.cuts += 1;
        await recovering(disk, { facts: { bootId: 'boot-2' }, targets });
        await expect(expectWhole(disk).then(() => [at, way])).resolves.toEqual([at, way]);
      }
    }
  });

  test('and again before any call of the recovery in the next boot', async () => {
    const { expectWhole, targets } = await sidesAndTargets();
    for (let at = 1, calls = await callsOf(); at <= calls; at += 3) {
      for (let second = 1, ended = false; !ended; second += 1) {
        const first = await start();
        const cut = await cutShort(first, at, (hardship) => act(first, hardship));
        const [way] = [WAYS[(at + second) % WAYS.length] ?? WAYS[0]];
        const [booted] = cut.disks(way === undefined ? [] : [way]);
        if (booted === undefined) throw new Error('no disk');
        const facts = { bootId: 'boot-2' };
        const again = await cutShort(booted.disk, second, (hardship) =>
          recovering(booted.disk, { ...hardship, facts, targets }),
        );
        ended = again.ended;
        for (const { disk } of again.disks([['by lot', byLot(at * 100 + second)]])) {
          counted.recoveries += 1;
          await recovering(disk, { facts: { bootId: 'boot-3' }, targets });
          await expect(expectWhole(disk).then(() => [at, second])).resolves.toEqual([at, second]);
        }
      }
    }
  });
});
