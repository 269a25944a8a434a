import { describe, expect, test } from '@jest/globals';
import { readJournal } from '../../src/apply/journal.ts';
import { memoryDisk } from '../tools/memory-disk.ts';
import { applying, DROP_IN, FACTS, file, live, planOf, recovering, rollingBack } from './host.ts';

const SOMAXCONN = 'net.core.somaxconn';
const NEW = '# new\nnet.core.somaxconn = 8192\n';
const PLAN = planOf([live(SOMAXCONN, '128', '8192'), file(DROP_IN, null, NEW)]);
const PATH = '/proc/sys/net/core/somaxconn';

function startDisk(value = '128') {
  return memoryDisk({ '/etc/sysctl.d/50-site.conf': '', '/var/lib/x': '' }, { 'net/core/somaxconn': value });
}

async function ended<T>(
  run: Promise<{ kind: string; value?: T; calls?: number }>,
): Promise<{ value: T; calls: number }> {
  const { kind, value, calls } = await run;
  if (kind !== 'ended' || value === undefined || calls === undefined) throw new Error('killed');
  return { value, calls };
}

describe('apply', () => {
  test('changes the value and the file, and says which transaction it was', async () => {
    const disk = startDisk();
    const { value } = await ended(applying(disk, PLAN));
    expect(value).toMatchObject({ kind: 'applied', id: '000001' });
    expect(disk.world()).toMatchObject({ [PATH]: '644 8192', [DROP_IN]: `644 ${NEW.trim()}` });
  });

  test('a second time it does nothing, not even a call', async () => {
    const disk = startDisk();
    await applying(disk, PLAN);
    const { value, calls } = await ended(applying(disk, PLAN));
    expect(value).toEqual({ kind: 'unchanged' });
    expect(calls).toBe(0);
    expect(await readJournal(disk.reader, 0)).toHaveLength(1);
  });

  test('what somebody has changed since it was planned is refused by name, and nothing is written', async () => {
    const disk = startDisk('4096');
    const { value, calls } = await ended(applying(disk, PLAN));
    expect(value).toMatchObject({
      kind: 'stale',
      stale: [{ step: { id: `live:${SOMAXCONN}` }, found: '4096' }],
    });
    expect(calls).toBe(0);
  });

  test('what is done already is not done again, and not undone with the rest', async () => {
    const disk = startDisk('8192');
    const { value } = await ended(applying(disk, PLAN));
    expect(value).toMatchObject({ kind: 'applied', steps: [{ kind: 'file' }] });
    await rollingBack(disk);
    expect(disk.world()).toMatchObject({ [PATH]: '644 8192' });
    expect(disk.world()[DROP_IN]).toBeUndefined();
  });

  test('without the lock nothing is begun', async () => {
    const disk = startDisk();
    const { value, calls } = await ended(applying(disk, PLAN, { isHeld: () => false }));
    expect(value).toEqual({ kind: 'lock-lost' });
    expect(calls).toBe(0);
  });

  test('once the lock is lost nothing more is written, not even to undo; the next run does that', async () => {
    const disk = startDisk();
    const before = disk.world();
    const isHeld = () => disk.world()[PATH] === before[PATH];
    const { value } = await ended(applying(disk, PLAN, { isHeld }));
    expect(value).toMatchObject({
      kind: 'undone',
      why: 'the lock was lost',
      left: [{ step: `live:${SOMAXCONN}`, why: 'failed', detail: expect.stringContaining('lock was lost') }],
    });
    expect(disk.world()).toMatchObject({ [PATH]: '644 8192' });
    expect((await readJournal(disk.reader, 0))[0]?.records.map(({ kind }) => kind)).toEqual(['started']);
    await recovering(disk);
    expect(disk.world()).toEqual(before);
  });

  test('a signal between two steps puts everything back', async () => {
    const disk = startDisk();
    const before = disk.world();
    let asked = 0;
    const interrupted = () => {
      asked += 1;
      return asked > 1 ? ('SIGINT' as const) : null;
    };
    const { value } = await ended(applying(disk, PLAN, { interrupted }));
    expect(value).toMatchObject({ kind: 'undone', signal: 'SIGINT', left: [] });
    expect(disk.world()).toEqual(before);
  });

  test('the old values are there in plain form before anything is written', async () => {
    const disk = startDisk();
    disk.set(DROP_IN, 'net.core.somaxconn = 128\n', 0o600);
    const old = { text: 'net.core.somaxconn = 128\n', mode: '0600', uid: 0, gid: 0 };
    const step = { ...file(DROP_IN, '', NEW), from: old } as (typeof PLAN.steps)[number];
    await applying(disk, planOf([live(SOMAXCONN, '128', '8192'), step]));
    const directory = '/var/lib/backlogctl/transactions/000001';
    const text = (path: string) => {
      const found = disk.reader.readText(`${directory}/${path}`);
      return found.ok ? found.value : null;
    };
    expect(text('before.conf')).toContain('\nnet.core.somaxconn = 128\n');
    expect(text(`before${DROP_IN}`)).toBe(old.text);
    const kept = disk.reader.lstat(`${directory}/before${DROP_IN}`);
    // As `cp -p` has to give it back.
    expect(kept.ok && kept.value.mode & 0o777).toBe(0o600);
    expect(text('README')).toContain('as root, in this directory:');
    expect(text('README')).toContain(`cp -p before${DROP_IN} ${DROP_IN}`);
  });
});

