import { describe, expect, test } from '@jest/globals';
import { assess } from '../../src/assess/assess.ts';
import { plainText } from '../../src/core/text.ts';
import { requirementsOf } from '../../src/profile/requirements.ts';
import type { Workload } from '../../src/snapshot/workload.ts';
import { hostOf, NETNS } from '../rules/host.ts';
import { REASON, resolvedOf } from './profiles.ts';

type HostFacts = Parameters<typeof hostOf>[0];

function required(
  lines: readonly string[],
  facts: HostFacts = {},
  workload: Workload | null = null,
  trusted = false,
) {
  return requirementsOf(resolvedOf(lines, trusted), assess(hostOf(facts)), workload);
}

/** `value`, or `kind: why` of what was not applied. */
function outcome(line: string, facts: HostFacts = {}, workload: Workload | null = null): string {
  const { requirements, notApplied } = required([line], facts, workload);
  const [first] = requirements;
  return first?.value ?? notApplied.map(({ kind, why }) => `${kind}: ${why}`).join();
}

test('a requirement says for whom, why, and where that stands', () => {
  const { requirements, protections, notApplied } = required([
    'net.core.somaxconn: {at-least: 8192, because: bursts, source: man 2 listen}',
  ]);
  expect(requirements).toEqual([
    {
      key: 'net.core.somaxconn',
      netns: NETNS,
      relation: 'at-least',
      value: '8192',
      because: [{ kind: 'plain', text: 'bursts' }],
      by: { kind: 'profile', name: 'mine', at: { file: 'mine.yaml', line: 6 }, source: 'man 2 listen' },
      unchecked: false,
    },
  ]);
  expect([protections, notApplied]).toEqual([[], []]);
});

test('what was not applied says the profile, the setting and why', () => {
  const { notApplied } = required([`net.ipv4.tcp_migrate_req: {at-least: 1, ${REASON}}`], {
    kernel: '5.8.1',
  });
  expect(notApplied).toEqual([
    expect.objectContaining({
      key: 'net.ipv4.tcp_migrate_req',
      netns: NETNS,
      profile: 'mine',
      kind: 'unsupported',
      why: 'this kernel has no such key',
    }),
  ]);
});

test('every setting of a list whose conditions hold is required', () => {
  const lines = [
    'net.core.somaxconn:',
    `  - {at-least: 1, ${REASON}, when: {kernel: ">=5.4"}}`,
    `  - {at-least: 2, ${REASON}, when: {memory: ">=4GiB"}}`,
    `  - {at-least: 3, ${REASON}, when: {memory: "<4GiB"}}`,
  ];
  const { requirements, notApplied } = required(lines);
  expect(requirements.map(({ value }) => value)).toEqual(['1', '2']);
  expect(notApplied.map(({ kind, why }) => [kind, why])).toEqual([['condition', 'only with memory <4GiB']]);
});

describe('what this kernel takes', () => {
  test.each([
    [
      'net.core.somaxconn: {at-least: 70000',
      '4.0.5',
      'unsupported: this kernel takes 0 to 65535 connections, not 70000',
    ],
    ['net.core.somaxconn: {at-least: 70000', '4.1.0', '70000'],
    [
      'net.core.somaxconn: {at-least: 70000',
      '3.10.0-1160.el7.x86_64',
      'unsupported: this kernel takes 0 to 65535 connections or 0 to 2147483647 connections, which its version leaves open, not 70000',
    ],
    [
      'net.core.somaxconn: {exactly: 70000',
      '3.16.0',
      'unsupported: this kernel takes 0 to 65535 connections, not 70000',
    ],
    ['net.ipv4.tcp_tw_recycle: {at-most: 0', '4.12.0', 'unsupported: this kernel has no such key'],
    ['net.ipv4.tcp_tw_recycle: {at-most: 0', '3.10.0-1160.el7.x86_64', '0'],
  ])('%s} on %s: %s', (setting, kernel, expected) => {
    expect(outcome(`${setting}, ${REASON}}`, { kernel })).toBe(expected);
  });
});

describe('auto', () => {
  const LISTEN = `net.core.somaxconn: {at-least: auto, because: none is cut, source: s}`;

  test('somaxconn is the largest backlog that a listener asks for', () => {
    const listeners = [
      { process: 'redis-server', server: 'redis', port: 6379, requested: 511 },
      { process: 'nginx', server: 'nginx', port: 80, requested: 2048 },
      { process: 'a', port: 81, requested: 4294967295 },
      { process: 'b', port: 82 },
    ];
    const { requirements } = required([LISTEN], { listeners });
    expect(requirements.map(({ value, because }) => [value, plainText(because)])).toEqual([
      ['2048', 'none is cut: the largest backlog that a listener asks for, nginx on 0.0.0.0:80'],
    ]);
  });

  test.each<[string, HostFacts]>([
    ['no listener', {}],
    ['only one that follows somaxconn', { listeners: [{ requested: -1 }] }],
    ['only one that says nothing', { listeners: [{ process: 'x' }] }],
  ])('%s: nothing to go by', (_, facts) => {
    expect(outcome(LISTEN, facts)).toBe('no-facts: no listener asks for a backlog that is known');
  });

  const RMEM = `net.ipv4.tcp_rmem: {at-least: auto, ${REASON}}`;

  test.each<[Workload | null, string]>([
    [{ bandwidthBitsPerSecond: 1e9, roundTripMilliseconds: 50 }, 'keep keep 12500992'],
    [{ bandwidthBitsPerSecond: 1e3, roundTripMilliseconds: 1 }, 'keep keep 4096'],
    [{ bandwidthBitsPerSecond: 1e9 }, 'no-facts: the round-trip time of the path is not known (--rtt)'],
    [{ roundTripMilliseconds: 9 }, 'no-facts: the bandwidth of the path is not known (--bandwidth)'],
    [null, 'no-facts: the bandwidth and the round-trip time of the path are not known (--bandwidth, --rtt)'],
  ])('a buffer is twice the BDP of %j', (workload, expected) => {
    expect(outcome(RMEM, {}, workload)).toBe(expected);
  });

  test('and no more than the memory bears', () => {
    const workload = { bandwidthBitsPerSecond: 1e11, roundTripMilliseconds: 500 };
    expect(outcome(RMEM, { memoryMib: 1024 }, workload)).toBe('keep keep 8388608');
  });
});

describe('what nobody checks', () => {
  test('is passed on as it stands', () => {
    const lines = [`vm.stat_interval: {at-least: 262144, ${REASON}, unchecked: true}`];
    expect(required(lines, {}, null, true).requirements).toEqual([
      expect.objectContaining({ key: 'vm.stat_interval', value: '262144', unchecked: true }),
    ]);
  });
});

test('a name is required as it stands', () => {
  expect(outcome(`net.ipv4.tcp_congestion_control: {exactly: bbr, ${REASON}}`)).toBe('bbr');
  const ports = 'net.ipv4.ip_local_reserved_ports';
  expect(outcome(`${ports}: {exactly: [8080, 9000-9010], ${REASON}}`)).toBe('8080,9000-9010');
  expect(outcome(`${ports}: {exactly: 443, ${REASON}}`)).toBe('443');
});
