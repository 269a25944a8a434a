import { describe, expect, test } from '@jest/globals';
import { keptText } from '../../src/apply/damage.ts';
import { examineJournal, readJournal } from '../../src/apply/journal.ts';
import { renderRecord } from '../../src/apply/records.ts';
import type { MemoryDisk } from '../tools/memory-disk.ts';
import { memoryDisk } from '../tools/memory-disk.ts';
import { applying, DROP_IN, file, live, planOf } from './host.ts';

const KEY = 'net.core.somaxconn';
const TRANSACTIONS = '/var/lib/backlogctl/transactions';
const SECOND = `${TRANSACTIONS}/000002`;
const COPY = `before${DROP_IN}`;

/** Three transactions, each of a value and the drop-in. */
async function threeTimes(): Promise<MemoryDisk> {
  const disk = memoryDisk(
    { '/etc/sysctl.d/50-site.conf': '', '/var/lib/x': '' },
    { 'net/core/somaxconn': '1' },
  );
  const texts = [null, '# 2\n', '# 3\n', '# 4\n'];
  for (const [index, to] of texts.slice(1).entries()) {
    const from = texts[index] ?? null;
    await applying(disk, planOf([live(KEY, `${index + 1}`, `${index + 2}`), file(DROP_IN, from, to)]));
  }
  return disk;
}

function textAt(disk: MemoryDisk, path: string): string {
  const text = disk.reader.readText(path);
  if (!text.ok) throw new Error(`no ${path}`);
  return text.value;
}

function edit(disk: MemoryDisk, name: string, change: (text: string) => string): void {
  disk.set(`${SECOND}/${name}`, change(textAt(disk, `${SECOND}/${name}`)), 0o600);
}

function removeAll(disk: MemoryDisk, id: string): void {
  const directory = `${TRANSACTIONS}/${id}`;
  for (const name of ['intent.json', 'log.ndjson', 'before.conf', 'README', 'SHA256SUMS', COPY, ''])
    disk.remove(name === '' ? directory : `${directory}/${name}`);
}

type Kind = 'damaged' | 'later' | 'missing';
type Row = readonly [what: string, damage: (disk: MemoryDisk) => void, kind: Kind, at: string, why: string];

const INTENT = `${SECOND}/intent.json`;
const LOG = `${SECOND}/log.ndjson`;

const ROWS: readonly Row[] = [
  [
    'a line of the log that is not the last',
    (disk) => edit(disk, 'log.ndjson', (text) => text.replace('started', 'startxd')),
    'damaged',
    `${LOG}:1`,
    'its checksum does not match',
  ],
  [
    'a record that a later version wrote',
    (disk) =>
      edit(disk, 'log.ndjson', (text) => {
        // @ts-expect-error: no version of ours knows it
        return text + renderRecord({ kind: 'merged', at: 'x' });
      }),
    'later',
    `${LOG}:4`,
    "a record of a later version: 'merged'",
  ],
  ['no log', (disk) => disk.remove(LOG), 'damaged', LOG, 'it cannot be read (absent)'],
  ['no intent', (disk) => disk.remove(INTENT), 'damaged', INTENT, 'it cannot be read (absent)'],
  [
    'an intent that was cut off',
    (disk) => edit(disk, 'intent.json', (text) => text.slice(0, 40)),
    'damaged',
    `${INTENT}:3:14`,
    'the JSON is cut off here',
  ],
  [
    'an intent without its plan',
    (disk) => edit(disk, 'intent.json', (text) => text.replace('"plan"', '"plam"')),
    'damaged',
    INTENT,
    'plan: missing, expected object (and 1 more like it)',
  ],
  [
    'a step of a kind that a later version has',
    (disk) => edit(disk, 'intent.json', (text) => text.replace('"kind": "live"', '"kind": "relisten"')),
    'later',
    INTENT,
    "a step of a later version: 'relisten'",
  ],
  [
    'a schema of a later version',
    (disk) => edit(disk, 'intent.json', (text) => text.replace('"schemaVersion": 0', '"schemaVersion": 1')),
    'later',
    INTENT,
    'its schema version 1 is later than 0, the last that this version reads',
  ],
  [
    'the intent of another',
    (disk) => edit(disk, 'intent.json', (text) => text.replace('"id": "000002"', '"id": "000001"')),
    'damaged',
    INTENT,
    'it is of transaction 000001',
  ],
  [
    'an old value that changed on the disk',
    (disk) => edit(disk, 'intent.json', (text) => text.replace('"from": "2"', '"from": "6"')),
    'damaged',
    INTENT,
    'it is not as it was written (its SHA-256 differs)',
  ],
  [
    'a directory that is gone',
    (disk) => removeAll(disk, '000002'),
    'missing',
    SECOND,
    'its directory is gone, and with it what stood there before',
  ],
];

function placeText({ file: path, line, column }: { file: string; line?: number; column?: number }): string {
  return [path, line, column].filter((part) => part !== undefined).join(':');
}

describe.each(ROWS)('%s', (_name, damage, kind, at, why) => {
  test('is told from what is sound', async () => {
    const disk = await threeTimes();
    damage(disk);
    const journal = await examineJournal(disk.reader, 0, 'against-manifest');
    expect(journal.transactions.map(({ intent }) => intent.id)).toEqual(['000001', '000003']);
    expect(
      journal.damaged.map((each) => [each.id, each.lastId, each.kind, placeText(each.at), each.why]),
    ).toEqual([['000002', '000002', kind, at, why]]);
  });
});

