import { describe, expect, test } from '@jest/globals';
import { assess } from '../../src/assess/assess.ts';
import type { OtherFiles } from '../../src/plan/other-file.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import { hostOf } from '../rules/host.ts';
import {
  carriedOut,
  DROP_IN,
  type Managed,
  planFor,
  profile,
  rule,
  stateOf,
  toBeCalled,
  untouched,
} from './planned.ts';

const SOMAXCONN = 'net.core.somaxconn';
const FIN = 'net.ipv4.tcp_fin_timeout';
const FORWARD = 'net.ipv4.ip_forward';
const SYSCTLS = { [SOMAXCONN]: 128, [FIN]: 60, [FORWARD]: 0 };
const WANTED = profile('p', [SOMAXCONN, 'exactly', 8192], [FIN, 'exactly', 90]);
const CONF = '/etc/sysctl.conf';
const ZZ = '/etc/sysctl.d/zz.conf';

type Host = Parameters<typeof hostOf>[0];
type Files = NonNullable<Host['files']>;

function hostWith(files: Files, loader?: Host['loader']): Managed {
  return untouched(hostOf({ sysctls: SYSCTLS, files, ...(loader === undefined ? {} : { loader }) }));
}

/** The same host with one file that is something else than a regular one, or not UTF-8. */
function withEntry(host: Managed, entry: NonNullable<Snapshot['sysctlFiles']>[number]): Managed {
  const { sysctlFiles = [] } = host.snapshot;
  return { ...host, snapshot: { ...host.snapshot, sysctlFiles: [...sysctlFiles, entry] } };
}

const TAKEOVER = { takeover: true };

function note(key: string): string {
  return `# Commented out by backlogctl, whose own ${key} would lose to this line. Undo: backlogctl rollback`;
}

function filesOf({ steps }: Plan): Readonly<Record<string, string>> {
  return Object.fromEntries(
    steps.flatMap((step) =>
      step.kind === 'file' && step.takeover !== undefined ? [[step.target.path, step.to?.text ?? '']] : [],
    ),
  );
}

function bootOf({ snapshot }: Managed, ...keys: readonly string[]): readonly (string | null)[] {
  const { resolution } = assess(snapshot);
  return keys.map((key) => {
    const boot = resolution?.bootValue(key);
    return boot?.kind === 'set' ? boot.value : null;
  });
}

