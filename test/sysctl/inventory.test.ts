import { describe, expect, it } from '@jest/globals';
import { canonicalPath, type InventoryEntry, inventoryOf } from '../../src/sysctl/inventory.ts';

const VARIABLE: InventoryEntry = { kind: 'file', mode: 0o644 };
const DIRECTORY: InventoryEntry = { kind: 'directory', mode: 0o555 };

const INVENTORY = inventoryOf([
  ['net/core/somaxconn', VARIABLE],
  ['net/core/rmem_max', { kind: 'file', mode: 0o444 }],
  ['net/ipv4/conf/eth0.1/rp_filter', VARIABLE],
  ['fs/binfmt_misc', { kind: 'directory', mode: 0o755 }],
]);

describe('inventoryOf', () => {
  it.each<readonly [string, InventoryEntry | undefined]>([
    ['', DIRECTORY],
    ['net', DIRECTORY],
    ['net/core', DIRECTORY],
    ['net/core/somaxconn', VARIABLE],
    ['net/core/rmem_max', { kind: 'file', mode: 0o444 }],
    ['fs/binfmt_misc', { kind: 'directory', mode: 0o755 }],
    ['net/core/no_such_key', undefined],
    ['net.core.somaxconn', undefined],
  ])('at %j', (path, entry) => {
    expect(INVENTORY.entry(path)).toEqual(entry);
  });

  it('keeps the mode of a directory that is listed, before or behind what lies in it', () => {
    const listed = ['net', { kind: 'directory', mode: 0o700 }] as const;
    const inside = ['net/x', VARIABLE] as const;
    for (const entries of [
      [listed, inside],
      [inside, listed],
    ]) {
      expect(inventoryOf(entries).entry('net')).toEqual({ kind: 'directory', mode: 0o700 });
      expect(inventoryOf(entries).list('net')).toEqual(['x']);
    }
  });

  it('lists names once, in byte order', () => {
    expect(INVENTORY.list('')).toEqual(['fs', 'net']);
    expect(INVENTORY.list('net/core')).toEqual(['rmem_max', 'somaxconn']);
    expect(INVENTORY.list('net/core/somaxconn')).toEqual([]);
    expect(INVENTORY.list('nothing')).toEqual([]);
    const names = inventoryOf(['b', 'B', 'a-1', 'a', 'é', 'a'].map((name) => [name, VARIABLE] as const));
    expect(names.list('')).toEqual(['B', 'a', 'a-1', 'b', 'é']);
  });
});

describe('canonicalPath', () => {
  it.each([
    ['net/core/somaxconn', 'net/core/somaxconn'],
    ['net//core/./somaxconn', 'net/core/somaxconn'],
    ['/net/core/somaxconn', 'net/core/somaxconn'],
    ['net/ipv4/../core/somaxconn', 'net/core/somaxconn'],
    ['net/nothing/../core/somaxconn', null],
    ['net/core/somaxconn/', null],
    ['net/core/somaxconn/x', null],
    ['net/core/somaxconn/..', null],
    ['net/core/', 'net/core'],
    ['net/..', ''],
    ['', ''],
    ['../sys/net', null],
    ['net/../..', null],
    ['net/core/no_such_key', null],
  ])('%j leads to %j', (path, reached) => {
    expect(canonicalPath(path, INVENTORY)).toBe(reached);
  });
});
