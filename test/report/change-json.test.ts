import { describe, expect, test } from '@jest/globals';
import { readJournal, type Transaction } from '../../src/apply/journal.ts';
import { apply, type ConfirmWindow, rehearse } from '../../src/pipeline/apply.ts';
import { rollback } from '../../src/pipeline/rollback.ts';
import { type KeyStatus, status } from '../../src/pipeline/status.ts';
import type { Conflict, Manual, Plan, Skipped } from '../../src/plan/plan.ts';
import type { Receipt } from '../../src/report/change-document.ts';
import { receipt, rollbackDocument, statusDocument } from '../../src/report/change-json.ts';
import { historyDocument } from '../../src/report/history-json.ts';
import { renderApplied } from '../../src/report/text/change-text.ts';
import { DROP_IN, FACTS, file, live, planOf } from '../apply/host.ts';
import { changePorts, freshDisk, interruptedDisk, type PortOptions } from '../pipeline/change-ports.ts';
import { hostOf } from '../rules/host.ts';
import type { MemoryDisk } from '../tools/memory-disk.ts';
import { schemaFaults } from '../tools/published-schema.ts';
import { recordingReverter } from '../tools/reverter.ts';

const KEY = 'net.core.somaxconn';
const PATH = '/proc/sys/net/core/somaxconn';
const MANUAL: Manual = {
  kind: 'relisten',
  subject: 'nginx on *:80',
  instruction: 'restart nginx',
  command: 'systemctl restart nginx',
  unit: 'nginx.service',
  disruptive: true,
  after: true,
};
const PLAN: Plan = {
  ...planOf([live(KEY, '128', '8192'), file(DROP_IN, null, `${KEY} = 8192\n`)]),
  manual: [MANUAL, { ...MANUAL, command: 'kill -USR2 812', unit: null }, { ...MANUAL, kind: 'investigate' }],
};
const CONFLICT: Conflict = {
  kind: 'shadowed',
  netns: '1',
  key: 'net.ipv4.tcp_abort_on_overflow',
  message: 'would not last',
  at: { file: '/etc/sysctl.d/99-late.conf', line: 2 },
  ways: ['remove the line'],
  because: [],
};
const SKIPPED: Skipped = {
  netns: '1',
  key: 'net.ipv4.tcp_rmem',
  why: 'no-memory-for-it',
  message: 'there is no memory for it',
  because: [],
};
const LEAVING: Plan = {
  ...PLAN,
  conflicts: [CONFLICT, { ...CONFLICT, kind: 'no-loader', key: null, message: 'nothing reads it' }],
  skipped: [SKIPPED, { ...SKIPPED, why: 'condition', message: 'not for this host' }],
};

const LOOKING = {
  look: async () => hostOf({ kernel: FACTS.kernel, files: {} }),
  live: true,
  who: FACTS.who,
} as const;

type Run = PortOptions & {
  readonly plan?: Plan;
  readonly consent?: boolean | null;
  readonly onConflict?: 'fail' | 'skip';
  readonly window?: ConfirmWindow | null;
};

async function applied(
  disk: MemoryDisk,
  { plan = PLAN, consent = true, onConflict = 'fail', window = null, ...rest }: Run = {},
) {
  const request = {
    ...LOOKING,
    plan: async () => plan,
    consent: async () => consent,
    onConflict,
    why: 'a test',
    window,
  };
  const result = await apply(request, changePorts(disk, rest));
  return {
    ...receipt(result, false),
    text: renderApplied(result, {
      columns: 500,
      color: false,
      undo: 'backlogctl rollback',
      confirm: 'backlogctl confirm',
      recover: 'backlogctl recover',
    }),
  };
}

async function appliedTwice() {
  const disk = freshDisk();
  await applied(disk);
  return applied(disk);
}

/** The lock goes once the live value is written. */
function losingTheLock() {
  const disk = freshDisk();
  return applied(disk, { isHeld: () => disk.world()[PATH] === '644 128' });
}