describe('lines of other files that win', () => {
  type Case = readonly [what: string, files: Files, loader: Host['loader'], expected: Files];
  test.each<Case>([
    [
      'in a file that is read later',
      { [ZZ]: `# zz\n${SOMAXCONN} = 1\n` },
      undefined,
      { [ZZ]: `# zz\n${note(SOMAXCONN)}\n# ${SOMAXCONN} = 1\n` },
    ],
    [
      'in sysctl.conf, which procps reads last',
      { [CONF]: `${FIN}=5\nnet.core.rmem_max=1` },
      'procps',
      { [CONF]: `${note(FIN)}\n# ${FIN}=5\nnet.core.rmem_max=1` },
    ],
    [
      'in another spelling',
      { [ZZ]: 'net/core/somaxconn=1\n' },
      undefined,
      { [ZZ]: `${note(SOMAXCONN)}\n# net/core/somaxconn=1\n` },
    ],
    [
      'with repeated separators, which lead procps to the same variable',
      { [CONF]: 'net//core/somaxconn=1\n' },
      'procps',
      { [CONF]: `${note(SOMAXCONN)}\n# net//core/somaxconn=1\n` },
    ],
    [
      'several in one file',
      { [ZZ]: `${SOMAXCONN}=1\n${FIN}=2\n${SOMAXCONN}=3\n` },
      undefined,
      {
        [ZZ]: `${note(SOMAXCONN)}\n# ${SOMAXCONN}=1\n${note(FIN)}\n# ${FIN}=2\n${note(SOMAXCONN)}\n# ${SOMAXCONN}=3\n`,
      },
    ],
    [
      'in several files',
      { [ZZ]: `${SOMAXCONN}=1\n`, [CONF]: `${SOMAXCONN}=2\n`, '/etc/sysctl.d/10-a.conf': `${SOMAXCONN}=3\n` },
      'procps',
      { [ZZ]: `${note(SOMAXCONN)}\n# ${SOMAXCONN}=1\n`, [CONF]: `${note(SOMAXCONN)}\n# ${SOMAXCONN}=2\n` },
    ],
    ['that take the key back', { [ZZ]: `-${FIN}\n` }, undefined, { [ZZ]: `${note(FIN)}\n# -${FIN}\n` }],
    [
      'and not those that say what ours say',
      { [ZZ]: `${SOMAXCONN}=8192\n${SOMAXCONN}=1\n` },
      undefined,
      { [ZZ]: `${SOMAXCONN}=8192\n${note(SOMAXCONN)}\n# ${SOMAXCONN}=1\n` },
    ],
    ['and not patterns, which do not', { [ZZ]: 'net.core.somaxcon?=1\n' }, undefined, {}],
    [
      'with a blank before the key, and beside a pattern',
      { [ZZ]: ` ${SOMAXCONN} = 1\nnet.core.* = 3\n` },
      undefined,
      { [ZZ]: `${note(SOMAXCONN)}\n#  ${SOMAXCONN} = 1\nnet.core.* = 3\n` },
    ],
  ])('are commented out %s', (_what, files, loader, expected) => {
    const host = hostWith(files, loader);
    const made = planFor(host, WANTED, TAKEOVER);
    expect(made.conflicts).toEqual([]);
    expect(filesOf(made)).toEqual(expected);
    expect(bootOf(carriedOut(host, made), SOMAXCONN, FIN)).toEqual(['8192', '90']);
    const without = planFor(host, WANTED);
    expect(filesOf(without)).toEqual({});
    for (const conflict of without.conflicts)
      expect(conflict).toMatchObject({ kind: 'shadowed', takeover: true });
    expect(without.conflicts.length > 0).toBe(Object.keys(expected).length > 0);
  });

  test('are named by the step with file, line and text, the reasons of the keys, and the file as it was', () => {
    const text = `# mine\r\n${SOMAXCONN} = 1\r\n`;
    const { steps } = planFor(hostWith({ [CONF]: text }, 'procps'), WANTED, TAKEOVER);
    const step = steps.find(({ id }) => id === `file:${CONF}`);
    expect(step).toMatchObject({
      kind: 'file',
      target: { path: CONF },
      from: { text, mode: '0644' },
      to: { text: `# mine\r\n${note(SOMAXCONN)}\r\n# ${SOMAXCONN} = 1\r\n`, mode: '0644' },
      takeover: [{ file: CONF, line: 2, text: `${SOMAXCONN} = 1`, key: SOMAXCONN, change: 'comment-out' }],
      because: [{ by: 'profile', name: 'p' }],
    });
    // Ours sets the key before theirs loses it.
    expect(steps.filter(({ kind }) => kind === 'file').map(({ id }) => id)).toEqual([
      `file:${DROP_IN}`,
      `file:${CONF}`,
    ]);
  });

  test('of a file that is no UTF-8 keep their bytes', () => {
    const bytes = Buffer.from(`# caf\xe9\n${SOMAXCONN} = 1\n`, 'latin1');
    const entry = { path: ZZ, kind: 'file', mode: '0644', base64: bytes.toString('base64') } as const;
    const { steps } = planFor(withEntry(hostWith({}), entry), WANTED, TAKEOVER);
    const step = steps.find(({ id }) => id === `file:${ZZ}`);
    const expected = Buffer.from(`# caf\xe9\n${note(SOMAXCONN)}\n# ${SOMAXCONN} = 1\n`, 'latin1');
    expect(step).toMatchObject({ to: { base64: expected.toString('base64') }, takeover: [{ line: 2 }] });
  });

  test('of a file that a link leads to are commented out there', () => {
    const text = `${SOMAXCONN} = 1\n`;
    const link = {
      path: '/etc/sysctl.d/99-sysctl.conf',
      kind: 'link',
      target: '../sysctl.conf',
      text,
    } as const;
    const host = withEntry(hostWith({ [CONF]: text }), link);
    const made = planFor(host, WANTED, TAKEOVER);
    expect(filesOf(made)).toEqual({ [CONF]: `${note(SOMAXCONN)}\n# ${SOMAXCONN} = 1\n` });
    expect(bootOf(carriedOut(host, made), SOMAXCONN)).toEqual(['8192']);
    expect(planFor(host, WANTED).conflicts[0]?.ways[1]).toBe(
      `have ${CONF}:1 commented out, until a rollback brings it back: --takeover`,
    );
  });

  test('under the other key of the same variable are found, and commented out', () => {
    const files = { [ZZ]: 'net.ipv4.conf.all.forwarding = 0\n' };
    const wanted = rule('r', [FORWARD, 'exactly', 1]);
    expect(planFor(hostWith(files), wanted).conflicts).toMatchObject([
      {
        kind: 'shadowed',
        key: FORWARD,
        at: { file: ZZ, line: 1 },
        message: expect.stringContaining('sets net.ipv4.conf.all.forwarding, and with it this key to 0'),
      },
    ]);
    expect(filesOf(planFor(hostWith(files), wanted, TAKEOVER))).toEqual({
      [ZZ]: `${note(FORWARD)}\n# net.ipv4.conf.all.forwarding = 0\n`,
    });
    expect(planFor(hostWith({ [ZZ]: 'net.ipv4.conf.all.forwarding = 1\n' }), wanted).conflicts).toEqual([]);
    expect(
      planFor(hostWith({ '/etc/sysctl.d/10.conf': 'net.ipv4.conf.all.forwarding = 0\n' }), wanted).conflicts,
    ).toEqual([]);
  });
});

