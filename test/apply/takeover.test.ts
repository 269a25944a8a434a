import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { linesTakenOver } from '../../src/apply/baseline.ts';
import { readJournal } from '../../src/apply/journal.ts';
import { edited } from '../../src/plan/comment-out.ts';
import type { FileStep } from '../../src/plan/plan.ts';
import { takenLine } from '../../src/plan/taken-lines.ts';
import { type MemoryDisk, memoryDisk } from '../tools/memory-disk.ts';
import { applying, DROP_IN, file, live, planOf, recovering, rollingBack, takingOver } from './host.ts';

const SOMAXCONN = 'net.core.somaxconn';
const CONF = '/etc/sysctl.conf';
const THEIRS = '# theirs\nnet.core.somaxconn = 512\nvm.swappiness = 1\nnet/core/somaxconn = 600\n';
const NEW = '# new\nnet.core.somaxconn = 8192\n';
const STEP = takingOver(CONF, THEIRS, SOMAXCONN, 2, 4);
const TAKEN = STEP.to?.text ?? '';
const PLAN = planOf([live(SOMAXCONN, '128', '8192'), file(DROP_IN, null, NEW), STEP]);

function startDisk(): MemoryDisk {
  return memoryDisk(
    { [CONF]: THEIRS, '/var/lib/x': '', '/etc/sysctl.d/50.conf': '' },
    { 'net/core/somaxconn': '128' },
  );
}

async function appliedDisk(change: (text: string) => string = (text) => text): Promise<MemoryDisk> {
  const disk = startDisk();
  await applying(disk, PLAN);
  disk.set(CONF, change(confOf(disk)));
  return disk;
}

function confOf({ reader }: MemoryDisk): string {
  const text = reader.readText(CONF);
  return text.ok ? text.value : '';
}

test('apply comments the lines out, keeps the old file beside the journal, and rollback brings it back', async () => {
  const disk = await appliedDisk();
  expect(confOf(disk)).toBe(TAKEN);
  expect(TAKEN.split('\n').filter((line) => !line.startsWith('#'))).toEqual(['vm.swappiness = 1', '']);
  const kept = disk.reader.readText(`/var/lib/backlogctl/transactions/000001/before${CONF}`);
  expect(kept).toEqual({ ok: true, value: THEIRS });
  expect(linesTakenOver(await readJournal(disk.reader, 0))).toMatchObject([
    { path: CONF, lines: [{ line: 'net.core.somaxconn = 512' }, { line: 'net/core/somaxconn = 600' }] },
  ]);
  expect(await rollingBack(disk)).toMatchObject({ value: [{ finished: true, left: [] }] });
  expect(disk.world()).toEqual(startDisk().world());
  expect(linesTakenOver(await readJournal(disk.reader, 0))).toEqual([]);
});

