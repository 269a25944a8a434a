import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { idsOf, labelOf } from '../../src/assess/listener-names.ts';
import type { Listener } from '../../src/snapshot/listener.ts';

function tcp(address: string, port: number, zone?: string): Listener {
  return { protocol: 'tcp', address, port, ...(zone === undefined ? {} : { zone }) };
}

function unix(path: string): Listener {
  return { protocol: 'unix', path };
}

test.each([
  [tcp('0.0.0.0', 80), '0.0.0.0:80'],
  [tcp('*', 443), '*:443'],
  [tcp('::', 80), '[::]:80'],
  [tcp('::1', 53), '[::1]:53'],
  [tcp('fe80::1', 53, 'eth0'), '[fe80::1%eth0]:53'],
  [tcp('127.0.0.53', 53, 'lo'), '127.0.0.53%lo:53'],
  [unix('/run/x.sock'), '/run/x.sock'],
  [unix('@forged\ntcp 0.0.0.0:22'), '@forged\ntcp 0.0.0.0:22'],
])('%j is written %s', (listener, label) => {
  expect(labelOf(listener)).toBe(label);
});

test('sockets of one address are numbered, in their order', () => {
  const listeners = [tcp('*', 443), tcp('*', 80), tcp('*', 443), tcp('*', 443), unix('/x'), tcp('::', 443)];
  expect(idsOf(listeners)).toEqual([
    'tcp:*:443',
    'tcp:*:80',
    'tcp:*:443#2',
    'tcp:*:443#3',
    'unix:/x',
    'tcp:[::]:443',
  ]);
});

test('a path that looks like a number of another one takes nothing from it', () => {
  expect(idsOf([unix('x#2'), unix('x'), unix('x'), unix('x')])).toEqual([
    'unix:x#2',
    'unix:x',
    'unix:x#3',
    'unix:x#4',
  ]);
});

test('ids are never equal', () => {
  const paths = fc.array(fc.constantFrom('x', 'x#2', 'x#2#2', 'x#3', ''), { maxLength: 30 });
  fc.assert(
    fc.property(paths, (names) => {
      const ids = idsOf(names.map(unix));
      expect(new Set(ids).size).toBe(names.length);
    }),
  );
});
