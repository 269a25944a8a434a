import { expect, test } from '@jest/globals';
import { compareInByteOrder, linkDestination } from '../../src/core/paths.ts';

test('names are in the order of their bytes', () => {
  expect(
    ['a.conf', 'a0.conf', 'a.b.conf', 'a-b.conf', 'A.conf', '9-a', '10-a'].sort(compareInByteOrder),
  ).toEqual(['10-a', '9-a', 'A.conf', 'a-b.conf', 'a.b.conf', 'a.conf', 'a0.conf']);
  // UTF-16 would order these the other way round.
  expect(compareInByteOrder('\u{1f600}', '\ufb01')).toBeGreaterThan(0);
});

test.each([
  ['/etc/sysctl.d/99-x.conf', '../sysctl.conf', '/etc/sysctl.conf'],
  ['/etc/sysctl.d/99-x.conf', './60-y.conf', '/etc/sysctl.d/60-y.conf'],
  ['/etc/sysctl.d/99-x.conf', '../../../../x', '/x'],
  ['/etc/sysctl.d/99-x.conf', '/opt//a/../b', '/opt/b'],
])('%s to %s leads to %s', (link, target, destination) => {
  expect(linkDestination(target, link)).toBe(destination);
});
