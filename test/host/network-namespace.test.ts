import { expect, test } from '@jest/globals';
import {
  isWitnessOf,
  namespaceOf,
  openNamespace,
  witnessOf,
  writerInside,
} from '../../src/host/network-namespace.ts';
import { memoryDisk } from '../tools/memory-disk.ts';

function own() {
  const namespace = openNamespace(String(process.pid));
  if (typeof namespace === 'string') throw new Error(namespace);
  return namespace;
}

test('by a process a namespace is opened, and later told by it', () => {
  const namespace = own();
  expect(namespace.inode).toBe(namespaceOf('self'));
  const { processes } = witnessOf(namespace);
  expect(isWitnessOf({ madeNs: '0', processes }, namespace)).toBe(true);
});

test('without a process of then, and another time of its making, it is another one', () => {
  const [{ pid, start }] = [{ pid: String(process.pid), start: '1' }];
  expect(isWitnessOf({ madeNs: '0', processes: [{ pid, start }] }, own())).toBe(false);
  expect(isWitnessOf({ madeNs: '0', processes: [] }, own())).toBe(false);
});

test('as long as it is open, the time of its making is the same', () => {
  const namespace = own();
  const { madeNs } = witnessOf(namespace);
  expect(isWitnessOf({ madeNs, processes: [] }, namespace)).toBe(true);
});

test('live values are written in that namespace only', async () => {
  const path = '/proc/sys/net/core/somaxconn';
  const disk = memoryDisk({}, { 'net/core/somaxconn': '128' });
  const elsewhere = writerInside(disk.writer(), '1');
  expect(await elsewhere.writeSysctl(path, '9')).toEqual({ ok: false, call: 'write', path, errno: 'EXDEV' });
  const here = writerInside(disk.writer(), String(namespaceOf('self')));
  expect(await here.writeSysctl(path, '9')).toMatchObject({ ok: true });
  expect(disk.reader.readText(path)).toMatchObject({ value: expect.stringMatching(/^9\s*$/) });
});
