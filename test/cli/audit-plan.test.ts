import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApplyOptions, AuditOptions, PlanOptions } from '../../src/cli/options.ts';
import { planCommands, savedPlanCommands } from '../../src/cli/plan-commands.ts';
import { runCommandLine } from '../../src/cli/run.ts';
import { Plan } from '../../src/plan/plan.ts';
import { DROP_IN_MARK } from '../../src/sysctl/own-drop-in.ts';
import { auditPlan } from '../report/audit-plan.ts';
import { clampedHost } from '../report/snapshots.ts';
import { memoryTerminal } from './memory-terminal.ts';

const PLAN = auditPlan(clampedHost(8192));

describe('what to type for the plan of an audit', () => {
  test.each<
    readonly [string, readonly string[], AuditOptions, readonly [see: string, apply: string, undo: string]]
  >([
    ['on this host', [], {}, ['backlogctl plan', 'backlogctl apply', 'backlogctl rollback']],
    [
      'names the profiles in force, of a name and of a file',
      ['web-frontend', '/srv/my profiles/x.yaml'],
      {},
      [
        "backlogctl plan --profile web-frontend --profile '/srv/my profiles/x.yaml'",
        "backlogctl apply --profile web-frontend --profile '/srv/my profiles/x.yaml'",
        'backlogctl rollback',
      ],
    ],
    [
      'with the load and the samples',
      [],
      { connectionsPerSecond: 2000, longestStall: 300, sample: 10 },
      [
        'backlogctl plan --connections-per-second 2000 --longest-stall 300ms --sample 10s',
        'backlogctl apply --connections-per-second 2000 --longest-stall 300ms --sample 10s',
        'backlogctl rollback',
      ],
    ],
    [
      'in another tree',
      ['base'],
      { root: '/mnt/an image' },
      [
        "backlogctl plan --profile base --root '/mnt/an image' --no-live",
        "backlogctl apply --profile base --root '/mnt/an image' --no-live",
        "backlogctl rollback --root '/mnt/an image'",
      ],
    ],
    [
      'of a snapshot: apply takes none',
      [],
      { snapshot: 'host.json' },
      ['backlogctl plan --snapshot host.json', 'backlogctl apply', 'backlogctl rollback'],
    ],
  ])('%s', (_what, profiles, options, [see, apply, undo]) => {
    const applyThere = options.snapshot !== undefined;
    expect(planCommands({ ...PLAN, profiles: [...profiles] }, options)).toEqual({
      see,
      apply,
      applyRenamed: null,
      applyTakingOver: null,
      applyThere,
      undo,
    });
  });
});

test.each<readonly [string, PlanOptions, string | undefined, string]>([
  ['that was saved', {}, '/root/my plan.json', "backlogctl apply '/root/my plan.json'"],
  [
    'that was saved, of an image',
    { root: '/mnt/x', live: false },
    'p.json',
    'backlogctl apply p.json --root /mnt/x --no-live',
  ],
  ['of a snapshot, saved or not', { snapshot: 'host.json' }, 'p.json', 'backlogctl apply'],
  [
    'with its limits',
    { persist: false, allowLower: true },
    undefined,
    'backlogctl apply --no-persist --allow-lower',
  ],
])('what carries out a plan %s', (_what, options, saved, apply) => {
  expect(planCommands({ ...PLAN, profiles: [] }, options, saved).apply).toBe(apply);
});

describe('the name that settles the conflicts', () => {
  const shadowed = {
    kind: 'shadowed',
    netns: '1',
    key: 'net.core.somaxconn',
    message: 'would not last',
    ways: [],
    because: [],
  } as const;
  const named = { ...shadowed, ways: [], because: [], fileName: 'zz.conf' };
  const other = { ...shadowed, ways: [], because: [], kind: 'lowers' as const };

  test.each<readonly [string, Plan['conflicts'], PlanOptions, string | null]>([
    ['is typed', [named, named], {}, 'backlogctl apply --profile base --file-name zz.conf'],
    [
      'takes the place of one that was given',
      [named],
      { fileName: 'a.conf', allowLower: true },
      'backlogctl apply --profile base --allow-lower --file-name zz.conf',
    ],
    ['is not where it leaves another conflict', [named, other], {}, null],
    ['is not where there is no conflict', [], {}, null],
  ])('%s', (_what, conflicts, options, expected) => {
    expect(planCommands({ profiles: ['base'], conflicts }, options).applyRenamed).toBe(expected);
  });
});

