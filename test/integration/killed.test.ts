import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import type { FileState, LiveStep, Plan } from '../../src/plan/plan.ts';
import { takingOver } from '../apply/host.ts';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type Sandbox } from '../tools/sandbox.ts';

const DROP_IN = '/etc/sysctl.d/90-backlogctl.conf';
const OLD: FileState = { text: '# old\nnet.core.somaxconn = 1024\n', mode: '0600', uid: 0, gid: 0 };
const NEW: FileState = { text: '# new\nnet.core.somaxconn = 8192\n', mode: '0644', uid: 0, gid: 0 };

const VALUES: readonly (readonly [key: string, from: string, to: string])[] = [
  ['net.core.somaxconn', '1024', '8192'],
  ['net.ipv4.tcp_rmem', '4096 131072 6291456', '8192 262144 16777216'],
  ['net.ipv4.tcp_wmem', '4096 16384 4194304', '8192 32768 16777216'],
  ['net.ipv4.ip_local_port_range', '32768 60999', '20000 50000'],
  ['net.ipv4.tcp_fin_timeout', '60', '30'],
  ['net.ipv4.tcp_max_syn_backlog', '128', '4096'],
  ['net.ipv4.tcp_synack_retries', '5', '3'],
  ['net.ipv4.tcp_abort_on_overflow', '1', '0'],
  ['net.ipv4.tcp_keepalive_time', '7200', '600'],
  ['net.ipv4.tcp_keepalive_probes', '9', '5'],
  ['net.ipv4.tcp_slow_start_after_idle', '1', '0'],
  ['net.ipv4.tcp_notsent_lowat', '4294967295', '131072'],
];

function liveSteps(netns: string): readonly LiveStep[] {
  return VALUES.map(([key, from, to]) => ({
    id: `live:${key}`,
    kind: 'live',
    target: { netns, key },
    from,
    to,
    because: [],
  }));
}

const RENAMED = '/etc/sysctl.d/99-zz.conf';

const EMPTY: Plan = {
  kind: 'plan',
  schemaVersion: 0,
  madeAt: '2026-11-20T09:00:00Z',
  host: { machineId: null, kernel: 'test', memoryBytes: null },
  profiles: [],
  standing: [],
  steps: [],
  kept: [],
  noOps: [],
  conflicts: [],
  skipped: [],
  manual: [],
  warnings: [],
};

function fileStep(path: string, from: FileState | null, to: FileState | null): Plan['steps'][number] {
  return { id: `file:${path}`, kind: 'file', target: { path }, from, to, because: [] };
}

const ZZ = '/etc/sysctl.d/zz.conf';
const ZZ_TEXT = '# theirs\nnet.core.somaxconn = 512\nvm.swappiness = 1\n';
const TAKING = takingOver(ZZ, ZZ_TEXT, 'net.core.somaxconn', 2);

function replacingPlan(netns: string): Plan {
  return { ...EMPTY, steps: [...liveSteps(netns), fileStep(DROP_IN, OLD, NEW), TAKING] };
}

function renamingPlan(netns: string): Plan {
  const files = [fileStep(RENAMED, null, NEW), fileStep(DROP_IN, OLD, null)];
  return { ...EMPTY, steps: [...liveSteps(netns).slice(0, 1), ...files] };
}

const LONGEST_MS = 1_800_000;

/** All of the calls with `KILLS=all` (`npm run test:kills`), otherwise each of so many, and others at each run. */
function shareOf(calls: number, oneIn: number): readonly number[] {
  const step = process.env.KILLS === 'all' ? 1 : oneIn;
  const first = 1 + Math.floor(Math.random() * step);
  return Array.from({ length: Math.ceil((calls + 1 - first) / step) }, (_, index) => first + index * step);
}

