import { afterAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readJournal } from '../../src/apply/journal.ts';
import type { HostWriter } from '../../src/core/ports.ts';
import { spaced } from '../../src/core/text.ts';
import type { Plan, Step } from '../../src/plan/plan.ts';
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
  type RunOptions,
  recovering,
  rollingBack,
  takingOver,
} from './host.ts';

/** Values of a key, none of which shares a member with another: as it starts, two that plans want, and somebody else's. */
const KEYS = {
  'net.core.somaxconn': ['1024', '8192', '16384', '777'],
  'net.ipv4.tcp_fin_timeout': ['60', '30', '20', '55'],
  'net.ipv4.tcp_rmem': [
    '4096\t131072\t6291456',
    '8192 262144 16777216',
    '8200 300000 33554432',
    '5000 150000 7000000',
  ],
} as const;
type Key = keyof typeof KEYS;
const KEY_NAMES = Object.keys(KEYS) as readonly Key[];

const VECTOR = 'net.ipv4.tcp_rmem';
const OTHER_NAME = '/etc/sysctl.d/99-zz.conf';
const CONF = '/etc/sysctl.conf';
const TEXTS = {
  [DROP_IN]: ['# old\n', '# new\n', null, '# theirs\n'],
  [OTHER_NAME]: [null, '# other\n', '# another\n', '# theirs too\n'],
} as const;
type Name = keyof typeof TEXTS;
const NAMES = Object.keys(TEXTS) as readonly Name[];
const CONF_TEXT = '# theirs\nnet.core.somaxconn = 512\nnet.ipv4.tcp_fin_timeout = 5\nvm.swappiness = 1\n';
const THEIR_LINE = '# mine\n';

const RUNS = Number(process.env.RUNS ?? 10_000);

const EARLY = '1000.00 900.00\n';
const LATE = '9000.00 900.00\n';

type Wanted = {
  readonly values: Readonly<Record<Key, 1 | 2 | null>>;
  readonly texts: Readonly<Record<Name, 1 | 2 | null>>;
  readonly takesOver: boolean;
  readonly within: boolean;
};
/** `delete` for a file only. */
type Edit = { readonly target: Key | Name | typeof CONF; readonly how: 'write' | 'delete' };
type Hardship = {
  readonly fault: Fault | null;
  /** Somebody else's edit while the run is at it. */
  readonly during: { readonly at: number; readonly edit: Edit } | null;
};
type Deed = {
  readonly what: 'apply' | 'confirm' | 'time-over' | 'rollback' | 'next-run';
  readonly hardship: Hardship;
  /** Before it. */
  readonly edits: readonly Edit[];
};

const third = fc.constantFrom<(1 | 2 | null)[]>(1, 2, null);
const wanted: fc.Arbitrary<Wanted> = fc.record({
  values: fc.record(Object.fromEntries(KEY_NAMES.map((key) => [key, third])) as Record<Key, typeof third>),
  texts: fc.record(Object.fromEntries(NAMES.map((name) => [name, third])) as Record<Name, typeof third>),
  takesOver: fc.boolean(),
  within: fc.boolean(),
});
const edit: fc.Arbitrary<Edit> = fc.record({
  target: fc.constantFrom(...KEY_NAMES, ...NAMES, CONF),
  how: fc.constantFrom('write' as const, 'delete' as const),
});
const fault: fc.Arbitrary<Fault> = fc.record({
  at: fc.integer({ min: 1, max: 60 }),
  what: fc.constantFrom<Fault['what'][]>(
    'kill-before',
    'kill-after',
    'EIO',
    'ENOSPC',
    'EROFS',
    'EACCES',
    'EINVAL',
  ),
});
const hardship: fc.Arbitrary<Hardship> = fc.record({
  fault: fc.option(fault, { freq: 2 }),
  during: fc.option(fc.record({ at: fc.integer({ min: 1, max: 60 }), edit }), { freq: 2 }),
});
const deed = (...what: readonly Deed['what'][]): fc.Arbitrary<Deed> =>
  fc.record({
    what: fc.constantFrom(...what),
    hardship,
    edits: fc.array(edit, { maxLength: 2 }),
  });
