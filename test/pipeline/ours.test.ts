import { describe, expect, test } from '@jest/globals';
import { rememberedDropIn } from '../../src/apply/baseline.ts';
import type { Transaction } from '../../src/apply/journal.ts';
import { oursInSnapshot, oursOf } from '../../src/pipeline/ours.ts';
import type { Step } from '../../src/plan/plan.ts';
import { DROP_IN_MARK } from '../../src/sysctl/own-drop-in.ts';
import { DROP_IN, FACTS, file, live, planOf } from '../apply/host.ts';
import { hostOf } from '../rules/host.ts';
import { memoryHost } from '../tools/memory-host.ts';

const RENAMED = '/etc/sysctl.d/99-zz.conf';
const OURS = `${DROP_IN_MARK}\n\nnet.core.somaxconn = 8192\n`;
const THEIRS = 'net.core.somaxconn = 1\n';

type Files = Readonly<Record<string, string>>;
type State = Transaction['state'];

const COMMITTED: State = { kind: 'committed', at: '2026-11-20T10:00:00Z' };
const TAKEN_BACK: State = { kind: 'rolled-back', at: '2026-11-20T10:00:00Z', left: [] };

function journal(
  ...past: readonly (readonly [steps: readonly Step[], state?: State])[]
): readonly Transaction[] {
  return past.map(([steps, state = COMMITTED], index) => ({
    intent: {
      kind: 'transaction',
      schemaVersion: 0,
      id: String(index + 1).padStart(6, '0'),
      at: '2026-11-20T10:00:00Z',
      why: null,
      ...FACTS,
      plan: planOf(steps),
    },
    state,
    torn: false,
    records: [],
  }));
}

const MADE = [file(DROP_IN, null, OURS)];
const MOVED = [file(RENAMED, null, OURS), file(DROP_IN, OURS, null)];
const REMOVED = [file(RENAMED, OURS, null)];
const LIVE_ONLY = [live('net.core.somaxconn', '128', '8192')];

describe('the name that the journal remembers', () => {
  test.each<readonly [string, ReturnType<typeof journal>, string | null]>([
    ['none', [], null],
    ['is that of the drop-in that was made', journal([MADE]), DROP_IN],
    ['is the new one once it was moved', journal([MADE], [MOVED]), RENAMED],
    ['is the old one again once the move is taken back', journal([MADE], [MOVED, TAKEN_BACK]), DROP_IN],
    ['stays while a later run sets live values alone', journal([MADE], [MOVED], [LIVE_ONLY]), RENAMED],
    ['stays when nothing was left to set', journal([MADE], [MOVED], [REMOVED]), RENAMED],
    ['is none of another file', journal([[file('/etc/sysctl.d/50-site.conf', THEIRS, null)]]), null],
  ])('%s', (_what, transactions, expected) => {
    expect(rememberedDropIn(transactions)).toBe(expected);
  });
});

function lookAt(files: Files, transactions: readonly Transaction[], fileName: string | null) {
  const { reader } = memoryHost({ tree: files });
  const { dropIn } = oursOf(reader, { snapshot: hostOf({ files }), transactions, fileName }, FACTS);
  return { path: dropIn.path, text: dropIn.state?.text ?? null, movedFrom: dropIn.movedFrom?.path ?? null };
}

describe('where the drop-in stands', () => {
  test.each<readonly [string, Files, ReturnType<typeof journal>, string]>([
    ['at first, under the usual name', {}, [], DROP_IN],
    ['where the journal says', { [RENAMED]: OURS }, journal([MADE], [MOVED]), RENAMED],
    ['where the journal says, though it is gone', {}, journal([MADE], [MOVED]), RENAMED],
    ['without a journal, where the file itself says it', { [RENAMED]: OURS }, [], RENAMED],
    [
      'where the journal says, whoever copied it',
      { [RENAMED]: OURS, '/etc/sysctl.d/a.conf': OURS },
      journal([MOVED]),
      RENAMED,
    ],
    [
      'where somebody moved it to by hand',
      { '/etc/sysctl.d/a.conf': OURS },
      journal([MOVED]),
      '/etc/sysctl.d/a.conf',
    ],
    [
      'without a journal, under the usual name before a copy',
      { [DROP_IN]: OURS, [RENAMED]: OURS },
      [],
      DROP_IN,
    ],
    [
      'without a journal, under the name that is read last of several',
      { [RENAMED]: OURS, '/etc/sysctl.d/a.conf': OURS },
      [],
      '/etc/sysctl.d/a.conf',
    ],
    ['not in another directory', { '/usr/lib/sysctl.d/a.conf': OURS }, [], DROP_IN],
    ['not in a backup that no loader reads', { '/etc/sysctl.d/a.conf.bak': OURS }, [], DROP_IN],
  ])('%s', (_what, files, transactions, expected) => {
    const { path, movedFrom } = lookAt(files, transactions, null);
    expect([path, movedFrom]).toEqual([expected, null]);
  });

  test('and a snapshot tells it alike', () => {
    expect(oursInSnapshot(hostOf({ files: { [RENAMED]: OURS } })).dropIn).toMatchObject({
      path: RENAMED,
      state: { text: OURS },
    });
    expect(oursInSnapshot(hostOf({ files: { [RENAMED]: OURS } }), 'a.conf').dropIn).toMatchObject({
      path: '/etc/sysctl.d/a.conf',
      state: null,
      movedFrom: { path: RENAMED },
    });
  });
});

describe('a name that is asked for', () => {
  test('moves what stands', () => {
    expect(lookAt({ [DROP_IN]: OURS }, journal([MADE]), '99-zz.conf')).toEqual({
      path: RENAMED,
      text: null,
      movedFrom: DROP_IN,
    });
  });
  test('and is the one that stands already', () => {
    expect(lookAt({ [RENAMED]: OURS }, journal([MOVED]), '99-zz.conf')).toEqual({
      path: RENAMED,
      text: OURS,
      movedFrom: null,
    });
  });
  test('replaces a copy of ours', () => {
    expect(lookAt({ [DROP_IN]: OURS, [RENAMED]: OURS }, journal([MADE]), '99-zz.conf')).toEqual({
      path: RENAMED,
      text: OURS,
      movedFrom: DROP_IN,
    });
  });
  test.each<readonly [string, Files, string, RegExp]>([
    ["somebody else's file", { [RENAMED]: THEIRS }, RENAMED, /not written by backlogctl/],
    [
      'a name by which ours would hide another file',
      { '/usr/lib/sysctl.d/99-zz.conf': THEIRS },
      '/usr/lib/sysctl.d/99-zz.conf',
      /would no longer be read: of files called 99-zz\.conf only/,
    ],
  ])('is not %s', (_what, files, at, message) => {
    expect(() => lookAt({ [DROP_IN]: OURS, ...files }, journal([MADE]), '99-zz.conf')).toThrow(
      expect.objectContaining({ status: 5, at: { file: at }, message: expect.stringMatching(message) }),
    );
  });
});
