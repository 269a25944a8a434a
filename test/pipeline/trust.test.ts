import { describe, expect, test } from '@jest/globals';
import { inputError } from '../../src/core/errors.ts';
import { unreadableText } from '../../src/core/fact.ts';
import type { HostReader } from '../../src/core/ports.ts';
import { readJudged, readTrusted, type Unreadable } from '../../src/pipeline/trust.ts';
import { type MemoryTree, memoryHost } from '../tools/memory-host.ts';

const US = 1000;
const STRANGER = 1001;
const MOST_BYTES = 1024;
const unreadable: Unreadable = (file, why) => inputError('unreadable', { file }, unreadableText(why));

function readerOf(tree: MemoryTree): HostReader {
  return memoryHost({ tree }).reader;
}

function read(path: string, reader: HostReader): string {
  return readTrusted(reader, path, US, MOST_BYTES, unreadable);
}

const FILE = { '/srv/plan': 'ours' };
const STICKY = { kind: 'directory', mode: 0o1777 } as const;

describe('a file that is to be obeyed is read', () => {
  test.each<[string, string, MemoryTree]>([
    ["that is root's", '/srv/plan', FILE],
    ['that is our own', '/srv/plan', { '/srv/plan': { text: 'ours', uid: US } }],
    ["through a link of root's", '/link', { ...FILE, '/link': { link: 'srv/plan' } }],
    ['through a link of our own', '/link', { ...FILE, '/link': { link: '/srv/plan', uid: US } }],
    ["below a link of root's", '/link/../srv/plan', { ...FILE, '/link': { link: '/srv' } }],
    ['in a directory in which nobody can replace it', '/tmp/plan', { '/tmp': STICKY, '/tmp/plan': 'ours' }],
    ['that root gave two names', '/srv/plan', { '/srv/plan': { text: 'ours', names: 2 } }],
  ])('%s', (_what, path, tree) => {
    expect(read(path, readerOf(tree))).toBe('ours');
  });
});

describe('a file that is to be obeyed is refused', () => {
  const link = { link: '/srv/plan', uid: STRANGER } as const;
  test.each<[what: string, path: string, tree: MemoryTree, at: string, message: string]>([
    [
      'through a link of another',
      '/tmp/l',
      { ...FILE, '/tmp': STICKY, '/tmp/l': link },
      '/tmp/l',
      'a link of',
    ],
    [
      'below a link of another',
      '/tmp/l/plan',
      { ...FILE, '/tmp': STICKY, '/tmp/l': { link: '/srv', uid: STRANGER } },
      '/tmp/l',
      'a link of',
    ],
    [
      "through a link of root's that leads over one of another",
      '/link',
      { ...FILE, '/tmp': STICKY, '/tmp/l': link, '/link': { link: '/tmp/l' } },
      '/tmp/l',
      'a link of',
    ],
    [
      'through a link into a directory of another',
      '/link',
      {
        '/home': { kind: 'directory', uid: STRANGER },
        '/home/plan': 'ours',
        '/link': { link: '/home/plan' },
      },
      '/home',
      'belong to root',
    ],
    [
      'in a sticky directory of another',
      '/tmp/plan',
      { '/tmp': { ...STICKY, uid: STRANGER }, '/tmp/plan': 'ours' },
      '/tmp',
      'belong to root',
    ],
    [
      'under a name that another may have given it',
      '/tmp/plan',
      { '/tmp': STICKY, '/tmp/plan': { text: 'ours', names: 2 } },
      '/tmp/plan',
      'a hard link',
    ],
  ])('%s', (_what, path, tree, at, message) => {
    expect(() => read(path, readerOf(tree))).toThrow(
      expect.objectContaining({ status: 2, at: { file: at }, message: expect.stringContaining(message) }),
    );
    const judged = readJudged(readerOf(tree), path, US, MOST_BYTES);
    expect(judged).toMatchObject({ ok: true, text: 'ours', mistrust: { at: { file: at } } });
  });

  test.each<[string, MemoryTree, object]>([
    ['is not there', {}, { at: { file: '/plan' }, message: 'there is no such file' }],
    [
      'is a dangling link',
      { '/plan': { link: 'gone' } },
      { at: { file: '/gone' }, message: 'there is no such file' },
    ],
    ['is a loop of links', { '/plan': { link: 'plan' } }, { message: 'a loop of links' }],
    ['is a FIFO', { '/plan': { kind: 'fifo' } }, { message: 'not a regular file but a fifo' }],
    ['is too large', { '/plan': 'x'.repeat(MOST_BYTES + 1) }, { message: 'larger than 1024 bytes' }],
  ])('because it %s', (_what, tree, expected) => {
    expect(() => read('/plan', readerOf(tree))).toThrow(
      expect.objectContaining({ code: 'unreadable', status: 2, ...expected }),
    );
  });

  test('because the directory above it is not there, by the name that was given', () => {
    expect(() => read('/no/such/plan', readerOf({}))).toThrow(
      expect.objectContaining({ at: { file: '/no/such/plan' }, message: 'there is no such file' }),
    );
  });

  test('because another file than the one that was opened has its name by now', () => {
    const reader = readerOf(FILE);
    const other = readerOf({ '/a': '', '/b': '', '/srv/plan': 'theirs' });
    const swapping: HostReader = { ...reader, readOpened: other.readOpened };
    expect(() => read('/srv/plan', swapping)).toThrow('its links lead elsewhere than they say');
  });
});