/** Of each plan: it is applied, and then something becomes of it. */
const story = fc.array(
  fc.tuple(
    wanted,
    deed('apply'),
    fc.array(deed('confirm', 'time-over', 'rollback', 'next-run'), { maxLength: 3 }),
  ),
  { minLength: 1, maxLength: 2 },
);

function procPath(key: string): string {
  return `/proc/sys/${key.replaceAll('.', '/')}`;
}

function textAt(disk: MemoryDisk, path: string): string | null {
  const text = disk.reader.readText(path);
  return text.ok ? text.value : null;
}

function startDisk(): MemoryDisk {
  const values = Object.fromEntries(
    Object.entries(KEYS).map(([key, [first]]) => [key.replaceAll('.', '/'), first]),
  );
  return memoryDisk(
    { [DROP_IN]: '# old\n', '/var/lib/x': '', [CONF]: CONF_TEXT, '/proc/uptime': EARLY },
    values,
  );
}

/** What the plan would be for the world as it is. */
function planFor(disk: MemoryDisk, { values, texts, takesOver }: Wanted): Plan {
  const steps: Step[] = [];
  for (const key of KEY_NAMES) {
    const from = (textAt(disk, procPath(key)) ?? '').trimEnd();
    const choice = values[key];
    if (choice === null) continue;
    const to = KEYS[key][choice];
    if (spaced(from) !== to) steps.push(live(key, from, to));
  }
  for (const name of NAMES) {
    const from = textAt(disk, name);
    const choice = texts[name];
    if (choice === null) continue;
    const to = TEXTS[name][choice];
    if (from !== to) steps.push(file(name, from, to));
  }
  const conf = textAt(disk, CONF);
  const line = conf?.split('\n').indexOf('net.core.somaxconn = 512') ?? -1;
  if (takesOver && conf !== null && line >= 0)
    steps.push(takingOver(CONF, conf, 'net.core.somaxconn', line + 1, line + 2));
  return planOf(steps);
}

/** What a target is in the end: what it was, or what somebody else made of it; both may be right where they met. */
type Allowed = Map<string, (string | null)[]>;

function editOf(disk: MemoryDisk, { target, how }: Edit): void {
  if (target === CONF) disk.set(CONF, (textAt(disk, CONF) ?? '') + THEIR_LINE);
  else if (target in KEYS) disk.set(procPath(target), `${KEYS[target as Key][3]}\n`);
  else if (how === 'delete') disk.remove(target);
  else disk.set(target, TEXTS[target as Name][3]);
}

function theirs({ target, how }: Edit, before: string | null): string | null {
  if (target === CONF) return `${before}${THEIR_LINE}`;
  if (target in KEYS) return KEYS[target as Key][3];
  return how === 'delete' ? null : TEXTS[target as Name][3];
}

function startAllowed(): Allowed {
  const allowed: Allowed = new Map([[CONF, [CONF_TEXT]]]);
  for (const key of KEY_NAMES) allowed.set(key, [spaced(KEYS[key][0])]);
  for (const name of NAMES) allowed.set(name, [TEXTS[name][0]]);
  return allowed;
}

const counted = { runs: 0, killed: 0, applied: 0, meddled: 0 };
afterAll(() => {
  const { runs, killed, applied, meddled } = counted;
  process.stdout.write(
    `\n${RUNS} stories: ${applied} transactions were committed, ${killed} of ${runs} runs killed, ${meddled} met an edit of somebody else\n`,
  );
});

function count(run: Run<unknown>): void {
  counted.runs += 1;
  if (run.kind === 'killed') counted.killed += 1;
}

class Telling {
  readonly disk = startDisk();
  readonly allowed = startAllowed();

  private edit(edit: Edit, mayBeLost: boolean): void {
    if (edit.how === 'delete' && textAt(this.disk, edit.target) === null) return;
    editOf(this.disk, edit);
    const before = this.allowed.get(edit.target) ?? [];
    const after = before.map((each) => theirs(edit, each));
    // Plans of ours delete it as well, and then nobody can tell who did.
    const isOurDeed = edit.target === DROP_IN && edit.how === 'delete';
    const kept = [...(mayBeLost || isOurDeed ? before : []), ...(isOurDeed ? [TEXTS[DROP_IN][0]] : [])];
    this.allowed.set(edit.target, [...new Set([...kept, ...after])]);
  }

