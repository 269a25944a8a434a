import { describe, expect, test } from '@jest/globals';
import { unreadKeysOfOurs, writtenBy } from '../../src/apply/baseline.ts';
import type { Transaction } from '../../src/apply/journal.ts';
import type { TransactionState } from '../../src/apply/records.ts';
import type { Step } from '../../src/plan/plan.ts';
import { WITHDRAWN } from '../../src/plan/reasons.ts';
import { DROP_IN, FACTS, file, live, planOf } from './host.ts';

const KEY = 'net.core.somaxconn';
const COMMITTED: TransactionState = { kind: 'committed', at: '2026-11-20T10:00:00Z' };

type Past = {
  readonly steps?: readonly Step[];
  readonly kept?: string;
  readonly of?: string;
  readonly state?: TransactionState;
};

function transactions(...each: readonly Past[]): readonly Transaction[] {
  return each.map(({ steps = [], kept, of = KEY, state = COMMITTED }, index) => ({
    intent: {
      kind: 'transaction',
      schemaVersion: 0,
      id: String(index + 1).padStart(6, '0'),
      at: '2026-11-20T10:00:00Z',
      why: null,
      ...FACTS,
      plan: { ...planOf(steps), kept: kept === undefined ? [] : [{ netns: '1', key: of, value: kept }] },
    },
    state,
    torn: false,
    records: [],
  }));
}

const set = (from: string, to: string) => ({ steps: [live(KEY, from, to)] });
const withdraw = (from: string, to: string) => ({
  steps: [{ ...live(KEY, from, to), because: [WITHDRAWN] }],
});
const written = (...each: readonly Past[]) => writtenBy(transactions(...each), FACTS).get(KEY) ?? null;

describe('what we wrote', () => {
  test('goes back to what stood there before the first of several writes', () => {
    expect(written(set('128', '4096'), set('4096', '8192'))).toMatchObject({
      baseline: '128',
      value: '8192',
    });
  });

  test('begins anew after somebody else wrote in between', () => {
    expect(written(set('128', '4096'), set('9000', '8192'))).toMatchObject({
      baseline: '9000',
      value: '8192',
    });
  });

  const OTHER_BOOT = { ...FACTS, bootId: 'boot-2', netns: '4026531992' };
  const ELSEWHERE = { ...FACTS, netns: '4026532299' };
  const RESTARTED = { ...ELSEWHERE, initStart: 9_000 };
  const kept = { steps: [live(KEY, '128', '8192'), file(DROP_IN, null, `${KEY} = 8192\n`)] };

  test.each([
    ['in a later boot, whatever the number of its network namespace', OTHER_BOOT, kept, { sameBoot: false }],
    ['in a container that was started again, where a file sets it', RESTARTED, kept, { sameBoot: false }],
    ['where it was set', FACTS, kept, { sameBoot: true }],
  ])('is ours %s', (_, facts, past, expected) => {
    expect(writtenBy(transactions(past), facts).get(KEY)).toMatchObject({ baseline: '128', ...expected });
  });

  test('is nobody of ours once its network namespace has ended, and no container was started again', () => {
    expect(writtenBy(transactions(kept), ELSEWHERE).get(KEY)).toBeUndefined();
  });

  test('is nobody of ours once it was taken back: the value from then on is the one without us', () => {
    expect(written(set('128', '4096'), withdraw('4096', '128'))).toBeNull();
    expect(written(withdraw('30', '60'))).toBeNull();
  });

  test('counts from a value that was in order when the line was written', () => {
    expect(written({ kept: '4096' })).toMatchObject({ baseline: '4096', value: '4096' });
  });

  test('does not count what was rolled back, undone or left in the middle', () => {
    const at = '2026-11-20T11:00:00Z';
    for (const state of [
      { kind: 'rolled-back', at, left: [] },
      { kind: 'undone', at, left: [] },
      { kind: 'begun' },
    ] as const) {
      expect(written({ ...set('128', '4096'), state })).toBeNull();
    }
  });

  test('says whether it was in this boot, and on the same kernel with the same memory', () => {
    const [transaction] = transactions(set('128', '4096'));
    if (transaction === undefined) throw new Error('no transaction');
    const seen = writtenBy([transaction], { ...FACTS, bootId: 'boot-2', kernel: '6.19.0' });
    expect(seen.get(KEY)).toMatchObject({ sameBoot: false, sameKernelAndMemory: false });
  });
});

test('what no audit reads has to be asked for once we wrote it, or kept it as it was', () => {
  const keys = unreadKeysOfOurs(
    transactions(
      {
        steps: [
          live(KEY, '128', '4096'),
          live('net.ipv4.tcp_frto', '2', '0'),
          live('kernel.pid_max', '1', '2'),
        ],
      },
      { kept: '64', of: 'net.ipv4.ip_default_ttl' },
      { steps: [live('net.ipv4.tcp_frto', '0', '1')] },
      {
        steps: [live('net.ipv4.tcp_stdurg', '0', '1')],
        state: { kind: 'undone', at: COMMITTED.at, left: [] },
      },
    ),
  );
  expect(keys).toEqual(['net.ipv4.tcp_frto', 'kernel.pid_max', 'net.ipv4.ip_default_ttl']);
});