describe('what is typed to try again', () => {
  const conflict = {
    kind: 'shadowed',
    netns: '1',
    key: 'net.core.somaxconn',
    message: 'would not last',
    ways: [],
    because: [],
    fileName: 'zz.conf',
  } satisfies Plan['conflicts'][number];
  const plan = { ...PLAN, profiles: ['base'], conflicts: [conflict] };
  const options: ApplyOptions = {
    onConflict: 'fail',
    yes: true,
    reason: 'the night is quiet',
    connectionsPerSecond: 2000,
    confirmWithin: 30,
    confirmIf: ['/usr/local/bin/healthy', '--port', '443 or so'],
  };
  const how = "--confirm-within 30s --yes --reason 'the night is quiet'";
  const back = "--confirm-if /usr/local/bin/healthy --port '443 or so'";

  test('goes back in the same way, said before what asks nobody, and the program comes last', () => {
    const { apply, applyRenamed, see } = planCommands(plan, options);
    const wanted = '--profile base --connections-per-second 2000';
    expect(applyRenamed).toBe(`backlogctl apply ${wanted} --file-name zz.conf ${how} ${back}`);
    expect(apply).toBe(`backlogctl apply ${wanted} --on-conflict skip ${how} ${back}`);
    expect(see).toBe(`backlogctl plan ${wanted}`);
  });

  test('of a plan that was handed to us is that plan alone', () => {
    const { apply, applyRenamed, applyTakingOver } = savedPlanCommands(
      plan,
      { confirmWithin: 300 },
      'p.json',
    );
    expect([applyRenamed, applyTakingOver]).toEqual([null, null]);
    expect(apply).toBe('backlogctl apply p.json --on-conflict skip --confirm-within 300s');
    const { fileName: _, ...unnamed } = conflict;
    const conflicts = [{ ...unnamed, takeover: true as const }];
    expect(savedPlanCommands({ ...plan, conflicts }, {}, 'p.json').applyTakingOver).toBeNull();
  });
});

describe('the lines of other files that win', () => {
  const shadowed = {
    kind: 'shadowed',
    netns: '1',
    key: 'net.core.somaxconn',
    message: 'would not last',
    ways: [],
    because: [],
    takeover: true,
  } as const;
  const one = { ...shadowed, ways: [], because: [] };
  const { takeover: _, ...other } = one;

  test.each<readonly [string, Plan['conflicts'], PlanOptions, string | null]>([
    ['are commented out by what is typed', [one, one], {}, 'backlogctl apply --profile base --takeover'],
    [
      'with what was given',
      [one],
      { fileName: 'a.conf' },
      'backlogctl apply --profile base --file-name a.conf --takeover',
    ],
    [
      'in the same tree',
      [one],
      { root: '/mnt/x' },
      'backlogctl apply --profile base --root /mnt/x --no-live --takeover',
    ],
    ['are left alone where a name of ours helps', [{ ...one, fileName: 'zz.conf' }], {}, null],
    ['are left alone where another conflict stays', [one, other], {}, null],
    ['are none', [], {}, null],
  ])('%s', (_what, conflicts, options, expected) => {
    expect(planCommands({ profiles: ['base'], conflicts }, options).applyTakingOver).toBe(expected);
  });
});

