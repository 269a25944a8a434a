import { describe, expect, test } from '@jest/globals';
import { procSysInventory } from '../../src/collect/proc-sys.ts';
import type { HostReader } from '../../src/core/ports.ts';
import { type MemoryTree, memoryHost } from '../tools/memory-host.ts';

const TREE: MemoryTree = {
  '/proc/sys/net/core/somaxconn': '4096\n',
  '/proc/sys/net/ipv4/tcp_fastopen_key': { text: 'secret\n', mode: 0o600 },
  '/proc/sys/net/core/rmem_max': { text: '1\n', mode: 0o100444 },
  '/proc/sys/fs/binfmt_misc': { kind: 'directory', mode: 0o755 },
  '/proc/sys/fs/link': { link: '../net' },
  '/proc/sys/fs/pipe': { kind: 'fifo' },
};

/** Counts what a reader is asked. */
function counted(reader: HostReader) {
  const asked: string[] = [];
  const counting: HostReader = {
    ...reader,
    list: (path) => {
      asked.push(`list ${path}`);
      return reader.list(path);
    },
    lstat: (path) => {
      asked.push(`lstat ${path}`);
      return reader.lstat(path);
    },
  };
  return { reader: counting, asked };
}

function inventory() {
  const host = memoryHost({ tree: TREE });
  const { reader, asked } = counted(host.reader);
  const made = procSysInventory(reader);
  if (made === null) throw new TypeError('no inventory');
  return { made, asked, readPaths: host.readPaths };
}

describe('what stands below /proc/sys of a host', () => {
  test.each([
    ['net/core/somaxconn', { kind: 'file', mode: 0o644 }],
    ['net/core/rmem_max', { kind: 'file', mode: 0o444 }],
    ['net/ipv4/tcp_fastopen_key', { kind: 'file', mode: 0o600 }],
    ['fs/binfmt_misc', { kind: 'directory', mode: 0o755 }],
    ['', { kind: 'directory', mode: 0o755 }],
    ['fs/link', undefined],
    ['fs/pipe', undefined],
    ['net/core/no_such_key', undefined],
  ])('%j', (path, entry) => {
    expect(inventory().made.entry(path)).toEqual(entry);
  });

  test('is listed in byte order', () => {
    const { made } = inventory();
    expect(made.list('')).toEqual(['fs', 'net']);
    expect(made.list('net/core')).toEqual(['rmem_max', 'somaxconn']);
    expect(made.list('net/core/somaxconn')).toEqual([]);
    expect(made.list('nothing')).toEqual([]);
  });

  test('is looked at when it is asked for, once, and no value is read', () => {
    const { made, asked, readPaths } = inventory();
    expect(asked).toEqual(['list /proc/sys']);
    for (const _ of [1, 2]) {
      made.entry('net/core/somaxconn');
      made.entry('net/core/no_such_key');
      made.list('net/core');
    }
    expect(asked.slice(1)).toEqual([
      'lstat /proc/sys/net/core/somaxconn',
      'lstat /proc/sys/net/core/no_such_key',
      'list /proc/sys/net/core',
    ]);
    expect(readPaths).toEqual([]);
  });

  test.each<readonly [string, MemoryTree]>([
    ['there is no /proc', { '/etc/hostname': 'x\n' }],
    ['it is empty, as in an image', { '/proc/sys': { kind: 'directory' } }],
    ['nobody may list it', { '/proc/sys': { kind: 'directory', denied: true } }],
  ])('is nothing where %s', (_why, tree) => {
    expect(procSysInventory(memoryHost({ tree }).reader)).toBeNull();
  });
});