describe('what cannot be commented out stays a conflict, and says why', () => {
  const ALL = ['all', 'default', 'eth0'].map(
    (name) => [`net/ipv4/conf/${name}/forwarding`, '0644'] as [string, string],
  );

  test('a pattern that sets other keys, too', () => {
    const host = hostWith({ [ZZ]: 'net.ipv4.conf.*.forwarding = 0\n' });
    const snapshot = { ...host.snapshot, globs: { 'net/ipv4/conf/*/forwarding': ALL } };
    const made = planFor({ ...host, snapshot }, rule('r', [FORWARD, 'exactly', 1]), TAKEOVER);
    expect(made.steps.filter(({ kind }) => kind === 'file')).toEqual([]);
    expect(made.conflicts).toMatchObject([
      {
        key: FORWARD,
        message: expect.stringContaining(
          '. --takeover does not help, for net.ipv4.conf.default.forwarding would be something else at boot too',
        ),
      },
    ]);
  });

  type Entry = NonNullable<Snapshot['sysctlFiles']>[number];
  const text = `${SOMAXCONN} = 1\n`;
  test.each<readonly [what: string, entry: Entry, why: string, way: string]>([
    [
      "a package's file",
      { path: '/usr/lib/sysctl.d/99-vendor.conf', kind: 'file', text },
      'the next version of its package would bring the line back',
      'hide it behind a copy without that line: sed 1d /usr/lib/sysctl.d/99-vendor.conf >/etc/sysctl.d/99-vendor.conf',
    ],
    [
      'a credential',
      { path: '/run/credentials/systemd-sysctl.service/sysctl.extra', kind: 'file', text },
      'it is a credential',
      'leave the key out of the credential where this machine is given it',
    ],
    [
      'a link to a file elsewhere',
      { path: ZZ, kind: 'link', target: '/srv/tuning.conf', text },
      'it is a link to /srv/tuning.conf, which is none of the sysctl files',
      `delete ${ZZ}:1`,
    ],
    [
      'a file with characters at which loaders disagree',
      { path: ZZ, kind: 'file', text: `#\rx\n${text}` },
      'it holds NUL or CR',
      `delete ${ZZ}:3`,
    ],
    [
      'a file with a secret',
      { path: ZZ, kind: 'file', text: `net.ipv4.tcp_fastopen_key = 0\n${text}` },
      'it holds a secret',
      `delete ${ZZ}:2`,
    ],
    [
      'a name that leaves no room',
      { path: `/etc/sysctl.d/${'z'.repeat(245)}.conf`, kind: 'file', text },
      'its name leaves no room',
      `delete /etc/sysctl.d/${'z'.repeat(245)}.conf:1`,
    ],
  ])('%s', (_what, entry, why, way) => {
    const host = withEntry(hostWith({}), { mode: '0644', ...entry });
    const made = planFor(host, WANTED, TAKEOVER);
    expect(filesOf(made)).toEqual({});
    const [conflict, ...others] = made.conflicts;
    expect(others).toEqual([]);
    expect(conflict?.message).toContain(`--takeover does not help, for `);
    expect(conflict?.message).toContain(why);
    expect(conflict?.takeover).toBeUndefined();
    expect(conflict?.ways).toContain(way);
    expect(planFor(host, WANTED).conflicts[0]?.message).not.toContain('--takeover');
  });

  test('a file that is another one by now', () => {
    const otherFiles: OtherFiles = () => ({
      ok: true,
      state: { text: 'changed\n', mode: '0644', uid: 0, gid: 0 },
      keepers: () => [],
    });
    const { conflicts } = planFor(hostWith({ [ZZ]: `${SOMAXCONN} = 1\n` }), WANTED, {
      ...TAKEOVER,
      otherFiles,
    });
    expect(conflicts[0]?.message).toContain('for it changed while it was read');
  });

  test('and the other keys are taken over all the same', () => {
    const host = hostWith({ [ZZ]: `${FIN} = 5\n`, '/usr/lib/sysctl.d/zzz.conf': `${SOMAXCONN} = 1\n` });
    const made = planFor(host, WANTED, TAKEOVER);
    expect(made.conflicts).toMatchObject([{ key: SOMAXCONN, fileName: 'zzz_backlogctl.conf' }]);
    expect(filesOf(made)).toEqual({ [ZZ]: `${note(FIN)}\n# ${FIN} = 5\n` });
  });

  test('a line of ours that somebody else beats after the loader costs nobody a line', () => {
    const snapshot = hostOf({
      sysctls: SYSCTLS,
      files: {
        [ZZ]: `${SOMAXCONN} = 1\n`,
        '/etc/ufw/sysctl.conf': 'net/core/somaxconn=7\n',
        '/etc/ufw/ufw.conf': 'ENABLED=yes\n',
      },
    });
    const made = planFor(untouched(snapshot), WANTED, TAKEOVER);
    expect(made.conflicts).toMatchObject([{ kind: 'won-back', key: SOMAXCONN }]);
    expect(filesOf(made)).toEqual({});
  });
});