describe('a file that somebody else changed since', () => {
  type Case = readonly [
    what: string,
    change: (text: string) => string,
    expected: (text: string) => string,
    lost: readonly string[],
  ];
  const same = (text: string) => text;
  const SECOND = /#[^\n]*\n# net\/core\/somaxconn = 600\n/;
  test.each<Case>([
    [
      'elsewhere has its lines back',
      (text) => `# new head\n${text}more = 1\n`,
      () => `# new head\n${THEIRS}more = 1\n`,
      [],
    ],
    [
      'in its line ends has its lines back',
      (text) => text.replaceAll('\n', '\r\n'),
      () => THEIRS.replaceAll('\n', '\r\n'),
      [],
    ],
    [
      'in an order of its own has its lines back',
      (text) => text.split('\n').slice(3).join('\n') + text.split('\n').slice(0, 3).join('\n'),
      () => 'vm.swappiness = 1\nnet/core/somaxconn = 600\n# theirs\nnet.core.somaxconn = 512',
      [],
    ],
    ['as if we had never been there stays so', () => THEIRS.replace('= 1', '= 60'), same, []],
    [
      'by an uncommented line has the other back',
      (text) => text.replace('# net.core', 'net.core'),
      (text) => text.replace(SECOND, 'net/core/somaxconn = 600\n'),
      [],
    ],
    [
      'in a line that was commented out has the other back, and the line is named',
      (text) => text.replace('= 512', '= 513'),
      (text) => text.replace(SECOND, 'net/core/somaxconn = 600\n'),
      ['line 2 (net.core.somaxconn = 512) was commented out and is not there as it was left'],
    ],
    [
      'with a second copy of what we left is not guessed at',
      (text) => text + (SECOND.exec(text)?.[0] ?? ''),
      (text) => text.replace(/#[^\n]*\n# net.core.somaxconn = 512\n/, 'net.core.somaxconn = 512\n'),
      ['line 4 (net/core/somaxconn = 600) was commented out and is not there as it was left'],
    ],
    [
      'as a whole is left alone',
      () => 'vm.swappiness = 3\n',
      same,
      [
        'line 2 (net.core.somaxconn = 512) was commented out and is not there as it was left; line 4 (net/core/somaxconn = 600) was commented out and is not there as it was left',
      ],
    ],
  ])('%s', async (_what, change, expected, lost) => {
    const disk = await appliedDisk(change);
    const before = confOf(disk);
    const run = await rollingBack(disk);
    expect(confOf(disk)).toBe(expected(before));
    if (run.kind !== 'ended') throw new Error('killed');
    const [{ finished, left, restored } = { finished: false, left: [], restored: [] }] = run.value;
    expect([finished, left.map(({ why, detail }) => [why, detail])]).toEqual([
      true,
      lost.map((each) => ['foreign', each]),
    ]);
    const own = restored.filter(({ step }) => step.id === STEP.id);
    expect(own.map(({ linesOnly }) => linesOnly)).toEqual(confOf(disk) === before ? [] : [true]);
    // Whatever became of the file, the rest is back.
    expect(disk.world()[DROP_IN]).toBeUndefined();
  });

  test('by force it is as it was before, but only where lines are lost', async () => {
    const disk = await appliedDisk((text) => text.replace('= 512', '= 513'));
    await rollingBack(disk, { force: true });
    expect(confOf(disk)).toBe(THEIRS);
    const edited = await appliedDisk((text) => `${text}more = 1\n`);
    await rollingBack(edited, { force: true });
    expect(confOf(edited)).toBe(`${THEIRS}more = 1\n`);
  });

  test('what was left alone is put back by force later', async () => {
    const disk = await appliedDisk(() => 'gone = 1\n');
    await rollingBack(disk);
    expect(confOf(disk)).toBe('gone = 1\n');
    await rollingBack(disk, { force: true });
    expect(confOf(disk)).toBe(THEIRS);
  });

  test('a file that is gone is left alone, and its lines named', async () => {
    const disk = await appliedDisk();
    disk.remove(CONF);
    expect(await rollingBack(disk)).toMatchObject({
      value: [
        {
          finished: true,
          left: [
            {
              why: 'foreign',
              detail: expect.stringContaining('it is gone now; line 2 (net.core.somaxconn = 512)'),
            },
          ],
        },
      ],
    });
  });

  test('keeps the mode that it has now', async () => {
    const disk = await appliedDisk();
    disk.set(CONF, confOf(disk), 0o600);
    await rollingBack(disk);
    expect(disk.world()[CONF]).toBe(`600 ${THEIRS.trim()}`);
  });

  test('before the apply is a stale plan, and nothing is written', async () => {
    for (const text of [`${THEIRS}more = 1\n`, `${TAKEN}more = 1\n`]) {
      const disk = startDisk();
      disk.set(CONF, text);
      expect(await applying(disk, PLAN)).toMatchObject({
        value: { kind: 'stale', stale: [{ step: { id: STEP.id } }] },
        calls: 0,
      });
      expect(confOf(disk)).toBe(text);
    }
  });
});

test('a rollback that is killed at any call gives the lines back all the same, and keeps what others changed', async () => {
  const mine = (text: string) => `# mine\n${text}vm.dirty_ratio = 5\n`;
  const expected = `# mine\n${THEIRS}vm.dirty_ratio = 5\n`;
  let kills = 0;
  for (let at = 1; ; at += 1) {
    for (const what of ['kill-before', 'kill-after', 'EIO', 'ENOSPC', 'EROFS'] as const) {
      const disk = await appliedDisk(mine);
      const run = await rollingBack(disk, { fault: { at, what } });
      kills += run.kind === 'killed' ? 1 : 0;
      await recovering(disk);
      // Where it was not begun yet, nothing is.
      const [{ state } = { state: null }] = await readJournal(disk.reader, 0);
      expect([state?.kind, confOf(disk)]).toEqual(
        state?.kind === 'rolled-back' ? ['rolled-back', expected] : ['committed', mine(TAKEN)],
      );
      if (state?.kind === 'rolled-back') expect(state.left).toEqual([]);
    }
    const ended = await rollingBack(await appliedDisk(mine), { fault: { at, what: 'kill-before' } });
    if (ended.kind === 'ended') break;
  }
  expect(kills).toBeGreaterThan(40);
});

test('a step that takes one line over and gives another back is undone as a whole, or not guessed at', async () => {
  const bytes = Buffer.from(TAKEN);
  const [first, second] = [3, 6];
  const counted = Buffer.from(TAKEN.replace('# net/core', 'net/core'));
  const taken = { path: CONF, line: first, key: SOMAXCONN };
  const back = { path: CONF, line: second, key: SOMAXCONN };
  const to = edited(bytes, { commentOut: [], giveBack: [second] }).toString();
  const step: FileStep = {
    ...file(CONF, TAKEN, to),
    takeover: [
      takenLine(taken, Buffer.from(TAKEN.replace('# net.core', 'net.core')), 'keep'),
      takenLine(back, counted, 'restore'),
    ],
  };
  const start = async () => {
    const disk = await appliedDisk();
    await applying(disk, planOf([step]));
    expect(confOf(disk)).toBe(to);
    return disk;
  };
  const whole = await start();
  expect(linesTakenOver(await readJournal(whole.reader, 0))).toMatchObject([
    { path: CONF, lines: [{ line: 'net.core.somaxconn = 512' }] },
  ]);
  await rollingBack(whole);
  expect(confOf(whole)).toBe(TAKEN);
  await rollingBack(whole);
  expect(confOf(whole)).toBe(THEIRS);
  const changed = await start();
  changed.set(CONF, `${to}more = 1\n`);
  expect(await rollingBack(changed)).toMatchObject({
    value: [
      {
        left: [
          { detail: `line 6 (net/core/somaxconn = 600) was given back and is not there as it was left` },
        ],
      },
    ],
  });
  // The transaction before it still knows its own line.
  await rollingBack(changed);
  expect(confOf(changed)).toBe(`${THEIRS}more = 1\n`);
});

test('what is changed around the lines, at random, is all that differs after a rollback', async () => {
  const line = fc.constantFrom('', '# x', 'vm.swappiness = 9', 'net.core.rmem_max = 1', '\t', 'é', '#');
  const edit = fc.array(fc.tuple(fc.nat(8), line), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(edit, async (inserted) => {
      // Between two lines of theirs, and never between our note and its line.
      const places = [0, 1, 3, 4, 6];
      const insertAt = (text: string, at: (place: number) => number) => {
        const lines = text.split('\n');
        for (const [place, what] of inserted) lines.splice(at(place % places.length), 0, what);
        return lines.join('\n');
      };
      const changed = insertAt(TAKEN, (place) => places[place] ?? 0);
      fc.pre(
        changed.includes('rollback\n# net.core.somaxconn = 512\n') &&
          changed.includes('rollback\n# net/core/somaxconn = 600\n'),
      );
      const disk = await appliedDisk(() => changed);
      await rollingBack(disk);
      const notes = /# Commented out by backlogctl[^\n]*\n# /g;
      expect(confOf(disk)).toBe(changed.replace(notes, ''));
    }),
    { numRuns: 300 },
  );
});
