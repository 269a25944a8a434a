import { expect, test } from '@jest/globals';
import { assess } from '../../src/assess/assess.ts';
import { hostWith, tcp } from '../report/snapshots.ts';

function limitAfterListen(fields: Parameters<typeof tcp>[1]): number | null {
  const [listener] = assess(hostWith([tcp(80, fields)])).namespaces[0]?.listeners ?? [];
  return listener?.afterListen()?.limit.low ?? null;
}

test.each([
  ['the backlog where it is the smaller number', { backlog: { ok: true, value: 511, from: 'config' } }, 511],
  [
    'somaxconn where the program asks for more',
    { backlog: { ok: true, value: 65535, from: 'config' } },
    4096,
  ],
  [
    'somaxconn for a program that leaves it to somaxconn',
    { backlog: { ok: true, value: -1, from: 'config' } },
    4096,
  ],
  ['not known without the backlog', { server: 'x', backlog: { ok: false, why: 'denied' } }, null],
] as const)('another listen() would store %s', (_, fields, limit) => {
  expect(limitAfterListen({ limit: 128, ...fields })).toBe(limit);
});