describe('who keeps the file is said before', () => {
  test.each([
    [
      '# Ansible managed: do not edit\n',
      '/etc/sysctl.d/zz.conf:1 says "Ansible managed: do not edit": what keeps',
    ],
    [
      '\n; This file is managed by Puppet\n',
      '/etc/sysctl.d/zz.conf:2 says "This file is managed by Puppet": what keeps',
    ],
    ['# Created by cloud-init on instance boot\n', '/etc/sysctl.d/zz.conf:1 says "Created by cloud-init'],
  ])('%j', (head, said) => {
    const { warnings } = planFor(hostWith({ [ZZ]: `${head}${SOMAXCONN} = 1\n` }), WANTED, TAKEOVER);
    expect(warnings).toMatchObject([{ key: SOMAXCONN, message: expect.stringContaining(said) }]);
  });

  test("Cilium's own file", () => {
    const path = '/etc/sysctl.d/99-zzz-override_cilium.conf';
    const { warnings } = planFor(hostWith({ [path]: `${SOMAXCONN} = 1\n` }), WANTED, TAKEOVER);
    expect(warnings).toMatchObject([
      { message: expect.stringContaining(`Cilium's agent writes ${path} anew`) },
    ]);
  });

  test.each(['', '# Uncomment the next line\n', '# for the management network\n'])('nobody in %j', (head) => {
    expect(planFor(hostWith({ [ZZ]: `${head}${SOMAXCONN} = 1\n` }), WANTED, TAKEOVER).warnings).toEqual([]);
  });
});

