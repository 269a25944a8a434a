import { describe, expect, test } from '@jest/globals';
import type { FileStep } from '../../src/plan/plan.ts';
import { styleFor } from '../../src/report/style.ts';
import { renderApplied, renderRollback } from '../../src/report/text/change-text.ts';
import { diffLines } from '../../src/report/text/file-diff.ts';
import { file, live, planOf } from '../apply/host.ts';

const OPTIONS = { columns: 400, color: false, undo: 'backlogctl rollback' } as const;
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

test('a file that is shown as a difference holds no control character either', () => {
  const step = file('/etc/sysctl.d/90-backlogctl.conf', '# \u001b[2Jmine\n', '# ours\n') as FileStep;
  const lines = diffLines(step, styleFor(false)).join('\n');
  expect(lines).toContain('mine');
  expect(lines).not.toContain('\u001b');
});
