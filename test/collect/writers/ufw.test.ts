import { expect, test } from '@jest/globals';
import type { MemoryTree } from '../../tools/memory-host.ts';
import { enabled, factsOf } from './writers.ts';

const CONFIGURED: MemoryTree = { '/etc/ufw/ufw.conf': 'ENABLED=yes\n', '/etc/default/ufw': 'IPV6=yes\n' };
const INSTALLED: MemoryTree = { ...CONFIGURED, '/usr/lib/ufw/ufw-init': '#!/bin/sh\n' };
const UNIT: MemoryTree = { ...INSTALLED, '/usr/lib/systemd/system/ufw.service': '[Unit]\n' };

test.each<readonly [string, MemoryTree, boolean | undefined]>([
  ['was never there', {}, undefined],
  ['is gone, and left its configuration', CONFIGURED, false],
  ['has no unit, but a script of init', INSTALLED, true],
  ['has a unit that nobody enabled', UNIT, false],
  ['has a unit that is enabled', { ...UNIT, ...enabled('ufw.service') }, true],
  [
    'has a unit that is masked',
    { ...UNIT, ...enabled('ufw.service'), '/etc/systemd/system/ufw.service': { link: '/dev/null' } },
    false,
  ],
  [
    'has a unit that an empty file masks until the next boot',
    { ...UNIT, ...enabled('ufw.service'), '/run/systemd/system/ufw.service': '' },
    true,
  ],
  [
    'lacks a file without which it ends at once',
    { '/usr/lib/ufw/ufw-init': '', '/etc/ufw/ufw.conf': '' },
    false,
  ],
])('ufw %s', (_what, tree, starts) => {
  expect(factsOf(tree).ufwStarts).toBe(starts);
});

test('the version of the sysctl(8) that it runs is looked up where it is turned on', () => {
  const packaged = { ...INSTALLED, '/var/lib/dpkg/status': 'Package: procps\nVersion: 2:3.3.17-1\n\n' };
  expect(factsOf(packaged).procpsVersion).toBe('3.3.17');
  const script = { '/etc/rc.local': { text: 'sysctl --system\n', mode: 0o755 } };
  expect(factsOf({ ...packaged, ...script, '/etc/ufw/ufw.conf': '' }).procpsVersion).toBe('3.3.17');
  expect(factsOf({ ...packaged, '/etc/ufw/ufw.conf': 'ENABLED=no\n' })).toMatchObject({ ufwStarts: true });
  expect(factsOf({ ...packaged, '/etc/ufw/ufw.conf': 'ENABLED=no\n' }).procpsVersion).toBeUndefined();
});