test('a copy keeps the mode that the file had, and an image says where its paths lead', async () => {
  const disk = startDisk();
  disk.set(DROP_IN, '', 0o644);
  await applying(disk, planOf([file(DROP_IN, '', NEW)]), { facts: { bootId: null } });
  const directory = '/var/lib/backlogctl/transactions/000001';
  const kept = disk.reader.lstat(`${directory}/before${DROP_IN}`);
  expect(kept.ok && kept.value.mode & 0o777).toBe(0o644);
  const readme = disk.reader.readText(`${directory}/README`);
  expect(readme.ok && readme.value).toContain('in a chroot of the image');
});

describe('rollback', () => {
  test('once the lock is lost nothing more is written; the next run goes on', async () => {
    const disk = startDisk();
    const before = disk.world();
    await applying(disk, PLAN);
    const isHeld = () => disk.world()[DROP_IN] !== undefined;
    const { value } = await ended(rollingBack(disk, { isHeld }));
    expect(value).toMatchObject([{ finished: false, left: [{ step: `live:${SOMAXCONN}`, why: 'failed' }] }]);
    expect(disk.world()).toMatchObject({ [PATH]: '644 8192' });
    await recovering(disk);
    expect(disk.world()).toEqual(before);
  });

  test('gives back the start, bytes and modes; a second one has nothing to do', async () => {
    const disk = startDisk();
    const before = disk.world();
    await applying(disk, PLAN);
    const { value } = await ended(rollingBack(disk));
    expect(value).toMatchObject([
      {
        id: '000001',
        finished: true,
        left: [],
        restored: [
          { step: { kind: 'file' }, to: null },
          { step: { kind: 'live' }, to: '128' },
        ],
      },
    ]);
    expect(disk.world()).toEqual(before);
    expect((await ended(rollingBack(disk))).value).toEqual([]);
  });

  test('takes back several, the newest first', async () => {
    const disk = startDisk();
    const before = disk.world();
    await applying(disk, PLAN);
    await applying(disk, planOf([live(SOMAXCONN, '8192', '9000'), file(DROP_IN, NEW, null)]));
    const { value } = await ended(rollingBack(disk, { all: true }));
    expect(value.map(({ id }) => id)).toEqual(['000002', '000001']);
    expect(disk.world()).toEqual(before);
  });

  test('leaves alone what somebody changed since, and names it; --force does not', async () => {
    const disk = startDisk();
    await applying(disk, PLAN);
    disk.set(PATH, '5000\n');
    disk.set(DROP_IN, 'theirs\n');
    const { value } = await ended(rollingBack(disk));
    expect(value[0]?.left.map(({ step, why }) => [step, why])).toEqual([
      [`file:${DROP_IN}`, 'foreign'],
      [`live:${SOMAXCONN}`, 'foreign'],
    ]);
    expect(disk.world()).toMatchObject({ [PATH]: '644 5000', [DROP_IN]: '644 theirs' });

    // What was left alone can still be put back.
    await rollingBack(disk, { force: true });
    expect(disk.world()).toEqual(startDisk().world());
    expect((await ended(rollingBack(disk, { force: true }))).value).toEqual([]);

    const forced = startDisk();
    const before = forced.world();
    await applying(forced, PLAN);
    forced.set(PATH, '5000\n');
    forced.set(DROP_IN, 'theirs\n');
    await rollingBack(forced, { force: true });
    expect(forced.world()).toEqual(before);
  });

  test.each<readonly [string, Parameters<typeof rollingBack>[1], string, readonly string[]]>([
    ['to what the files say', { targets: () => '4096' }, '4096', []],
    ['to the old value on the same kernel and memory', {}, '128', []],
    ['on another kernel only a boot can tell', { facts: { kernel: '6.19.0' } }, '8192', ['reboot']],
    ['with other memory only a boot can tell', { facts: { memoryBytes: 1 } }, '8192', ['reboot']],
    [
      'on another kernel the files still can',
      { facts: { kernel: '6.19.0' }, targets: () => '4096' },
      '4096',
      [],
    ],
  ])('in a later boot: %s', async (_name, options, expected, left) => {
    const disk = startDisk();
    await applying(disk, PLAN);
    const facts = { ...options?.facts, bootId: 'boot-2' };
    const { value } = await ended(rollingBack(disk, { ...options, facts }));
    expect(disk.world()[PATH]).toBe(`644 ${expected}`);
    expect(disk.world()[DROP_IN]).toBeUndefined();
    expect(value[0]?.left.map(({ why }) => why)).toEqual(left);
  });
});

