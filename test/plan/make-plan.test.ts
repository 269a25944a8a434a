import { describe, expect, test } from '@jest/globals';
import { Plan } from '../../src/plan/plan.ts';
import type { PlanInput } from '../../src/plan/plan-input.ts';
import type { SourcedRequirement } from '../../src/sysctl/requirement.ts';
import { hostOf } from '../rules/host.ts';
import {
  carriedOut,
  DROP_IN,
  dropInLines,
  liveChanges,
  planFor,
  profile,
  rule,
  untouched,
} from './planned.ts';

const SOMAXCONN = 'net.core.somaxconn';
const RMEM = 'net.ipv4.tcp_rmem';
const FIN = 'net.ipv4.tcp_fin_timeout';
const MASK = '/etc/systemd/system/systemd-sysctl.service';

type Case = {
  readonly name: string;
  readonly host: Parameters<typeof hostOf>[0];
  readonly wanted: readonly SourcedRequirement[];
  readonly options?: Partial<PlanInput>;
  readonly live?: Readonly<Record<string, string>>;
  /** null where the drop-in is left alone. */
  readonly lines?: readonly string[] | null;
  readonly conflicts?: readonly string[];
  readonly skipped?: readonly string[];
  readonly noOps?: readonly string[];
};

const CASES: readonly Case[] = [
  {
    name: 'raises a value that is below what is asked for, now and at boot',
    host: { sysctls: { [SOMAXCONN]: 128 }, files: { '/etc/sysctl.d/50-old.conf': `${SOMAXCONN}=128\n` } },
    wanted: profile('web', [SOMAXCONN, 'at-least', 8192]),
    live: { [SOMAXCONN]: '8192' },
    lines: [`${SOMAXCONN} = 8192`],
  },
  {
    name: 'leaves alone what the kernel sets by itself',
    host: { sysctls: { [SOMAXCONN]: 4096 }, files: {} },
    wanted: profile('web', [SOMAXCONN, 'at-least', 4096]),
    lines: null,
    noOps: ['kernel-default'],
  },
  {
    name: 'writes no line where the kernel brings the value at the next boot, and mends the live one',
    host: { sysctls: { [SOMAXCONN]: 128 }, files: {} },
    wanted: profile('web', [SOMAXCONN, 'at-least', 4096]),
    live: { [SOMAXCONN]: '4096' },
    lines: null,
  },
  {
    name: 'leaves alone what another file sets high enough',
    host: { sysctls: { [SOMAXCONN]: 9000 }, files: { '/etc/sysctl.d/50-x.conf': `${SOMAXCONN}=9000\n` } },
    wanted: profile('web', [SOMAXCONN, 'at-least', 8192]),
    lines: null,
    noOps: ['set-by-file'],
  },
  {
    name: 'never takes down a live value that somebody raised by hand, and keeps the boot in step',
    host: { sysctls: { [SOMAXCONN]: 65535 }, files: {} },
    wanted: profile('web', [SOMAXCONN, 'at-least', 8192]),
    lines: [`${SOMAXCONN} = 8192`],
  },
  {
    name: 'takes the strictest of several',
    host: { sysctls: { [SOMAXCONN]: 4096 }, files: {} },
    wanted: [...profile('a', [SOMAXCONN, 'at-least', 5000]), ...rule('b', [SOMAXCONN, 'at-least', 6000])],
    live: { [SOMAXCONN]: '6000' },
    lines: [`${SOMAXCONN} = 6000`],
  },
  {
    name: 'keeps members of a vector, and writes it whole',
    host: { sysctls: { [RMEM]: '4096\t131072\t6291456' }, files: {} },
    wanted: profile('bulk', [RMEM, 'at-least', 'keep keep 67108864']),
    live: { [RMEM]: '4096 131072 67108864' },
    lines: [`${RMEM} = 4096 131072 67108864`],
  },
  {
    name: 'fills up a line that gives fewer numbers than the key has',
    host: {
      sysctls: { [RMEM]: '8192\t131072\t6291456' },
      files: { '/etc/sysctl.d/50-x.conf': `${RMEM}=8192\n` },
    },
    wanted: profile('bulk', [RMEM, 'at-least', 'keep keep 67108864']),
    live: { [RMEM]: '8192 131072 67108864' },
    lines: [`${RMEM} = 8192 131072 67108864`],
  },
  {
    name: 'a contradiction is for a person',
    host: { sysctls: { [SOMAXCONN]: 4096 }, files: {} },
    wanted: [...profile('a', [SOMAXCONN, 'at-least', 9000]), ...rule('b', [SOMAXCONN, 'at-most', 8000])],
    lines: null,
    conflicts: ['contradiction'],
  },
  {
    name: 'a line of which the loader takes the first word alone is a conflict',
    host: {
      sysctls: { [RMEM]: '4096 131072 6291456' },
      files: { '/etc/sysctl.conf': '# OpenRC reads nothing without it\n' },
      loader: 'openrc-busybox',
    },
    wanted: profile('web', [RMEM, 'at-least', '4096 131072 67108864']),
    lines: null,
    conflicts: ['no-loader'],
  },
  {
    name: 'a loader that is masked reads no drop-in',
    host: { sysctls: { [SOMAXCONN]: 128 }, files: { '/etc/sysctl.conf': '' }, maskedBy: MASK },
    wanted: profile('web', [SOMAXCONN, 'at-least', 8192]),
    lines: null,
    conflicts: ['no-loader'],
  },
  {
    name: 'a later file that sets another value is for a person',
    host: { sysctls: { [SOMAXCONN]: 128 }, files: { '/etc/sysctl.d/99-x.conf': `\n${SOMAXCONN}=128\n` } },
    wanted: profile('web', [SOMAXCONN, 'at-least', 8192]),
    lines: null,
    conflicts: ['shadowed'],
  },
  {
    name: 'the other keys go ahead when one would be taken back',
    host: {
      sysctls: { [SOMAXCONN]: 128, [RMEM]: '4096 131072 6291456' },
      files: { '/etc/sysctl.d/99-x.conf': `${SOMAXCONN}=128\n` },
    },
    wanted: profile('web', [SOMAXCONN, 'at-least', 8192], [RMEM, 'at-least', 'keep keep 67108864']),
    live: { [RMEM]: '4096 131072 67108864' },
    lines: [`${RMEM} = 4096 131072 67108864`],
    conflicts: ['shadowed'],
  },
  {
    name: 'sysctl.conf beats every drop-in with procps',
    host: {
      loader: 'procps',
      sysctls: { [SOMAXCONN]: 128 },
      files: { '/etc/sysctl.conf': `${SOMAXCONN}=128\n` },
    },
    wanted: profile('web', [SOMAXCONN, 'at-least', 8192]),
    lines: null,
    conflicts: ['shadowed'],
  },
  {
    name: 'a profile does not lower an amount by itself',
    host: { sysctls: { [FIN]: 60 }, files: {} },
    wanted: profile('old', [FIN, 'exactly', 15]),
    lines: null,
    conflicts: ['lowers'],
  },
  {
    name: 'unless somebody means it',
    host: { sysctls: { [FIN]: 60 }, files: {} },
    wanted: profile('old', [FIN, 'exactly', 15]),
    options: { allowLower: true },
    live: { [FIN]: '15' },
    lines: [`${FIN} = 15`],
  },
  {
    name: 'a rule lowers what breaks the host',
    host: { sysctls: { [FIN]: 600 }, files: {} },
    wanted: rule('sane', [FIN, 'at-most', 60]),
    live: { [FIN]: '60' },
    lines: null,
  },
  {
    name: 'a switch has no lower and higher',
    host: { sysctls: { 'net.ipv4.tcp_abort_on_overflow': 1 }, files: {} },
    wanted: profile('web', ['net.ipv4.tcp_abort_on_overflow', 'exactly', 0]),
    live: { 'net.ipv4.tcp_abort_on_overflow': '0' },
    lines: null,
  },
  {
    name: 'numbers that would not rise are for a person',
    host: { sysctls: { [RMEM]: '4096\t131072\t6291456' }, files: {} },
    wanted: profile('odd', [RMEM, 'at-least', 'keep 9000000 keep']),
    lines: null,
    conflicts: ['invalid'],
  },
  {
    name: 'an odd number that nobody asks about is no reason to refuse the others',
    host: { sysctls: { [RMEM]: '1 131072 6291456' }, files: {} },
    wanted: profile('bulk', [RMEM, 'at-least', 'keep keep 67108864']),
    live: { [RMEM]: '1 131072 67108864' },
    lines: [`${RMEM} = 4096 131072 67108864`],
  },
  {
    name: 'what the kernel takes and we do not: a negative number',
    host: { sysctls: { 'net.ipv4.tcp_max_syn_backlog': 2048 }, files: {} },
    wanted: profile('odd', ['net.ipv4.tcp_max_syn_backlog', 'exactly', -5]),
    options: { allowLower: true },
    lines: null,
    conflicts: ['invalid'],
  },
  {
    name: 'a protected key is left alone',
    host: { sysctls: { [SOMAXCONN]: 128 }, files: {} },
    wanted: profile('web', [SOMAXCONN, 'at-least', 8192]),
    options: { protections: [{ key: SOMAXCONN, because: 'the vendor sets it', by: 'site' }] },
    lines: null,
    skipped: ['protected'],
  },
  {
    name: 'a key that this kernel does not have',
    host: { kernel: '3.10.1', sysctls: {}, files: {} },
    wanted: profile('web', ['net.ipv4.tcp_notsent_lowat', 'at-least', 1]),
    lines: null,
    skipped: ['unsupported'],
  },
  {
    name: 'a key that nobody knows',
    host: { sysctls: { 'net.ipv4.tcp_nonsense': 1 }, files: {} },
    wanted: profile('web', ['net.ipv4.tcp_nonsense', 'exactly', 2]),
    lines: null,
    skipped: ['not-in-catalogue'],
  },
  {
    name: 'a key that somebody vouches for',
    host: { sysctls: { 'net.ipv4.tcp_nonsense': 1 }, files: {} },
    wanted: profile('web', ['net.ipv4.tcp_nonsense', 'exactly', 2]).map((each) => ({
      ...each,
      unchecked: true,
    })),
    live: { 'net.ipv4.tcp_nonsense': '2' },
    lines: ['net.ipv4.tcp_nonsense = 2'],
  },
  {
    name: 'a key of the whole host in a container',
    host: { environment: 'container', sysctls: { 'net.ipv4.tcp_mem': '1 2 3' }, files: {} },
    wanted: profile('web', ['net.ipv4.tcp_mem', 'at-least', '2 3 4']),
    lines: null,
    skipped: ['read-only-here'],
  },
  {
    name: 'nothing is written for good where nobody reads it, and nothing else either',
    host: { sysctls: { [SOMAXCONN]: 128 }, files: { '/etc/sysctl.d/50-x.conf': `${SOMAXCONN}=128\n` } },
    wanted: profile('web', [SOMAXCONN, 'at-least', 8192]),
    options: { persist: false },
    live: { [SOMAXCONN]: '8192' },
    lines: null,
  },
  {
    name: 'an image: the drop-in alone, without a kernel to ask',
    host: { files: {} },
    wanted: profile('web', [SOMAXCONN, 'at-least', 8192]),
    options: { live: false },
    lines: [`${SOMAXCONN} = 8192`],
  },
  {
    name: 'an image: numbers to keep are those of its kernel, where it is known',
    host: { kernel: 'unknown', files: {} },
    wanted: profile('bulk', [RMEM, 'at-least', 'keep keep 67108864']),
    options: { live: false },
    lines: null,
    conflicts: ['unknown'],
  },
  {
    name: 'a value that could not be read cannot be put back',
    host: { sysctls: {}, files: {} },
    wanted: profile('web', [SOMAXCONN, 'at-least', 8192]),
    lines: null,
    conflicts: ['unknown'],
  },
];

