import { expect, test } from '@jest/globals';
import { compare, predictPoint } from '../../src/lab/compare.ts';
import type { LabPoint, Measurement } from '../../src/lab/protocol.ts';
import { kernelTraitsOf } from '../../src/model/kernel-traits.ts';
import { LOAD_COUNTERS } from '../../src/model/load.ts';

const POINT: LabPoint = {
  backlog: 8,
  somaxconn: 4096,
  maxSynBacklog: 1024,
  syncookies: 1,
  abortOnOverflow: 0,
  load: { kind: 'syn', connections: 12, prefilled: 0 },
};

const NONE = Object.fromEntries(LOAD_COUNTERS.map((name) => [name, 0])) as Measurement['counters'];

const MEASURED: Measurement = {
  limit: 8,
  acceptQueue: 0,
  synRecv: 9,
  synAcks: 12,
  resets: 0,
  socketDrops: 0,
  counters: { ...NONE, TCPReqQFullDoCookies: 3, SyncookiesSent: 3 },
};

function compared(release: string, measured: Partial<Measurement> = {}) {
  const prediction = predictPoint(POINT, kernelTraitsOf(release, null));
  if (prediction === null) throw new Error('not predicted');
  const result = compare(POINT, prediction, { ...MEASURED, ...measured });
  const differing = result.compared.filter(({ agrees }) => !agrees).map(({ name }) => name);
  return { exact: result.exact, differing, names: result.compared.map(({ name }) => name) };
}

test('what agrees in every number is exact', () => {
  expect(compared('6.18.44')).toMatchObject({ exact: true, differing: [] });
  expect(compared('6.18.44').names).toEqual([
    'limit',
    'acceptQueue',
    'synRecv',
    'synAcks',
    'resets',
    'socketDrops',
    ...LOAD_COUNTERS,
  ]);
});

test('one number that differs is named', () => {
  expect(compared('6.18.44', { synRecv: 8 })).toMatchObject({ exact: false, differing: ['synRecv'] });
  expect(compared('6.18.44', { counters: { ...MEASURED.counters, ListenDrops: 1 } })).toMatchObject({
    exact: false,
    differing: ['ListenDrops'],
  });
});

test('another kernel is another prediction, and an open one takes both', () => {
  expect(compared('5.10.223')).toMatchObject({
    differing: ['synRecv', 'TCPReqQFullDoCookies', 'SyncookiesSent'],
  });
  expect(compared('6.1.0-40-amd64').exact).toBe(true);
  const counters = { ...MEASURED.counters, TCPReqQFullDoCookies: 4, SyncookiesSent: 4 };
  expect(compared('6.1.0-40-amd64', { synRecv: 8, counters })).toMatchObject({ exact: true });
  // Each number for itself may be, and not both together.
  expect(compared('6.1.0-40-amd64', { synRecv: 8 })).toMatchObject({ exact: false, differing: [] });
  expect(compared('6.1.0-40-amd64', { synRecv: 7 }).differing).toEqual(['synRecv']);
});

test('loads on old kernels are not predicted', () => {
  expect(predictPoint(POINT, kernelTraitsOf('4.3.6', null))).toBeNull();
});