  /** A write of ours right behind it that fails may have left its first number in front of theirs, for good. */
  private mix(target: string): void {
    if (target !== VECTOR) return;
    const [, ...rest] = KEYS[VECTOR][3].split(' ');
    const mixed = KEYS[VECTOR].map((each) => [each.split(/\s/)[0], ...rest].join(' '));
    this.allowed.set(VECTOR, [...new Set([...(this.allowed.get(VECTOR) ?? []), ...mixed])]);
  }

  optionsOf({ fault, during }: Hardship): RunOptions {
    if (during === null) return { fault };
    let calls = 0;
    const meddled = <T extends readonly unknown[], R>(act: (...given: T) => R) => {
      return (...given: T): R => {
        calls += 1;
        if (calls === during.at) {
          counted.meddled += 1;
          // Whoever writes last wins, and who that is depends on the call.
          this.edit(during.edit, true);
          if (fault !== null) this.mix(during.edit.target);
        }
        return act(...given);
      };
    };
    const through = (writer: HostWriter): HostWriter => ({
      createExclusive: meddled(writer.createExclusive),
      openAppend: meddled(writer.openAppend),
      mkdir: meddled(writer.mkdir),
      rename: meddled(writer.rename),
      syncDir: meddled(writer.syncDir),
      unlink: meddled(writer.unlink),
      rmdir: meddled(writer.rmdir),
      writeSysctl: meddled(writer.writeSysctl),
    });
    return { fault, through };
  }

  async tell({ what, hardship, edits }: Deed, wanted: Wanted): Promise<void> {
    for (const each of edits) this.edit(each, false);
    const options = this.optionsOf(hardship);
    switch (what) {
      case 'apply': {
        // The command refuses to apply anything meanwhile.
        if (await this.waits()) return;
        const window = { milliseconds: 300_000, reverter: recordingReverter() };
        count(
          await applying(
            this.disk,
            planFor(this.disk, wanted),
            wanted.within ? { ...options, window } : options,
          ),
        );
        return;
      }
      case 'confirm':
        count(await confirming(this.disk, options));
        return;
      case 'rollback':
        // The command takes back what waits, and that is all.
        if (await this.waits()) return this.tell({ what: 'time-over', hardship, edits: [] }, wanted);
        count(await rollingBack(this.disk, options));
        return;
      case 'time-over':
        this.disk.set('/proc/uptime', LATE);
        count(await recovering(this.disk, options));
        this.disk.set('/proc/uptime', EARLY);
        return;
      case 'next-run':
        count(await recovering(this.disk, options));
    }
  }

  private async waits(): Promise<boolean> {
    return (await readJournal(this.disk.reader, 0)).some(({ state }) => state.kind === 'waiting');
  }

  /** Nothing hard happens any more: what is unfinished ends, and everything is taken back. */
  async end(): Promise<void> {
    this.disk.set('/proc/uptime', LATE);
    await recovering(this.disk);
    await rollingBack(this.disk, { all: true });
  }

  now(target: string): string | null {
    const text = textAt(this.disk, target in KEYS ? procPath(target) : target);
    return target in KEYS ? spaced(text ?? '') : text;
  }
}

test(`apply and rollback leave what was there, whatever fails and whoever meddles: ${RUNS} stories`, async () => {
  await fc.assert(
    fc.asyncProperty(story, async (chapters) => {
      const telling = new Telling();
      for (const [wanted, apply, deeds] of chapters)
        for (const each of [apply, ...deeds]) await telling.tell(each, wanted);
      await telling.end();
      for (const [target, allowed] of telling.allowed) {
        const now = telling.now(target);
        expect({ target, now: allowed.includes(now) ? allowed : now }).toEqual({ target, now: allowed });
      }
      const left = telling.disk.entries().filter(([path]) => path.endsWith('.new'));
      expect(left).toEqual([]);
      const journal = await readJournal(telling.disk.reader, 0);
      counted.applied += journal.filter(({ records }) =>
        records.some(({ kind }) => kind === 'committed'),
      ).length;
      for (const { state } of journal) expect(['undone', 'rolled-back']).toContain(state.kind);
    }),
    { numRuns: RUNS },
  );
}, 600_000);