describe('a plan', () => {
  test.each(CASES.map((each) => [each.name, each] as const))('%s', (_name, each) => {
    const plan = planFor(untouched(hostOf(each.host)), each.wanted, each.options);
    expect(liveChanges(plan)).toEqual(each.live ?? {});
    expect(dropInLines(plan)).toEqual(each.lines ?? null);
    expect(plan.conflicts.map(({ kind }) => kind)).toEqual(each.conflicts ?? []);
    expect(plan.skipped.map(({ why }) => why)).toEqual(each.skipped ?? []);
    if (each.noOps !== undefined) expect(plan.noOps.map(({ why }) => why)).toEqual(each.noOps);
    expect(Plan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
  });

  test.each<
    readonly [string, Parameters<typeof hostOf>[0], readonly SourcedRequirement[], readonly RegExp[]]
  >([
    [
      'a key that changes others',
      { sysctls: { 'net.ipv4.ip_forward': 0 }, files: {} },
      profile('router', ['net.ipv4.ip_forward', 'exactly', 1]),
      [
        /ip_forward cannot be taken back as a whole/,
        /a write of net\.ipv4\.ip_forward does more than set it/,
      ],
    ],
    [
      'a key of a module that a boot may load too late',
      { sysctls: { 'net.netfilter.nf_conntrack_max': 65536 }, files: {} },
      profile('nat', ['net.netfilter.nf_conntrack_max', 'at-least', 262144]),
      [/only where the kernel module nf_conntrack is loaded by then: .*modules-load\.d/],
    ],
    [
      'a key that a reboot alone takes back',
      { sysctls: { 'kernel.kexec_load_disabled': 0 }, files: {} },
      profile('hard', ['kernel.kexec_load_disabled', 'exactly', 1]).map((each) => ({
        ...each,
        unchecked: true,
      })),
      [/kernel\.kexec_load_disabled cannot be taken back: once it is 1/],
    ],
    [
      'a key that is as it should be',
      {
        sysctls: { 'net.ipv4.ip_forward': 1 },
        files: { '/etc/sysctl.d/50-r.conf': 'net.ipv4.ip_forward=1\n' },
      },
      profile('router', ['net.ipv4.ip_forward', 'exactly', 1]),
      [],
    ],
  ])('says beforehand what a write does besides: %s', (_name, host, wanted, expected) => {
    const { warnings } = planFor(untouched(hostOf(host)), wanted);
    expect(warnings).toEqual(
      expected.map((message) => ({ key: wanted[0]?.key, message: expect.stringMatching(message) })),
    );
  });

  test('a key whose module is not loaded is left alone, with what would load it', () => {
    const host = hostOf({ absent: ['net.netfilter.nf_conntrack_max'], files: {} });
    const { skipped } = planFor(
      untouched(host),
      profile('nat', ['net.netfilter.nf_conntrack_max', 'at-least', 262144]),
    );
    expect(skipped[0]?.message).toContain('modprobe nf_conntrack');
  });

  test('what has fallen with consent falls no further', () => {
    const start = untouched(hostOf({ sysctls: { [SOMAXCONN]: 20000 }, files: {} }));
    const wanted = profile('low', [SOMAXCONN, 'exactly', 1000]);
    expect(planFor(start, wanted).conflicts).toMatchObject([{ kind: 'lowers' }]);
    const done = carriedOut(start, planFor(start, wanted, { allowLower: true }));
    expect(planFor(done, wanted)).toMatchObject({ steps: [], conflicts: [] });
  });

  test('names the line that wins, and what to do about it', () => {
    const host = hostOf({
      sysctls: { [SOMAXCONN]: 128 },
      files: { '/etc/sysctl.d/99-x.conf': `\n${SOMAXCONN}=128\n` },
    });
    const [conflict] = planFor(untouched(host), profile('web', [SOMAXCONN, 'at-least', 8192])).conflicts;
    expect(conflict).toMatchObject({ key: SOMAXCONN, at: { file: '/etc/sysctl.d/99-x.conf', line: 2 } });
    expect(conflict?.message).toContain('/etc/sysctl.d/99-x.conf:2');
    expect(conflict?.ways).toEqual([
      'let our file be read after it, under another name: --file-name 99-zz-backlogctl.conf',
      'have /etc/sysctl.d/99-x.conf:2 commented out, until a rollback brings it back: --takeover',
      'delete /etc/sysctl.d/99-x.conf:2',
      'set the wanted value there instead, if somebody else maintains that file',
      'leave it as it is, and apply the rest: --on-conflict skip',
    ]);
  });

  test('carried out, it has nothing left to do', () => {
    const start = untouched(hostOf({ sysctls: { [SOMAXCONN]: 128 }, files: {} }));
    const wanted = profile('web', [SOMAXCONN, 'at-least', 8192]);
    const plan = planFor(start, wanted);
    expect(plan.steps.map(({ id }) => id)).toEqual([`live:${SOMAXCONN}`, `file:${DROP_IN}`]);
    const again = planFor(carriedOut(start, plan), wanted);
    expect(again.steps).toEqual([]);
    expect(again.noOps).toMatchObject([{ key: SOMAXCONN, why: 'live-and-boot' }]);
  });

  test('another kernel alone is no reason to write the drop-in anew', () => {
    const host = hostOf({ kernel: '6.18.1', sysctls: { [SOMAXCONN]: 128 }, files: {} });
    const wanted = profile('web', [SOMAXCONN, 'at-least', 8192]);
    const start = untouched(host);
    const done = carriedOut(start, planFor(start, wanted));
    const upgraded = { ...done.snapshot, host: { ...host.host, kernel: { release: '6.18.2' } } };
    expect(planFor({ ...done, snapshot: upgraded }, wanted).steps).toEqual([]);
  });
});

describe('where nothing is taken back', () => {
  const options = { withdraw: false, profiles: ['web'] };
  const done = (() => {
    const start = untouched(hostOf({ sysctls: { [SOMAXCONN]: 128, [FIN]: 60 }, files: {} }));
    return carriedOut(
      start,
      planFor(start, profile('web', [SOMAXCONN, 'at-least', 8192]), { profiles: ['web'] }),
    );
  })();

  test('a smaller wish does not take down what an earlier plan set', () => {
    const { steps, noOps } = planFor(done, rule('x', [SOMAXCONN, 'at-least', 5000]), options);
    expect(steps).toEqual([]);
    expect(noOps).toMatchObject([{ key: SOMAXCONN, value: '8192', at: { file: DROP_IN } }]);
  });

  test('a greater one replaces its line, and the header keeps the profile', () => {
    const made = planFor(done, rule('x', [SOMAXCONN, 'at-least', 9000]), options);
    expect(liveChanges(made)).toEqual({ [SOMAXCONN]: '9000' });
    expect(dropInLines(made)).toEqual([`${SOMAXCONN} = 9000`]);
    expect(made.steps.find(({ kind }) => kind === 'file')).toMatchObject({
      to: { text: expect.stringContaining('\n# Profiles: web\n') },
    });
  });

  test('another key goes beside it, with the comments that stood there', () => {
    const made = planFor(done, rule('x', [FIN, 'at-most', 30]), options);
    expect(liveChanges(made)).toEqual({ [FIN]: '30' });
    expect(dropInLines(made)).toEqual([`${SOMAXCONN} = 8192`, `${FIN} = 30`]);
    const step = made.steps.find(({ kind }) => kind === 'file');
    expect(step).toMatchObject({ to: { text: expect.stringContaining('# profile web: it is wanted\n') } });
  });

  test('a conflict leaves the line of its key as it stands', () => {
    const wanted = [...rule('x', [SOMAXCONN, 'at-least', 9000]), ...rule('y', [SOMAXCONN, 'at-most', 8500])];
    const made = planFor(done, [...wanted, ...rule('z', [FIN, 'at-most', 30])], options);
    expect(made.conflicts.map(({ kind }) => kind)).toEqual(['contradiction']);
    expect(dropInLines(made)).toEqual([`${SOMAXCONN} = 8192`, `${FIN} = 30`]);
  });
});

test('a live value that only has to be put right says why, not that nobody asks for it', () => {
  const host = untouched(hostOf({ sysctls: { [SOMAXCONN]: 128 }, files: {} }));
  const [step] = planFor(host, profile('web', [SOMAXCONN, 'at-least', 4096])).steps;
  expect(step?.because).toMatchObject([{ by: 'profile', name: 'web' }]);
});