describe('the error', () => {
  async function errorAfter(damage: (disk: MemoryDisk) => void) {
    const disk = await threeTimes();
    damage(disk);
    const thrown: unknown = await readJournal(disk.reader, 0).then(
      () => null,
      (reason: unknown) => reason,
    );
    return thrown;
  }

  const PUT_ASIDE = `put it aside and go on: no rollback can take back then what was changed: mv ${SECOND} ${SECOND}.lost`;
  const NEWER = 'if what is newer is to go as well (000003), take it back first: backlogctl rollback --all; ';

  test('says what of it is whole, which others are sound, and what to type', async () => {
    const thrown = await errorAfter((disk) =>
      edit(disk, 'log.ndjson', (text) => text.replace('started', 'startxd')),
    );
    expect(thrown).toMatchObject({
      code: 'malformed-document',
      status: 5,
      at: { file: LOG, line: 1 },
      message: `transaction 000002 is damaged: its checksum does not match; before.conf and ${COPY} are whole; 000001 and 000003 are sound`,
      hint: `${NEWER}put back by hand what it changed: cat ${SECOND}/README; ${PUT_ASIDE}`,
    });
  });

  test('names a copy that is not as it was written, one that is gone, and says so where nothing is left', async () => {
    const altered = await errorAfter((disk) => {
      disk.remove(INTENT);
      edit(disk, 'before.conf', (text) => text.replace('= 2', '= 3'));
      disk.remove(`${SECOND}/${COPY}`);
    });
    expect(altered).toMatchObject({
      message: expect.stringContaining(
        `; before.conf is not as it was written; ${COPY} is gone; 000001 and 000003 are sound`,
      ),
      hint: `${NEWER}${PUT_ASIDE}`,
    });
    const empty = await errorAfter((disk) => {
      for (const name of ['intent.json', 'log.ndjson', 'before.conf', 'SHA256SUMS', COPY])
        disk.remove(`${SECOND}/${name}`);
    });
    expect(empty).toMatchObject({
      message: expect.stringContaining('; nothing of what stood there before is left; '),
    });
  });

  test('says that nothing tells whether the copies are whole, where their checksums are gone', async () => {
    const thrown = await errorAfter((disk) => {
      disk.remove(LOG);
      disk.remove(`${SECOND}/SHA256SUMS`);
    });
    expect(thrown).toMatchObject({
      message: expect.stringContaining(
        `before.conf and ${COPY} are there, and without SHA256SUMS nothing tells whether they are whole`,
      ),
    });
  });

  test('sends a journal of a later version to the version that wrote it', async () => {
    const thrown = await errorAfter((disk) =>
      edit(disk, 'intent.json', (text) => text.replace('"schemaVersion": 0', '"schemaVersion": 1')),
    );
    expect(thrown).toMatchObject({
      code: 'later-schema',
      message: expect.stringMatching(/^transaction 000002 cannot be read: its schema version 1 is later/),
      hint: expect.stringMatching(/^use the version of backlogctl that wrote it, or a later one; /),
    });
  });

  test('names those in a row that are missing at once, and the way on', async () => {
    const thrown = await errorAfter((disk) => {
      removeAll(disk, '000001');
      removeAll(disk, '000002');
    });
    expect(thrown).toMatchObject({
      at: undefined,
      message:
        'transactions 000001 to 000002 are missing: their directories are gone, and with them what stood there before; 000003 is sound',
      hint: `${NEWER}put them aside and go on: no rollback can take back then what was changed: mkdir ${TRANSACTIONS}/000001-000002.lost`,
    });
  });

  test('is about the newest of several, behind which the others are out of reach', async () => {
    const thrown = await errorAfter((disk) => {
      disk.remove(`${TRANSACTIONS}/000001/log.ndjson`);
      disk.remove(LOG);
    });
    expect(thrown).toMatchObject({
      message: expect.stringMatching(
        /^transaction 000002 is damaged: it cannot be read \(absent\); so is 1 older; .*; 000003 is sound$/,
      ),
    });
  });
});

test.each<[string, (disk: MemoryDisk) => void]>([
  [
    'a damaged one that was put aside by the command of the error',
    (disk) => {
      disk.remove(LOG);
      for (const name of ['intent.json', 'before.conf', 'README', 'SHA256SUMS', COPY]) {
        disk.set(`${SECOND}.lost/${name}`, textAt(disk, `${SECOND}/${name}`));
        disk.remove(`${SECOND}/${name}`);
      }
      disk.remove(SECOND);
    },
  ],
  [
    'a missing one that was given up',
    (disk) => {
      removeAll(disk, '000002');
      disk.set(`${SECOND}.lost/x`, '');
    },
  ],
])('%s is in nobody’s way, and its number is not given out again', async (_name, putAside) => {
  const disk = await threeTimes();
  putAside(disk);
  const journal = await examineJournal(disk.reader, 0, 'against-manifest');
  expect(journal).toMatchObject({ damaged: [], setAside: [{ first: 2, last: 2, how: 'lost' }] });
  const next = await applying(disk, planOf([live(KEY, '4', '5')]));
  expect(next).toMatchObject({ value: { kind: 'applied', id: '000004' } });
});

test('a file that grows since is no damage: the log is not in the checksums', async () => {
  const disk = await threeTimes();
  expect(textAt(disk, `${SECOND}/SHA256SUMS`)).not.toContain('log.ndjson');
  expect((await examineJournal(disk.reader, 0, 'against-manifest')).damaged).toEqual([]);
});

test('words for what is left follow how many it is', () => {
  expect(keptText([{ file: 'before.conf', condition: 'unchecked' }])).toBe(
    'before.conf is there, and without SHA256SUMS nothing tells whether it is whole',
  );
});
