import { describe, expect, it } from '@jest/globals';
import { readWaivers } from '../../src/pipeline/config.ts';
import { type MemoryTree, memoryHost } from '../tools/memory-host.ts';

const DIRECTORY = '/etc/backlogctl';
const FILE = `${DIRECTORY}/config.yaml`;
const TEXT = 'ignore:\n  - rule: syn-queue/cookies-off\n    reason: a proxy in front\n';

function waivers(tree: MemoryTree, uid = 0) {
  return readWaivers(memoryHost({ tree }).reader, { uid, pid: 1 });
}

describe('readWaivers', () => {
  it('has none without a configuration', async () => {
    expect(await waivers({})).toEqual({ waivers: [], unseen: [] });
  });

  it.each([
    ['that belongs to root', { uid: 0, mode: 0o644 }, 1000],
    ['that belongs to whoever runs us', { uid: 1000, mode: 0o600 }, 1000],
  ])('obeys a file %s', async (_whose, node, uid) => {
    const read = await waivers({ [FILE]: { text: TEXT, ...node } }, uid);
    expect(read).toEqual({
      waivers: [{ rule: 'syn-queue/cookies-off', subject: null, until: null, reason: 'a proxy in front' }],
      unseen: [],
    });
  });

  it.each<[string, MemoryTree, string]>([
    ['that its group may write', { [FILE]: { text: TEXT, mode: 0o664 } }, FILE],
    ['that anybody may write', { [FILE]: { text: TEXT, mode: 0o646 } }, FILE],
    ['that belongs to somebody else', { [FILE]: { text: TEXT, uid: 1001 } }, FILE],
    [
      'in a directory that anybody may write',
      { [FILE]: TEXT, [DIRECTORY]: { kind: 'directory', mode: 0o777 } },
      DIRECTORY,
    ],
    [
      'below a directory that anybody may write',
      { [FILE]: TEXT, '/etc': { kind: 'directory', mode: 0o777 } },
      '/etc',
    ],
    [
      "in somebody else's directory",
      { [FILE]: TEXT, [DIRECTORY]: { kind: 'directory', mode: 0o755, uid: 1001 } },
      DIRECTORY,
    ],
  ])('refuses a file %s', async (_what, tree, file) => {
    await expect(waivers(tree, 1000)).rejects.toMatchObject({ code: 'refused', status: 2, at: { file } });
  });

  it('goes on without one that only root may read, and says so', async () => {
    expect(await waivers({ [FILE]: { text: TEXT, denied: true } }, 1000)).toEqual({
      waivers: [],
      unseen: [{ what: `the waivers in ${FILE}`, why: 'not permitted (run as root)' }],
    });
  });

  it.each<[string, MemoryTree, string]>([
    ['that even root may not read', { [FILE]: { text: TEXT, denied: true } }, 'denied'],
    ['that is no file', { [FILE]: { kind: 'fifo' } }, 'not a regular file but a fifo'],
  ])('refuses one %s, with the reason', async (_what, tree, reason) => {
    await expect(waivers(tree)).rejects.toMatchObject({
      code: 'unreadable',
      at: { file: FILE },
      message: `the configuration cannot be read: ${reason}`,
    });
  });
});
