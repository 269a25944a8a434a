import { describe, expect, test } from '@jest/globals';
import { writtenBy } from '../../src/apply/baseline.ts';
import type { Transaction } from '../../src/apply/journal.ts';
import { type KeyStatus, status } from '../../src/pipeline/status.ts';
import type { Step } from '../../src/plan/plan.ts';
import { renderStatus } from '../../src/report/text/status-text.ts';
import { DROP_IN, FACTS, file, live, planOf } from '../apply/host.ts';
import { hostOf } from '../rules/host.ts';

const KEY = 'net.core.somaxconn';
const LINE = `# why\n${KEY} = 8192\n`;

type Past = {
  readonly now: number;
  /** The sysctl files as they stand. */
  readonly files?: Readonly<Record<string, string>>;
  /** null: the journal cannot be read. */
  readonly steps: readonly Step[] | null;
  readonly state?: Transaction['state'];
  readonly bootId?: string;
};

function found({ now, files = {}, steps, state, bootId = 'boot-1' }: Past) {
  const transaction = (each: readonly Step[]): Transaction => ({
    intent: {
      kind: 'transaction',
      schemaVersion: 0,
      id: '000001',
      at: '2026-11-20T10:00:00Z',
      why: null,
      ...FACTS,
      plan: planOf(each),
    },
    state: state ?? { kind: 'committed', at: '2026-11-20T10:00:00Z' },
    torn: false,
    records: [],
  });
  const transactions = steps === null ? null : [transaction(steps)];
  const text = files[DROP_IN];
  const ours = {
    dropIn: { path: DROP_IN, state: text === undefined ? null : { text, mode: '0644', uid: 0, gid: 0 } },
    written: writtenBy(transactions ?? [], { ...FACTS, bootId }),
  };
  return status(hostOf({ sysctls: { [KEY]: now }, files }), ours, transactions);
}

const LIVE = live(KEY, '4096', '8192');
const FILE = file(DROP_IN, null, LINE);

describe('status', () => {
  test.each<readonly [string, Past, Partial<KeyStatus> | null]>([
    [
      'as it was set',
      { now: 8192, files: { [DROP_IN]: LINE }, steps: [LIVE, FILE] },
      { verdict: 'in-step', boot: '8192', bootFrom: { file: DROP_IN, line: 2 } },
    ],
    [
      'set for this boot only',
      { now: 8192, steps: [LIVE] },
      { verdict: 'until-boot', boot: '4096', bootFrom: null },
    ],
    ['set for this boot only, and the boot is over', { now: 4096, steps: [LIVE], bootId: 'boot-2' }, null],
    [
      'set to what the kernel sets by itself, so that no line is needed',
      { now: 4096, steps: [live(KEY, '128', '4096')] },
      { verdict: 'in-step', boot: '4096', bootFrom: null },
    ],
    [
      'the live value was changed',
      { now: 1000, files: { [DROP_IN]: LINE }, steps: [LIVE, FILE] },
      { verdict: 'drifted-live', planned: '8192', live: '1000' },
    ],
    [
      'the line was edited: what we set stands in the journal',
      { now: 8192, files: { [DROP_IN]: `${KEY} = 12000\n` }, steps: [LIVE, FILE] },
      { verdict: 'changes-at-boot', planned: '8192', boot: '12000', bootFrom: { file: DROP_IN, line: 1 } },
    ],
    [
      'the drop-in was removed',
      { now: 8192, steps: [LIVE, FILE] },
      { verdict: 'changes-at-boot', boot: '4096', bootFrom: null },
    ],
    [
      'another file wins',
      {
        now: 8192,
        files: { [DROP_IN]: LINE, '/etc/sysctl.d/99-x.conf': `${KEY} = 1\n` },
        steps: [LIVE, FILE],
      },
      { verdict: 'changes-at-boot', boot: '1', bootFrom: { file: '/etc/sysctl.d/99-x.conf', line: 1 } },
    ],
    [
      'without the journal the drop-in alone tells',
      { now: 1000, files: { [DROP_IN]: LINE }, steps: null },
      { verdict: 'drifted-live', planned: '8192' },
    ],
  ])('%s', (_name, past, expected) => {
    const { keys } = found(past);
    expect(keys).toMatchObject(expected === null ? [] : [{ key: KEY, ...expected }]);
  });

  test.each<readonly [string, Past, RegExp]>([
    ['nothing', { now: 4096, steps: [] }, /^backlogctl has set nothing on this host\.\n$/],
    [
      'not seen',
      { now: 4096, steps: null },
      /^No drop-in of backlogctl stands here\.\nThe journal is for root/,
    ],
    [
      'in the middle',
      { now: 8192, steps: [LIVE], state: { kind: 'begun' } },
      /^Transaction 000001 was left in the middle: [^\n]*\n$/,
    ],
    [
      'drift says what to type',
      { now: 1000, files: { [DROP_IN]: LINE }, steps: [LIVE, FILE] },
      /should be 8192 and is 1000 now\nSet it again {2}backlogctl apply with the same profiles\nTake it back {2}backlogctl rollback\n$/,
    ],
    [
      'until the next boot',
      { now: 8192, steps: [LIVE] },
      /is 8192, until the next boot: it was written to no file/,
    ],
  ])('in words: %s', (_name, past, expected) => {
    expect(renderStatus(found(past), { columns: 120, color: false })).toMatch(expected);
  });
});
