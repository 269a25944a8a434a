import { describe, expect, test } from '@jest/globals';
import { styleFor } from '../../src/report/style.ts';
import { renderApplied, renderRollback } from '../../src/report/text/change-text.ts';
import { diffLines } from '../../src/report/text/file-diff.ts';
import { file, live, planOf, takingOver } from '../apply/host.ts';

const OPTIONS = {
  columns: 400,
  color: false,
  undo: 'backlogctl rollback',
  confirm: 'backlogctl confirm',
  recover: 'backlogctl recover',
} as const;
const PLAN = planOf([live('net.core.somaxconn', '128', '8192')]);
const FORGED = 'it is \u001b[2J\n128 now';
const LEFT = [{ step: 'live:net.core.somaxconn', why: 'foreign', detail: FORGED }] as const;

describe('what a run says', () => {
  test('names the transaction that an earlier one left unfinished', () => {
    const recovered = [{ id: '000007', was: 'applying', left: [] }] as const;
    const text = renderApplied({ plan: PLAN, outcome: { kind: 'unchanged' }, recovered }, OPTIONS);
    expect(text).toContain('in the middle of transaction 000007');
    const rolledBack = renderRollback(
      { rolledBack: [], stopped: null, barrier: null, recovered: [{ ...recovered[0], was: 'rolling-back' }] },
      OPTIONS,
    );
    expect(rolledBack).toContain('rolling back transaction 000007');
  });

  test('holds no control character of the host', () => {
    const rolledBack = renderRollback(
      {
        rolledBack: [{ id: '000001', finished: true, restored: [], left: LEFT }],
        recovered: [],
        stopped: null,
        barrier: null,
      },
      OPTIONS,
    );
    const outcome = { kind: 'undone', id: '000001', why: FORGED, signal: null, left: LEFT } as const;
    const failed = renderApplied({ plan: PLAN, outcome, recovered: [] }, OPTIONS);
    for (const text of [rolledBack, failed]) {
      expect(text).toContain('net.core.somaxconn');
      expect(text).not.toContain('\u001b');
      expect(text).not.toContain('\n128 now');
    }
  });
});

test('what keeps it and what takes it back are each on one line, however long', () => {
  const place = `--root /${'tree/'.repeat(20)}`;
  const typed = {
    ...OPTIONS,
    columns: 80,
    undo: `backlogctl rollback ${place}`,
    confirm: `backlogctl confirm ${place}`,
  };
  const applied = { kind: 'applied', id: '000001', steps: PLAN.steps } as const;
  const waiting = { ...applied, kind: 'waiting', leftMs: 60_000 } as const;
  expect(renderApplied({ plan: PLAN, outcome: applied, recovered: [] }, typed)).toContain(
    `\nUndo it  ${typed.undo}\n`,
  );
  expect(renderApplied({ plan: PLAN, outcome: waiting, recovered: [] }, typed)).toContain(
    `\nKeep it     ${typed.confirm}\nUndo it now ${typed.undo}\n`,
  );
  const rolledBack = [{ id: '000001', finished: true, restored: [], left: LEFT }];
  expect(renderRollback({ rolledBack, stopped: null, barrier: null, recovered: [] }, typed)).toContain(
    `\nPut back nevertheless  ${typed.undo} --force\n`,
  );
});

test('a file that is shown as a difference holds no control character either', () => {
  const step = file('/etc/sysctl.d/90-backlogctl.conf', '# \u001b[2Jmine\n', '# ours\n');
  const lines = diffLines(step, styleFor(false)).join('\n');
  expect(lines).toContain('mine');
  expect(lines).not.toContain('\u001b');
});

describe('lines of other files', () => {
  const CONF = '/etc/sysctl.conf';
  const step = takingOver(
    CONF,
    '# theirs\nnet.core.somaxconn\t= 512\nnet/core/somaxconn=\u001b[2J\n',
    'net.core.somaxconn',
    2,
    3,
  );
  const plan = planOf([step]);
  const SAID = `${CONF}: line 2 commented out (net.core.somaxconn = 512), line 3 commented out (net/core/somaxconn=\\x1b[2J)`;

  test('are named before they are confirmed, each file with what becomes of it', () => {
    const steps = [live('net.core.somaxconn', '128', '8192'), file('/etc/sysctl.d/a.conf', null, ''), step];
    const outcome = { kind: 'waiting', id: '000001', steps, leftMs: 60_000 } as const;
    const text = renderApplied({ plan: planOf(steps), outcome, recovered: [] }, OPTIONS);
    expect(text.replace(/\s+/g, ' ')).toContain(
      `Once confirmed, they stay, and /etc/sysctl.d/a.conf is written, and ${CONF} gets line 2 commented out (net.core.somaxconn = 512), line 3`,
    );
    expect(text).not.toContain('\u001b');
  });

  test('are named by apply', () => {
    const outcome = { kind: 'applied', id: '000001', steps: plan.steps } as const;
    expect(renderApplied({ plan, outcome, recovered: [] }, OPTIONS)).toContain(SAID);
  });

  test('that are given back are, and those that stay commented out are not worth a word', () => {
    const [first, second] = step.takeover ?? [];
    if (first === undefined || second === undefined) throw new Error('none');
    const back = planOf([
      {
        ...step,
        takeover: [
          { ...first, change: 'keep' },
          { ...second, change: 'restore' },
        ],
      },
    ]);
    const outcome = { kind: 'applied', id: '000001', steps: back.steps } as const;
    const text = renderApplied({ plan: back, outcome, recovered: [] }, OPTIONS);
    expect(text).toContain(`${CONF}: line 3 given back (net/core`);
    expect(text).not.toContain('line 2');
  });

  test.each([
    [[], `${CONF} has its lines back, and keeps what somebody else changed in it since`],
    [
      [{ step: `file:${CONF}`, why: 'foreign', detail: 'line 2 was' }] as const,
      `${CONF} has its other lines back, and keeps what somebody else changed in it since`,
    ],
  ])('that alone are given back (%#)', (left, said) => {
    const restored = [{ step, to: null, linesOnly: true }] as const;
    const done = {
      rolledBack: [{ id: '000001', finished: true, restored, left }],
      recovered: [],
      stopped: null,
      barrier: null,
    };
    expect(renderRollback(done, OPTIONS)).toContain(said);
  });

  test('are shown as a difference whatever their bytes are', () => {
    const state = (base64: string) => ({ base64, mode: '0644', uid: 0, gid: 0 });
    const latin1 = (text: string) => state(Buffer.from(text, 'latin1').toString('base64'));
    const other = { ...step, from: latin1('# caf\xe9\na=1\n'), to: latin1('# caf\xe9\n# a=1\n') };
    expect(diffLines(other, styleFor(false))).toEqual([' # caf\xe9', '-a=1', '+# a=1']);
  });
});
