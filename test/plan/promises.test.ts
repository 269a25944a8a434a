import { describe, expect, test } from '@jest/globals';
import { oursOf } from '../../src/pipeline/ours.ts';
import { parsePlan } from '../../src/plan/read.ts';
import { hostOf } from '../rules/host.ts';
import { memoryHost } from '../tools/memory-host.ts';
import { carriedOut, DROP_IN, liveChanges, planFor, profile, untouched } from './planned.ts';

const SOMAXCONN = 'net.core.somaxconn';
const FACTS = {
  machineId: null,
  bootId: 'boot-1',
  netns: '1',
  initStart: null,
  kernel: '6.18.0',
  memoryBytes: null,
};

test('what is asked for another network namespace is not written here', () => {
  const host = untouched(hostOf({ sysctls: { [SOMAXCONN]: 128 }, files: {} }));
  const elsewhere = profile('p', [SOMAXCONN, 'exactly', 8192]).map((each) => ({
    ...each,
    netns: '4026539999',
  }));
  expect(planFor(host, elsewhere).steps).toEqual([]);
});

describe('before anything is written it is said', () => {
  test('what cannot be taken back', () => {
    const host = untouched(hostOf({ sysctls: { 'net.ipv4.ip_forward': 0 }, files: {} }));
    const { warnings } = planFor(host, profile('router', ['net.ipv4.ip_forward', 'exactly', 1]));
    expect(warnings).toContainEqual({
      key: 'net.ipv4.ip_forward',
      message: expect.stringContaining('cannot be taken back as a whole'),
    });
  });

  test('what only the next boot takes back', () => {
    const unknown = hostOf({ kernel: 'x', sysctls: { [SOMAXCONN]: 128 }, files: {} });
    const done = carriedOut(
      untouched(unknown),
      planFor(untouched(unknown), profile('p', [SOMAXCONN, 'exactly', 8192])),
    );
    const later = new Map(
      [...done.ours.written].map(([key, each]) => [
        key,
        { ...each, sameBoot: false, sameKernelAndMemory: false },
      ]),
    );
    const made = planFor({ ...done, ours: { ...done.ours, written: later } }, []);
    expect(liveChanges(made)).toEqual({});
    expect(made.warnings).toMatchObject([
      { key: SOMAXCONN, message: expect.stringContaining('until the next boot') },
    ]);
  });
});

test('a later line that takes the key back is a conflict with file and line', () => {
  const host = untouched(
    hostOf({
      sysctls: { [SOMAXCONN]: 128 },
      files: { '/etc/sysctl.d/95-not.conf': `# no\n-${SOMAXCONN}\n` },
    }),
  );
  const { conflicts } = planFor(host, profile('p', [SOMAXCONN, 'exactly', 8192]));
  expect(conflicts).toMatchObject([
    { kind: 'shadowed', key: SOMAXCONN, at: { file: '/etc/sysctl.d/95-not.conf', line: 2 } },
  ]);
});

test.each([
  '/etc/passwd',
  '/etc/sysctl.d',
  '/etc/sysctl.d/../passwd.conf',
  '/etc/sysctl.d/sub/x.conf',
  '/etc/sysctl.d/x.conf.bak',
  '/usr/lib/sysctl.d/x.conf',
])('a saved plan that would write %s is refused', (path) => {
  const host = untouched(hostOf({ sysctls: { [SOMAXCONN]: 128 }, files: {} }));
  const plan = JSON.stringify(planFor(host, profile('p', [SOMAXCONN, 'exactly', 8192])));
  const edited = plan.replace(`"path":"${DROP_IN}"`, `"path":"${path}"`);
  expect(edited).not.toBe(plan);
  expect(() => parsePlan(edited, 'plan.json')).toThrow('a plan writes files of /etc/sysctl.d only');
});

test.each([{ link: '/dev/null' }, { kind: 'directory' }, { kind: 'fifo' }] as const)(
  'what stands in the place of the drop-in and is no file of ours is not replaced: %j',
  (node) => {
    const { reader } = memoryHost({ tree: { [DROP_IN]: node, '/dev/null': '' } });
    expect(() =>
      oursOf(reader, { snapshot: hostOf({ files: {} }), transactions: [], fileName: null }, FACTS),
    ).toThrow(expect.objectContaining({ status: 5, at: { file: DROP_IN } }));
  },
);