describe('the journal', () => {
  const LOG = '/var/lib/backlogctl/transactions/000001/log.ndjson';

  async function applied() {
    const disk = startDisk();
    await applying(disk, PLAN);
    const log = disk.reader.readText(LOG);
    return { disk, log: log.ok ? log.value : '' };
  }

  test('a last line that was torn counts as absent, and what follows it is not lost', async () => {
    const { disk, log } = await applied();
    disk.set(LOG, log.slice(0, -10), 0o600);
    // Without its commit the transaction is unfinished, so the next run takes it back.
    const before = startDisk().world();
    await rollingBack(disk);
    expect(disk.world()).toEqual(before);
    const [transaction] = await readJournal(disk.reader, 0);
    expect(transaction?.state.kind).toBe('undone');
  });

  test('a damaged line further up is an error that names what can still be restored', async () => {
    const { disk, log } = await applied();
    disk.set(LOG, log.replace('started', 'startxd'), 0o600);
    await expect(readJournal(disk.reader, 0)).rejects.toMatchObject({
      status: 5,
      at: { file: LOG, line: 1 },
      message: expect.stringContaining('transaction 000001 is damaged: its checksum does not match; '),
    });
  });

  test.each([
    ['belongs to somebody else', 1000, 0o700],
    ['can be written by others', 0, 0o777],
  ])('a directory that %s is not trusted', async (_name, uid, mode) => {
    const { disk } = await applied();
    const reader: typeof disk.reader = {
      ...disk.reader,
      lstat: (path) => {
        const stat = disk.reader.lstat(path);
        return stat.ok && path === '/var/lib/backlogctl'
          ? { ok: true, value: { ...stat.value, uid, mode } }
          : stat;
      },
    };
    await expect(readJournal(reader, 0)).rejects.toMatchObject({ code: 'refused', status: 5 });
  });

  test('where there is none, costs one look', async () => {
    const { reader } = startDisk();
    const looked: string[] = [];
    const noting: typeof reader = {
      ...reader,
      lstat: (path) => {
        looked.push(path);
        return reader.lstat(path);
      },
      list: (path) => {
        looked.push(path);
        return reader.list(path);
      },
    };
    expect(await readJournal(noting, 0)).toEqual([]);
    expect(looked).toEqual(['/var/lib/backlogctl']);
  });

  test('says who, when and on which host', async () => {
    const { disk } = await applied();
    const [transaction] = await readJournal(disk.reader, 0);
    expect(transaction?.intent).toMatchObject({ ...FACTS, at: '2026-11-20T10:00:00Z', plan: PLAN });
  });
});