test('plan shows a drop-in that gets another name as one file', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'plan-'));
  try {
    const file = path.join(directory, 'host.json');
    const snapshot = clampedHost(4096);
    const ours = {
      path: '/etc/sysctl.d/90-backlogctl.conf',
      kind: 'file',
      text: `${DROP_IN_MARK}\n\nnet.core.somaxconn = 4096\n`,
    };
    writeFileSync(
      file,
      JSON.stringify({ ...snapshot, sysctlFiles: [...(snapshot.sysctlFiles ?? []), ours] }),
    );
    const terminal = memoryTerminal();
    await runCommandLine(
      ['plan', '--snapshot', file, '--profile', 'web-frontend', '--file-name', 'zz.conf'],
      terminal,
    );
    const shown = terminal.stdout();
    expect(shown).toContain('At boot: /etc/sysctl.d/zz.conf (in place of 90-backlogctl.conf)\n');
    expect(shown).toContain('  -net.core.somaxconn = 4096\n');
    expect(shown).toContain('  +net.core.somaxconn = 8192\n');
    expect(shown.match(/At boot:/g)).toHaveLength(1);
    expect(shown).toMatch(/ {2}Do it +backlogctl apply --profile web-frontend --file-name zz\.conf\s/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test.each([
  [['plan', '--file-name', 'x', '--snapshot', '-'], "--file-name 'x' does not do: it does not end in .conf"],
  [['plan', '--file-name', 'x.conf', '--no-persist'], 'with --no-persist none is written'],
  [['apply', 'p.json', '--file-name', 'x.conf', '--yes'], 'and --file-name would change it'],
  [['plan', '--takeover', '--no-persist'], 'with --no-persist none is written'],
  [['apply', 'p.json', '--takeover', '--yes'], 'and --takeover would change it'],
])('%j is bad usage', async (argv, said) => {
  await expect(runCommandLine(argv, memoryTerminal())).rejects.toMatchObject({
    status: 2,
    message: expect.stringContaining(said),
  });
});

test.each([
  [[], 'backlogctl plan --profile … --out FILE'],
  [['--root', '/run/img', '--no-live'], 'backlogctl plan --profile --root /run/img --no-live … --out FILE'],
])('an option that would change a saved plan belongs to where it is made: %j', async (place, anew) => {
  const argv = ['apply', 'p.json', ...place, '--profile', 'base', '--yes'];
  await expect(runCommandLine(argv, memoryTerminal())).rejects.toMatchObject({
    status: 2,
    hint: `make another: ${anew}`,
  });
});

test('plan ends with what does it and what undoes it', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'plan-'));
  try {
    const file = path.join(directory, 'host.json');
    writeFileSync(file, JSON.stringify(clampedHost(4096)));
    const terminal = memoryTerminal();
    await runCommandLine(['plan', '--snapshot', file], terminal);
    expect(terminal.stdout().trimEnd().split('\n').slice(-2)).toEqual([
      '  Do it      backlogctl apply  # on that host',
      '  Undo it    backlogctl rollback',
    ]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

describe('audit --snapshot', () => {
  let directory: string;
  let file: string;
  const written = {
    path: '/etc/sysctl.d/90-backlogctl.conf',
    kind: 'file' as const,
    mode: '0644',
    text: '# Profiles: web-frontend\n\nnet.core.somaxconn = 8192\n',
  };

  async function audited(...options: readonly string[]): Promise<string> {
    const terminal = memoryTerminal();
    expect(await runCommandLine(['audit', '--snapshot', file, ...options], terminal)).toBe(0);
    return terminal.stdout();
  }

  async function planned(...options: readonly string[]): Promise<Plan> {
    return Plan.parse(JSON.parse(await audited('--json', ...options)).plan);
  }

  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'audit-plan-'));
    file = path.join(directory, 'host.json');
    writeFileSync(file, JSON.stringify(clampedHost(4096, { sysctlFiles: [written] })));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test('leaves what stands in its drop-in, and names the profile that it was made with', async () => {
    const { profiles, steps, host } = await planned();
    expect(profiles).toEqual(['web-frontend']);
    expect(steps).toMatchObject([{ kind: 'live', from: '128', to: '4096' }]);
    expect(host.machineId).toBeNull();
    expect((await audited()).replace(/\s+/g, ' ')).toContain(
      'backlogctl apply --profile web-frontend # on that host',
    );
  });

  test('with a profile has the plan that plan makes', async () => {
    const terminal = memoryTerminal();
    const argv = ['plan', '--snapshot', file, '--profile', 'database', '--json'];
    await runCommandLine(argv, terminal);
    expect(await planned('--profile', 'database')).toEqual(JSON.parse(terminal.stdout()));
  });

  test('a drop-in that cannot be replaced keeps the plan back, and not the findings', async () => {
    const link = { path: written.path, kind: 'link' as const, target: '/dev/null', text: '' };
    writeFileSync(file, JSON.stringify(clampedHost(4096, { sysctlFiles: [link] })));
    const { plan, unseen, findings } = JSON.parse(await audited('--json'));
    expect(plan).toBeNull();
    expect(unseen).toContainEqual({
      what: 'the plan',
      why: '/etc/sysctl.d/90-backlogctl.conf: not a regular file but a link, and so not replaced',
    });
    expect(findings.length).toBeGreaterThan(0);
  });
});

test('plan shows which lines of other files it comments out, and says so in the end', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'plan-'));
  try {
    const file = path.join(directory, 'host.json');
    const zz = {
      path: '/etc/sysctl.d/zz.conf',
      kind: 'file',
      text: '# Ansible managed\nnet.core.somaxconn = 1\n',
    };
    const snapshot = clampedHost(4096);
    writeFileSync(file, JSON.stringify({ ...snapshot, sysctlFiles: [...(snapshot.sysctlFiles ?? []), zz] }));
    const terminal = memoryTerminal();
    await runCommandLine(['plan', '--snapshot', file, '--profile', 'web-frontend', '--takeover'], terminal);
    const shown = terminal.stdout();
    expect(shown).toContain(
      'At boot: /etc/sysctl.d/zz.conf (not ours)\n   # Ansible managed\n  -net.core.somaxconn = 1\n',
    );
    expect(shown).toContain('\n  +# net.core.somaxconn = 1\n');
    expect(shown).toContain('  - /etc/sysctl.d/zz.conf:1 says "Ansible managed": what keeps the file');
    expect(shown.replace(/\s+/g, ' ')).toContain(
      ', the drop-in changes, and 1 line of another file is commented out.',
    );
    expect(shown).toMatch(/ {2}Do it +backlogctl apply --profile web-frontend --takeover\s/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

describe('a file that is not there is told by its name', () => {
  test.each<readonly [what: string, argv: readonly string[]]>([
    ['plan', ['apply', '/no/such/file.yaml', '--dry-run']],
    ['profile', ['plan', '--profile', '/no/such/file.yaml']],
    ['snapshot', ['audit', '--snapshot', '/no/such/file.yaml']],
  ])('a %s', async (what, argv) => {
    await expect(runCommandLine(argv, memoryTerminal())).rejects.toMatchObject({
      status: 2,
      at: { file: '/no/such/file.yaml' },
      message: `the ${what} cannot be read: there is no such file`,
    });
  });
});
