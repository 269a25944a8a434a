import { describe, expect, test } from '@jest/globals';
import { obstacleOf } from '../../src/pipeline/obstacle.ts';
import { type MemoryHostOptions, memoryHost } from '../tools/memory-host.ts';

const ROOT = '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,discard';

function obstacle(mounts: readonly string[], tree: MemoryHostOptions['tree'] = {}) {
  const { reader } = memoryHost({ tree: { ...tree, '/proc/self/mountinfo': `${mounts.join('\n')}\n` } });
  return obstacleOf(reader);
}

describe('what keeps a drop-in from being kept', () => {
  test.each<readonly [string, readonly string[], string | null]>([
    ['a root that can be written', [ROOT], null],
    ['a root mounted read-only', ['22 1 8:1 / / ro,relatime - ext4 /dev/sda1 rw'], '/'],
    ['a file system that is read-only as a whole', ['22 1 8:1 / / rw - squashfs /dev/loop0 ro'], '/'],
    ['/etc read-only on a root that is not', [ROOT, '40 22 8:1 /etc /etc ro - ext4 /dev/sda1 rw'], '/etc'],
    [
      '/etc writable on a root that is not',
      ['22 1 8:1 / / ro - ext4 /dev/sda1 ro', '40 22 0:9 / /etc rw - overlay overlay rw'],
      null,
    ],
    ['a place beside it', [ROOT, '40 22 8:1 / /etc/sysctl.dx ro - ext4 /dev/sda1 ro'], null],
    [
      'the last of two mounts at one place',
      [ROOT, '40 22 8:1 / /etc ro - ext4 /dev/sda1 rw', '41 40 0:9 / /etc rw - tmpfs tmpfs rw'],
      null,
    ],
    ['lines that are none', ['nonsense', ''], null],
  ])('%s', (_name, mounts, point) => {
    const found = obstacle(mounts);
    expect(found?.message ?? null).toEqual(
      point === null ? null : expect.stringContaining(`(mounted at ${point})`),
    );
  });

  test.each([
    ['/etc/NIXOS', 'boot.kernel.sysctl'],
    ['/run/current-system/profile', 'sysctl-service-type'],
  ])('a system that makes /etc anew, told by %s', (sign, where) => {
    expect(obstacle([ROOT], { [sign]: '' })?.ways[0]).toContain(where);
  });
});