describeWith(SANDBOX_PROGRAMS, 'a process that is killed around each call of the writer in turn', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'backlogctl-'));
  const driver = path.join(directory, 'driver.mjs');
  const replacing = path.join(directory, 'replacing.json');
  const renaming = path.join(directory, 'renaming.json');
  let sandbox: Sandbox;
  let points = 0;

  beforeAll(async () => {
    await build({
      entryPoints: [path.join(import.meta.dirname, '../tools/kill-driver.ts')],
      outfile: driver,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
    });
    sandbox = await openSandbox();
    const link = await sandbox.output(['readlink', '/proc/self/ns/net']);
    const netns = /\d+/.exec(link)?.[0] ?? '';
    writeFileSync(replacing, JSON.stringify(replacingPlan(netns)));
    writeFileSync(renaming, JSON.stringify(renamingPlan(netns)));
    // The journal belongs to no machine here, as in an image.
    await sandbox.output(['rm', '-f', '/etc/machine-id']);
  });
  afterAll(async () => {
    await sandbox?.close();
    rmSync(directory, { recursive: true, force: true });
    process.stdout.write(`\nreal processes: killed at ${points} points, and recovered\n`);
  });

  const VALUES_BACK = VALUES.map(([key, from]) => `'${key}=${from}'`).join(' ');
  /** As before the plan, with no journal. */
  const RESET = `sysctl -q -w ${VALUES_BACK}
rm -rf /var/lib/backlogctl; find /etc/sysctl.d -type f -delete
printf '%s' "$OLD" >${DROP_IN}; chmod 600 ${DROP_IN}; printf '%s' "$ZZ" >${ZZ}`;
  const KEYS = VALUES.map(([key]) => key).join(' ');
  /** The world and the journal as they are now, to begin there once more. */
  const KEEP = `rm -rf /run/kept; mkdir /run/kept
cp -a /var/lib/backlogctl /etc/sysctl.d /run/kept/; sysctl ${KEYS} >/run/kept/values`;
  const AS_KEPT = `sysctl -q -p /run/kept/values
rm -rf /var/lib/backlogctl; cp -a /run/kept/backlogctl /var/lib/; find /etc/sysctl.d -type f -delete
cp -a /run/kept/sysctl.d/. /etc/sysctl.d/`;
  /** Everything that the plan may touch, with its mode, and whatever stands beside the drop-in. */
  const WORLD = `sysctl ${KEYS} | tr -s '\t' ' '
cd /etc/sysctl.d; ls -A; stat -c %a:%U *; cat *`;
  const drive = (verb: string, at: number, plan: string) => `node ${driver} ${verb} ${at} ${plan}`;
  const through = (verb: string, plan: string) => `${drive(verb, 0, plan)} >/dev/null`;

  /** One script, so that a point costs two runs of the program and little else. */
  function shell(...lines: readonly string[]): Promise<string> {
    const env = { OLD: OLD.text ?? '', ZZ: ZZ_TEXT };
    return sandbox.output(['sh', '-euc', lines.join('\n')], { env });
  }

  /** The status of a process that SIGKILL ended, as a shell says it. */
  const killed = (verb: string, at: number, plan: string) =>
    `status=0; ${drive(verb, at, plan)} >/dev/null || status=$?; test $status = 137`;

  type Killed = {
    readonly verb: 'apply' | 'apply-within' | 'confirm' | 'revert' | 'rollback';
    /** What was run through before it. */
    readonly after?: 'apply' | 'apply-within';
    readonly plan: string;
  };

  /** In which state the host is, each time anew, and what may become of it. */
  type Start = { readonly prepare: string; readonly old: string; readonly all: string };

  async function startOf({ after, plan }: Omit<Killed, 'verb'>): Promise<Start> {
    const old = await shell(RESET, WORLD);
    const all = await shell(through('apply', plan), WORLD);
    expect(all).not.toBe(old);
    if (after === undefined) return { prepare: RESET, old, all };
    await shell(RESET, through(after, plan), KEEP);
    return { prepare: AS_KEPT, old, all };
  }

  async function callsOf(prepare: string, verb: string, plan: string): Promise<number> {
    const said = await shell(prepare, drive(verb, 0, plan));
    return Number(said.trim().split(' ').at(-1));
  }

  /** Kills it there, lets the next run end it, and looks. */
  async function expectWhole({ prepare, old, all }: Start, verb: string, at: number, plan: string) {
    const now = await shell(prepare, killed(verb, at, plan), through('recover-late', plan), WORLD);
    points += 1;
    expect([at, now === old || now === all]).toEqual([at, true]);
  }

  /**
   * Before each call, and behind the last: behind one call and before the next are the same, for the disk and the
   * kernel.
   */
  test.each<[what: string, killed: () => Killed]>([
    ['it applies 12 values and a file, and takes a line over', () => ({ verb: 'apply', plan: replacing })],
    ['it takes them back', () => ({ verb: 'rollback', after: 'apply', plan: replacing })],
    ['it applies them to be confirmed', () => ({ verb: 'apply-within', plan: replacing })],
    ['it confirms them', () => ({ verb: 'confirm', after: 'apply-within', plan: replacing })],
    ['it reverts what nobody confirmed', () => ({ verb: 'revert', after: 'apply-within', plan: replacing })],
    ['it applies a value and gives the file another name', () => ({ verb: 'apply', plan: renaming })],
    ['it takes that back', () => ({ verb: 'rollback', after: 'apply', plan: renaming })],
  ])(
    'while %s',
    async (_what, make) => {
      const { verb, after, plan } = make();
      const start = await startOf({ plan, ...(after === undefined ? {} : { after }) });
      const calls = await callsOf(start.prepare, verb, plan);
      expect(calls).toBeGreaterThan(10);
      for (const at of shareOf(calls + 1, 2)) await expectWhole(start, verb, at, plan);
    },
    LONGEST_MS,
  );

  test.each<[what: string, killed: () => Killed, part: number]>([
    ['an apply ended among its values', () => ({ verb: 'apply', plan: replacing }), 0.6],
    ['an apply ended among its files', () => ({ verb: 'apply', plan: replacing }), 0.95],
    ['an apply ended before it waited', () => ({ verb: 'apply-within', plan: replacing }), 0.97],
    [
      'a confirm ended among its files',
      () => ({ verb: 'confirm', after: 'apply-within', plan: replacing }),
      0.6,
    ],
    [
      'a revert ended among its values',
      () => ({ verb: 'revert', after: 'apply-within', plan: replacing }),
      0.5,
    ],
    ['a rollback ended among its values', () => ({ verb: 'rollback', after: 'apply', plan: replacing }), 0.6],
  ])(
    'the recovery, when %s',
    async (_what, make, part) => {
      const { verb, after, plan } = make();
      const start = await startOf({ plan, ...(after === undefined ? {} : { after }) });
      const at = Math.ceil((await callsOf(start.prepare, verb, plan)) * part);
      await shell(start.prepare, killed(verb, at, plan), KEEP);
      const again = { ...start, prepare: AS_KEPT };
      const calls = await callsOf(again.prepare, 'recover-late', plan);
      expect(calls).toBeGreaterThan(5);
      for (const second of shareOf(calls, 8)) await expectWhole(again, 'recover-late', second, plan);
    },
    LONGEST_MS,
  );
});
