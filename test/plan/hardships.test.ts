import { expect, test } from '@jest/globals';
import { parsePlan } from '../../src/plan/read.ts';
import { hostOf } from '../rules/host.ts';
import { carriedOut, dropInLines, liveChanges, planFor, profile, untouched } from './planned.ts';

const SOMAXCONN = 'net.core.somaxconn';

test('fs.file-max as systemd leaves it (LONG_MAX) is at least two million', () => {
  const host = untouched(hostOf({ sysctls: { 'fs.file-max': '9223372036854775807' }, files: {} }));
  const made = planFor(host, profile('p', ['fs.file-max', 'at-least', 2097152]));
  expect(liveChanges(made)).toEqual({});
});

test('--on-conflict skip leaves the standing line of a key in dispute where it is (a later file wins now)', () => {
  const host = untouched(
    hostOf({ sysctls: { [SOMAXCONN]: 128, 'net.ipv4.tcp_fin_timeout': 60 }, files: {} }),
  );
  const wanted = profile('p', [SOMAXCONN, 'exactly', 8192], ['net.ipv4.tcp_fin_timeout', 'exactly', 30]);
  const done = carriedOut(host, planFor(host, wanted, { allowLower: true }));
  const snapshot = {
    ...done.snapshot,
    sysctlFiles: [
      ...(done.snapshot.sysctlFiles ?? []),
      {
        path: '/etc/sysctl.d/99-late.conf',
        kind: 'file' as const,
        mode: '0644',
        text: `${SOMAXCONN} = 256\n`,
      },
    ],
  };
  const made = planFor({ ...done, snapshot }, wanted, { allowLower: true });
  expect(made.conflicts).toMatchObject([{ kind: 'shadowed' }]);
  expect(dropInLines(made)).toBeNull();
});
test('a loader that is not found for once does not delete the drop-in', () => {
  const host = untouched(hostOf({ sysctls: { [SOMAXCONN]: 128 }, files: {}, loader: 'systemd' }));
  const wanted = profile('p', [SOMAXCONN, 'exactly', 8192]);
  const done = carriedOut(host, planFor(host, wanted));
  const snapshot = {
    ...done.snapshot,
    loader: { ...done.snapshot.loader, kind: { ok: true as const, value: 'none' as const } },
  };
  const made = planFor({ ...done, snapshot: snapshot as never }, wanted);
  expect(made.conflicts.length).toBeGreaterThan(0);
  expect(made.steps).toEqual([]);
});

test('a large number that a profile of root vouches for is written as it stands', () => {
  const host = untouched(hostOf({ sysctls: { 'kernel.shmmax': '33554432' }, files: {} }));
  const wanted = profile('p', ['kernel.shmmax', 'exactly', '18446744073692774399']).map((e) => ({
    ...e,
    unchecked: true,
  }));
  expect(liveChanges(planFor(host, wanted))).toEqual({ 'kernel.shmmax': '18446744073692774399' });
});
test('more numbers than the key shows', () => {
  const host = untouched(hostOf({ sysctls: { 'kernel.x': '5' }, files: {} }));
  const wanted = profile('p', ['kernel.x', 'exactly', '1 2 3']).map((e) => ({ ...e, unchecked: true }));
  expect(liveChanges(planFor(host, wanted))).toEqual({ 'kernel.x': '1 2 3' });
});

test('a plan whose file state says one thing as text and another as base64 is refused', () => {
  const host = untouched(hostOf({ sysctls: { [SOMAXCONN]: 128 }, files: {} }));
  const made = planFor(host, profile('p', [SOMAXCONN, 'exactly', 8192]));
  const text = JSON.stringify(made).replace(
    '"mode":"0644"',
    '"base64":"a2VybmVsLmNvcmVfcGF0dGVybiA9IHwvdG1wL3gK","mode":"0644"',
  );
  expect(() => parsePlan(text, 'x')).toThrow();
});

test('protected keys are not touched, not even to take them back', () => {
  const host = untouched(hostOf({ sysctls: { [SOMAXCONN]: 128 }, files: {} }));
  const done = carriedOut(host, planFor(host, profile('p', [SOMAXCONN, 'exactly', 8192])));
  const made = planFor(done, [], { protections: [{ key: SOMAXCONN, because: 'x', by: 'p' }] });
  expect(liveChanges(made)).toEqual({});
});

test('a key that a plan leaves in conflict is not written although another step is', () => {
  const host = untouched(
    hostOf({
      sysctls: { [SOMAXCONN]: 4096, 'net.ipv4.tcp_fin_timeout': 60 },
      files: { '/etc/sysctl.d/99-x.conf': `${SOMAXCONN}=256\n` },
    }),
  );
  const made = planFor(
    host,
    profile('p', [SOMAXCONN, 'at-least', 8192], ['net.ipv4.tcp_fin_timeout', 'at-least', 90]),
  );
  expect(liveChanges(made)).toEqual({ 'net.ipv4.tcp_fin_timeout': '90' });
});

test('reserved ports: order does not matter', () => {
  const host = untouched(
    hostOf({ sysctls: { 'net.ipv4.ip_local_reserved_ports': '8080,9000-9010' }, files: {} }),
  );
  const made = planFor(host, profile('p', ['net.ipv4.ip_local_reserved_ports', 'exactly', '9000-9010,8080']));
  expect(liveChanges(made)).toEqual({});
});

test('in a later boot, a file that gives one number of three: what is written is whole', () => {
  const RMEM = 'net.ipv4.tcp_rmem';
  const host = hostOf({
    sysctls: { [RMEM]: '16384 262144 16777216' },
    files: { '/etc/sysctl.d/50-site.conf': `${RMEM} = 16384\n` },
  });
  const ours = {
    dropIn: {
      path: '/etc/sysctl.d/90-backlogctl.conf',
      state: { text: `${RMEM} = 16384 262144 16777216\n`, mode: '0644', uid: 0, gid: 0 },
    },
    written: new Map([
      [
        RMEM,
        {
          baseline: '16384 131072 6291456',
          value: '16384 262144 16777216',
          sameBoot: false,
          sameKernelAndMemory: true,
        },
      ],
    ]),
  };
  const made = planFor({ snapshot: host, ours }, profile('p', [RMEM, 'at-least', 'keep keep 33554432']));
  expect(liveChanges(made)[RMEM]?.split(' ')).toHaveLength(3);
  const away = planFor({ snapshot: host, ours }, []);
  expect(liveChanges(away)[RMEM]?.split(' ')).toHaveLength(3);
});