const RECEIPTS: Readonly<Record<Receipt['outcome'], readonly [() => Promise<Receipt>, object]>> = {
  applied: [
    () => applied(freshDisk()),
    { changed: true, transaction: '000001', why: null, stale: [], left: [] },
  ],
  waiting: [
    () =>
      applied(freshDisk(), {
        window: { milliseconds: 300_000, check: null },
        reverter: recordingReverter(),
      }),
    { changed: true, transaction: '000001', secondsLeft: 300 },
  ],
  unchanged: [appliedTwice, { changed: false, transaction: null }],
  stale: [
    () => applied(freshDisk('4096')),
    { changed: false, stale: [{ step: `live:${KEY}`, planned: '128', found: '4096' }] },
  ],
  'no-journal': [
    () => applied(freshDisk(), { fault: { at: 4, what: 'ENOSPC' } }),
    {
      changed: false,
      why: expect.stringMatching(/^the old values could not be saved .*the disk is full \(ENOSPC\)\)$/),
    },
  ],
  'lock-lost': [() => applied(freshDisk(), { isHeld: () => false }), { changed: false }],
  undone: [
    losingTheLock,
    {
      changed: true,
      transaction: '000001',
      why: 'the lock was lost',
      left: [{ step: `live:${KEY}`, why: 'failed', detail: expect.any(String) }],
    },
  ],
  declined: [() => applied(freshDisk(), { consent: false }), { changed: false }],
  interrupted: [() => applied(freshDisk(), { consent: null }), { changed: false, transaction: null }],
  conflict: [() => applied(freshDisk(), { plan: LEAVING }), { changed: false }],
  planned: [
    async () => receipt(rehearse(PLAN, 'fail', [], { reader: freshDisk().reader }), true),
    { changed: false, dryRun: true },
  ],
};

describe('the receipt', () => {
  test.each(Object.entries(RECEIPTS))('%s fits the published schema', async (outcome, [run, expected]) => {
    const { text: _, ...document } = { text: '', ...(await run()) };
    expect(document).toMatchObject({ outcome, ...expected });
    expect(schemaFaults('receipt', document)).toEqual([]);
  });

  test('of a run that failed says that nothing is changed where everything was put back', async () => {
    const said = new Set<boolean>();
    for (let at = 4; at < 60; at += 1) {
      const { outcome, changed, left } = await applied(freshDisk(), { fault: { at, what: 'EIO' } });
      if (outcome !== 'undone' || left.length > 0) continue;
      said.add(changed);
    }
    expect([...said]).toEqual([false]);
  });

  test('says what became of an earlier run', async () => {
    const { text: _, ...document } = await applied(await interruptedDisk(PLAN));
    expect(document).toMatchObject({
      outcome: 'applied',
      transaction: '000002',
      recovered: [{ id: '000001', was: 'applying', left: [] }],
    });
    expect(schemaFaults('receipt', document)).toEqual([]);
  });

  test('names in restart who has to call listen() again, and how', async () => {
    const { restart } = await applied(freshDisk());
    expect(restart).toMatchObject([
      { unit: 'nginx.service', action: 'restart' },
      { unit: null, action: null, command: 'kill -USR2 812' },
    ]);
  });

  const SHADOWED = { key: CONFLICT.key, why: 'shadowed', message: 'would not last' };
  const NO_LOADER = { key: null, why: 'no-loader', message: 'nothing reads it' };
  const NO_MEMORY = { key: SKIPPED.key, why: 'no-memory-for-it', message: 'there is no memory for it' };

  test('names in leftOut what was asked for and is not done, as the text does', async () => {
    const { text, ...document } = await applied(freshDisk(), { plan: LEAVING, onConflict: 'skip' });
    expect(document).toMatchObject({ outcome: 'applied', leftOut: [SHADOWED, NO_LOADER, NO_MEMORY] });
    expect(schemaFaults('receipt', document)).toEqual([]);
    expect(text).toContain(
      'Not done\n  - would not last\n  - nothing reads it\n  - there is no memory for it\n',
    );
  });

  test('a conflict that is the outcome is not left out besides', async () => {
    expect((await applied(freshDisk(), { plan: LEAVING })).leftOut).toEqual([NO_MEMORY]);
  });
});

describe('the JSON of a rollback', () => {
  async function rolledBack(disk: MemoryDisk) {
    const request = { ...LOOKING, howFar: { kind: 'newest' }, force: false } as const;
    const document = rollbackDocument(await rollback(request, changePorts(disk)));
    expect(schemaFaults('rollback', document)).toEqual([]);
    return document;
  }

  test('says what was put back', async () => {
    const disk = freshDisk();
    await applied(disk);
    expect(await rolledBack(disk)).toMatchObject({
      changed: true,
      transactions: [
        {
          id: '000001',
          finished: true,
          restored: [
            { step: `file:${DROP_IN}`, to: null },
            { step: `live:${KEY}`, to: '128' },
          ],
          left: [],
        },
      ],
    });
  });

  test('says what was left alone', async () => {
    const disk = freshDisk();
    await applied(disk);
    disk.set(PATH, '99\n');
    const [transaction] = (await rolledBack(disk)).transactions;
    expect(transaction?.left).toMatchObject([{ step: `live:${KEY}`, why: 'foreign' }]);
  });

  test('says that there was nothing, and what became of an earlier run', async () => {
    expect(await rolledBack(freshDisk())).toMatchObject({ changed: false, transactions: [], recovered: [] });
    expect(await rolledBack(await interruptedDisk(PLAN))).toMatchObject({ recovered: [{ id: '000001' }] });
  });
});

