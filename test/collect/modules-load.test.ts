import { expect, test } from '@jest/globals';
import { readModulesLoad } from '../../src/collect/modules-load.ts';
import { type MemoryTree, memoryHost } from '../tools/memory-host.ts';

function namedIn(tree: MemoryTree) {
  return readModulesLoad(memoryHost({ tree }).reader).named.map(
    ({ module, file, line }) => `${module} ${file}:${line}`,
  );
}

test('each line of each file is a module, but for comments', () => {
  const text = '# why\n\n nf_conntrack hashsize=1\n; no\nbr-netfilter\n';
  expect(namedIn({ '/etc/modules-load.d/x.conf': text, '/etc/modules': 'tun\n' })).toEqual([
    'nf_conntrack /etc/modules-load.d/x.conf:3',
    'br_netfilter /etc/modules-load.d/x.conf:5',
    'tun /etc/modules:1',
  ]);
});

test('of files of one name the one in the first directory is read, and the others are hidden', () => {
  expect(
    namedIn({
      '/etc/modules-load.d/b.conf': { link: '/dev/null' },
      '/usr/lib/modules-load.d/b.conf': 'br_netfilter\n',
      '/run/modules-load.d/a.conf': 'a\n',
      '/usr/lib/modules-load.d/a.conf': 'b\n',
      '/usr/lib/modules-load.d/c.conf': 'c\n',
      '/dev/null': { kind: 'device' },
    }),
  ).toEqual(['a /run/modules-load.d/a.conf:1', 'c /usr/lib/modules-load.d/c.conf:1']);
});

test('what no loader reads names nothing', () => {
  expect(namedIn({ '/etc/modules-load.d/x': 'a\n', '/etc/modules-load.d/.y.conf': 'b\n' })).toEqual([]);
});

test('what is loaded is told by /proc/modules, and of an image by nothing', () => {
  const modules = 'nf_conntrack 200704 2 nf_nat, Live 0x0\nbridge 400000 0 - Live 0x0\n';
  expect(readModulesLoad(memoryHost({ tree: { '/proc/modules': modules } }).reader).loaded).toEqual([
    'nf_conntrack',
    'bridge',
  ]);
  expect(readModulesLoad(memoryHost().reader).loaded).toBeNull();
});
