import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { configFiles } from '../../../src/collect/backlog/config-files.ts';
import { wildcardMatch } from '../../../src/collect/backlog/glob.ts';
import { type MemoryTree, memoryHost } from '../../tools/memory-host.ts';

describe('wildcardMatch', () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['*.conf', 'a.conf', true],
    ['*.conf', 'a.conf.bak', false],
    ['*', '.hidden', false],
    ['.*', '.hidden', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['[a-c]1', 'b1', true],
    ['[a-c]1', 'd1', false],
    ['[!a]1', 'b1', true],
    ['[^a]1', 'a1', false],
    ['[]]', ']', true],
    ['[a', '[a', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['*a*b', 'xaxxb', true],
    ['', '', true],
  ];
  test.each(rows)('%j against %j: %j', (pattern, name, expected) => {
    expect(wildcardMatch(pattern, name)).toBe(expected);
  });

  test('a name matches itself escaped, and * with anything around it', () =>
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        const escaped = name.replace(/[*?[\]\\]/g, '\\$&');
        return wildcardMatch(escaped, name) && (name.startsWith('.') || wildcardMatch(`*${escaped}*`, name));
      }),
    ));

  test('stars without end are answered', () => {
    expect(wildcardMatch(`${'*a'.repeat(200)}b`, 'a'.repeat(2000))).toBe(false);
  });
});

describe('expand', () => {
  const tree: MemoryTree = {
    '/etc/a/two.conf': '',
    '/etc/a/one.conf': '',
    '/etc/b/three.conf': '',
    '/etc/b/readme': '',
    '/etc/closed': { kind: 'directory', denied: true },
  };
  const expand = (pattern: string) => configFiles(memoryHost({ tree }).reader).expand(pattern);

  test.each([
    ['/etc/a/*.conf', ['/etc/a/one.conf', '/etc/a/two.conf']],
    ['/etc/[ab]/t*', ['/etc/a/two.conf', '/etc/b/three.conf']],
    ['/etc/none/*', []],
    ['/etc/none', ['/etc/none']],
  ])('%s', (pattern, paths) => {
    expect(expand(pattern)).toEqual({ ok: true, value: paths });
  });

  test('a directory that may not be listed is said', () => {
    expect(expand('/etc/closed/*')).toMatchObject({ ok: false, why: 'denied' });
  });

  test('what one run reads is bounded', () => {
    const { reader, readPaths } = memoryHost({ tree });
    const files = configFiles(reader, { files: 1, bytes: 100, bytesPerFile: 100, directories: 1 });
    expect(files.text('/etc/a/one.conf').ok).toBe(true);
    expect(files.text('/etc/a/one.conf').ok).toBe(true);
    expect(files.text('/etc/a/two.conf')).toMatchObject({ ok: false, why: 'not-collected' });
    expect(readPaths).toEqual(['/etc/a/one.conf']);
    expect(files.list('/etc/a').ok).toBe(true);
    expect(files.list('/etc/b')).toMatchObject({ ok: false, why: 'not-collected' });
  });
});