const NOTHING = { transactions: [], unfinished: [], waiting: null, damaged: [], setAside: [] };

describe('the JSON of the history', () => {
  const AT = '2026-11-20T10:00:00Z';
  const LEFT = [{ step: `live:${KEY}`, why: 'reboot', detail: 'only a boot can tell' }] as const;
  const STATES: {
    readonly [Kind in Transaction['state']['kind']]: Extract<Transaction['state'], { kind: Kind }>;
  } = {
    begun: { kind: 'begun' },
    waiting: { kind: 'waiting', deadline: { bootId: 'boot-1', bootTimeMs: 1000 } },
    confirming: { kind: 'confirming' },
    committed: { kind: 'committed', at: AT },
    undoing: { kind: 'undoing' },
    undone: { kind: 'undone', at: AT, left: LEFT },
    'rolling-back': { kind: 'rolling-back', force: true },
    'rolled-back': { kind: 'rolled-back', at: AT, left: [] },
  };

  test('fits the published schema in every state', async () => {
    const disk = freshDisk();
    await applied(disk);
    const [transaction] = await readJournal(disk.reader, 0);
    if (transaction === undefined) throw new Error('no transaction');
    const states = Object.values(STATES);
    const document = historyDocument({
      ...NOTHING,
      transactions: states.map((state) => ({ ...transaction, state })),
    });
    expect(schemaFaults('history', document)).toEqual([]);
    expect(document.transactions.map(({ state }) => state)).toEqual(Object.keys(STATES));
    expect(document.transactions[5]).toMatchObject({ id: '000001', why: 'a test', endedAt: AT, left: LEFT });
  });

  test('of a host that nobody changed', () => {
    expect(schemaFaults('history', historyDocument(NOTHING))).toEqual([]);
  });
});

describe('the JSON of the status', () => {
  const VERDICTS: Readonly<Record<KeyStatus['verdict'], true>> = {
    'in-step': true,
    'set-at-boot': true,
    'set-when-added': true,
    'until-boot': true,
    'drifted-live': true,
    'changes-at-boot': true,
    shadowed: true,
    'unknown-to-kernel': true,
    'before-module': true,
    unknown: true,
  };
  const BOOT_FROM = { file: DROP_IN, line: 2 };

  test('fits the published schema with every verdict', () => {
    const key = { key: KEY, live: '8192', boot: '8192', bootFrom: BOOT_FROM, why: 'because' };
    // The keys of the record are these and no others.
    const WAYS = [
      { instruction: 'a way', command: null },
      { instruction: 'another', command: 'true' },
    ];
    const verdicts = Object.keys(VERDICTS) as KeyStatus['verdict'][];
    const document = statusDocument({
      keys: verdicts.map((verdict) => ({ ...key, verdict, planned: '8192', ways: WAYS })),
      unfinished: [{ id: '000002', was: 'applying', begunAt: 'x', values: 3, files: 1, leftAlone: 0 }],
      waiting: { id: '000003', leftMs: 90_500 },
      journalSeen: true,
      liveSeen: true,
      othersDiffer: ['net.core.rmem_max'],
      others: verdicts.map((verdict) => ({ ...key, verdict })),
    });
    expect(schemaFaults('status', document)).toEqual([]);
    expect(document.keys[0]?.ways).toEqual(['a way', 'another: true']);
  });

  test('fits it where little could be read', () => {
    const ours = {
      dropIn: { path: DROP_IN, state: { text: `${KEY} = 8192\n`, mode: '0644', uid: 0, gid: 0 } },
      written: new Map(),
    };
    const document = statusDocument(
      status({
        snapshot: hostOf({}),
        ours,
        transactions: null,
        now: { bootId: null, bootTimeMs: null },
        unfinished: [],
        all: true,
        apply: 'backlogctl apply',
      }),
    );
    expect(document).toMatchObject({
      journalSeen: false,
      keys: [{ key: KEY, live: null, verdict: 'unknown' }],
    });
    expect(schemaFaults('status', document)).toEqual([]);
  });
});

test.each(['receipt', 'rollback', 'history', 'status', 'error'])(
  'the schema of %s does not take anything',
  (name) => {
    expect(schemaFaults(name, { kind: name, schemaVersion: 0 })).not.toEqual([]);
  },
);
