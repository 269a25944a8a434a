import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assess } from '../../src/assess/assess.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import type { SourcedRequirement } from '../../src/sysctl/requirement.ts';
import { hostOf } from '../rules/host.ts';
import { carriedOut, DROP_IN, type Managed, planFor, profile, untouched } from './planned.ts';

const SOMAXCONN = 'net.core.somaxconn';
const FIN = 'net.ipv4.tcp_fin_timeout';
const FORWARD = 'net.ipv4.ip_forward';
const KEYS = [SOMAXCONN, FIN, FORWARD];
/** The kernel sets it along with net.ipv4.ip_forward. */
const FOLLOWER = 'net.ipv4.conf.default.forwarding';
const OTHERS = ['vm.swappiness', 'net.core.rmem_max', FOLLOWER, 'net.core.dev_weight'];
const CONF = '/etc/sysctl.conf';

const name = fc.constantFrom('10-a', '90-b', '91-c', '99-zz', 'aa', 'zz-a');
const path = fc
  .tuple(fc.constantFrom('/etc/sysctl.d', '/etc/sysctl.d', '/usr/lib/sysctl.d'), name)
  .map(([directory, each]) => `${directory}/${each}.conf`);
const line = fc.constantFrom(
  `${SOMAXCONN} = 1`,
  `${SOMAXCONN} = 8192`,
  'net/core/somaxconn=2',
  `${FIN} = 7`,
  `-${FIN}`,
  `-${SOMAXCONN} = 2`,
  `${FORWARD} = 0`,
  'net.ipv4.conf.all.forwarding = 0',
  'net.ipv4.conf.*.forwarding = 0',
  'net.core.* = 3',
  'vm.swappiness = 5',
  'net.core.rmem_max=1',
  '# a comment',
  '',
);
const text = fc
  .tuple(fc.array(line, { minLength: 1, maxLength: 5 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
  .map(([lines, end, isEnded]) => lines.join(end) + (isEnded ? end : ''));
const tree = fc
  .array(fc.tuple(fc.oneof({ weight: 4, arbitrary: path }, fc.constant(CONF)), text), { maxLength: 5 })
  .map((entries): Readonly<Record<string, string>> => Object.fromEntries(entries));
const loader = fc.constantFrom('procps' as const, 'systemd' as const);

const FORWARDING = ['all', 'default', 'eth0'].map(
  (each) => [`net/ipv4/conf/${each}/forwarding`, '0644'] as [string, string],
);
const CORE = ['somaxconn', 'rmem_max', 'dev_weight'].map(
  (each) => [`net/core/${each}`, '0644'] as [string, string],
);

type File = NonNullable<Snapshot['sysctlFiles']>[number];

const hosts = fc.tuple(tree, loader, fc.boolean()).map(([files, by, isLinked]): Managed => {
  const host = hostOf({ sysctls: { [SOMAXCONN]: 128, [FIN]: 60, [FORWARD]: 0 }, files, loader: by });
  const main = files[CONF];
  const links: readonly File[] =
    isLinked && main !== undefined
      ? [{ path: '/etc/sysctl.d/99-sysctl.conf', kind: 'link', target: '../sysctl.conf', text: main }]
      : [];
  return untouched({
    ...host,
    sysctlFiles: [...(host.sysctlFiles ?? []), ...links],
    globs: { 'net/ipv4/conf/*/forwarding': FORWARDING, 'net/core/*': CORE },
  });
});

const wishes = fc
  .tuple(fc.subarray(KEYS, { minLength: 1 }), fc.constantFrom('exactly' as const, 'at-least' as const))
  .map(([keys, relation]) => profile('p', ...keys.map((key) => [key, relation, VALUES[key] ?? 0] as const)));

const VALUES: Readonly<Record<string, number>> = { [SOMAXCONN]: 8192, [FIN]: 90, [FORWARD]: 1 };

function applied(host: Managed, wanted: readonly SourcedRequirement[], takeover = true): Managed {
  return carriedOut(host, planFor(host, wanted, { takeover, allowLower: true }));
}

function filesOf({ snapshot }: Managed): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    (snapshot.sysctlFiles ?? []).flatMap((file) => (file.path === DROP_IN ? [] : [[file.path, file.text]])),
  );
}

function bootOf({ snapshot }: Managed, keys: readonly string[]) {
  const { resolution } = assess(snapshot);
  return keys.map((key) => {
    const boot = resolution?.bootValue(key);
    return boot?.kind === 'set' ? boot.value : boot?.kind;
  });
}

/** Whether no line of others decides the follower once our drop-in is there, with all their lines. */
function followsForward({ snapshot }: Managed, after: Managed): boolean {
  const own = (after.snapshot.sysctlFiles ?? []).filter((file) => file.path === DROP_IN);
  const sysctlFiles = [...(snapshot.sysctlFiles ?? []), ...own];
  const boot = assess({ ...snapshot, sysctlFiles }).resolution?.bootValue(FOLLOWER);
  return boot?.kind !== 'set' || boot.through !== null;
}

test('what is taken over settles the conflicts that said so, and no other key changes', () => {
  let taken = 0;
  fc.assert(
    fc.property(hosts, wishes, (host, wanted) => {
      const without = planFor(host, wanted, { allowLower: true });
      const made = planFor(host, wanted, { takeover: true, allowLower: true });
      const settled = without.conflicts.filter(({ takeover }) => takeover === true).map(({ key }) => key);
      const left = without.conflicts.filter(({ takeover }) => takeover !== true).map(({ key }) => key);
      expect(made.conflicts.map(({ key }) => key)).toEqual(left);
      taken += settled.length;
      const after = carriedOut(host, made);
      for (const key of settled) expect(bootOf(after, [key ?? ''])).toEqual([String(VALUES[key ?? ''])]);
      const ofOthers = followsForward(host, after) ? OTHERS.filter((key) => key !== FOLLOWER) : OTHERS;
      expect(bootOf(after, ofOthers)).toEqual(bootOf(host, ofOthers));
      // Without it nobody else's file is touched.
      expect(filesOf(carriedOut(host, without))).toEqual(filesOf(host));
    }),
    { numRuns: 500 },
  );
  expect(taken).toBeGreaterThan(150);
});

test('a second time, with --takeover or without, there is nothing to do', () => {
  fc.assert(
    fc.property(hosts, wishes, (host, wanted) => {
      const done = applied(host, wanted);
      const [again, plain] = [true, false].map((takeover) =>
        planFor(done, wanted, { takeover, allowLower: true }),
      );
      expect(again?.steps).toEqual([]);
      expect(plain?.steps).toEqual([]);
      expect(plain?.conflicts.map(({ key }) => key)).toEqual(again?.conflicts.map(({ key }) => key));
    }),
    { numRuns: 500 },
  );
});

test('one profile after another leaves of every file what the last alone would, and none leaves what was there', () => {
  fc.assert(
    fc.property(hosts, wishes, wishes, (host, first, second) => {
      const both = applied(applied(host, first), second);
      const alone = applied(host, second);
      expect(filesOf(both)).toEqual(filesOf(alone));
      expect(both.ours.dropIn.state?.text).toBe(alone.ours.dropIn.state?.text);
      expect(filesOf(applied(both, [], false))).toEqual(filesOf(host));
    }),
    { numRuns: 400 },
  );
});