describe('once it is done', () => {
  const FILES = { [ZZ]: `# zz\n${SOMAXCONN} = 1\n${FIN} = 5\n` };
  const start = hostWith(FILES);
  const done = carriedOut(start, planFor(start, WANTED, TAKEOVER));

  function zzOf({ snapshot }: Managed): string | undefined {
    return snapshot.sysctlFiles?.find(({ path }) => path === ZZ)?.text;
  }

  test.each([true, false])('the same again changes nothing (--takeover: %p)', (takeover) => {
    const { steps, conflicts } = planFor(done, WANTED, { takeover });
    expect([steps, conflicts]).toEqual([[], []]);
  });

  test('another value leaves the lines as they are', () => {
    const made = planFor(done, profile('p', [SOMAXCONN, 'exactly', 9000], [FIN, 'exactly', 90]));
    expect(made.conflicts).toEqual([]);
    expect(made.steps.map(({ id }) => id)).toEqual([`live:${SOMAXCONN}`, `file:${DROP_IN}`]);
  });

  test('a key that is no longer asked for has its line back, before our file changes', () => {
    const made = planFor(done, profile('p', [SOMAXCONN, 'exactly', 8192]));
    expect(made.conflicts).toEqual([]);
    expect(filesOf(made)).toEqual({ [ZZ]: `# zz\n${note(SOMAXCONN)}\n# ${SOMAXCONN} = 1\n${FIN} = 5\n` });
    const [first] = made.steps.filter((step) => step.kind === 'file');
    expect(first).toMatchObject({
      target: { path: ZZ },
      because: [{ by: 'withdrawn' }],
      takeover: [
        { line: 3, key: SOMAXCONN, change: 'keep' },
        { line: 5, key: FIN, text: `${FIN} = 5`, change: 'restore' },
      ],
    });
    expect(bootOf(carriedOut(done, made), SOMAXCONN, FIN)).toEqual(['8192', '5']);
  });

  test('nothing asked for leaves the files as they were', () => {
    expect(zzOf(carriedOut(done, planFor(done, [])))).toBe(FILES[ZZ]);
  });

  test('what is at least wanted is compared with the line without us', () => {
    const made = planFor(done, profile('p', [FIN, 'at-least', 2]));
    expect(zzOf(carriedOut(done, made))).toBe(FILES[ZZ]);
  });

  test('a name under which ours is read last needs the lines no more', () => {
    const renamed = toBeCalled('zzz.conf', done);
    const made = planFor(renamed, WANTED);
    expect(made.conflicts).toEqual([]);
    expect(zzOf(carriedOut(renamed, made))).toBe(FILES[ZZ]);
  });

  test('a line that somebody has put back by hand is a conflict again', () => {
    const edited = { ...done, snapshot: { ...done.snapshot } };
    edited.snapshot.sysctlFiles = (done.snapshot.sysctlFiles ?? []).map((file) =>
      file.path === ZZ ? { ...file, text: file.text?.replace(`# ${FIN}`, FIN) ?? '' } : file,
    );
    expect(planFor(edited, WANTED).conflicts).toMatchObject([
      { key: FIN, at: { file: ZZ, line: 5 }, takeover: true },
    ]);
  });

  test('a line that wins since is a conflict, and what was commented out before stays so', () => {
    const later = withEntry(done, {
      path: '/etc/sysctl.d/zzz.conf',
      kind: 'file',
      mode: '0644',
      text: `${SOMAXCONN} = 2\n`,
    });
    const made = planFor(later, WANTED);
    expect(made.conflicts).toMatchObject([
      { key: SOMAXCONN, at: { file: '/etc/sysctl.d/zzz.conf', line: 1 } },
    ]);
    expect(filesOf(made)).toEqual({});
    expect(filesOf(planFor(later, WANTED, TAKEOVER))).toEqual({
      '/etc/sysctl.d/zzz.conf': `${note(SOMAXCONN)}\n# ${SOMAXCONN} = 2\n`,
    });
  });

  test('a key that is in dispute keeps its line and what was commented out for it', () => {
    const disputed = [...WANTED, ...profile('q', [FIN, 'exactly', 30])];
    const made = planFor(done, disputed);
    expect(made.conflicts).toMatchObject([{ kind: 'contradiction', key: FIN }]);
    expect(made.steps).toEqual([]);
  });

  test('where nothing is taken back all of it stays', () => {
    expect(planFor(done, [], { withdraw: false }).steps).toEqual([]);
  });

  test('without files nothing of it changes', () => {
    expect(planFor(done, [], { persist: false }).steps.filter(({ kind }) => kind === 'file')).toEqual([]);
  });

  test('the host is as it was, values and all', () => {
    expect(stateOf(carriedOut(done, planFor(done, [])))).toEqual(stateOf(start));
  });
});
