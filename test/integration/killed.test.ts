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
];

const LIVE: readonly LiveStep[] = VALUES.map(([key, from, to]) => ({
  id: `live:${key}`,
  kind: 'live',
  target: { netns: '1', key },
  from,
  to,
  because: [],
}));

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

const REPLACING: Plan = { ...EMPTY, steps: [...LIVE, fileStep(DROP_IN, OLD, NEW), TAKING] };
const RENAMING: Plan = {
  ...EMPTY,
  steps: [...LIVE.slice(0, 1), fileStep(RENAMED, null, NEW), fileStep(DROP_IN, OLD, null)],
};

describeWith(SANDBOX_PROGRAMS, 'a process that is killed at each call of the writer in turn', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'backlogctl-'));
  const driver = path.join(directory, 'driver.mjs');
  const replacing = path.join(directory, 'replacing.json');
  const renaming = path.join(directory, 'renaming.json');
  let sandbox: Sandbox;
  let points = 0;

  beforeAll(async () => {
    writeFileSync(replacing, JSON.stringify(REPLACING));
    writeFileSync(renaming, JSON.stringify(RENAMING));
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
  const KEEP_APPLIED = `rm -rf /run/applied; mkdir /run/applied
cp -a /var/lib/backlogctl /etc/sysctl.d /run/applied/; sysctl ${KEYS} >/run/applied/values`;
  /** As after it, with the journal that it left. */
  const APPLIED = `sysctl -q -p /run/applied/values
rm -rf /var/lib/backlogctl; cp -a /run/applied/backlogctl /var/lib/; find /etc/sysctl.d -type f -delete
cp -a /run/applied/sysctl.d/. /etc/sysctl.d/`;
  /** Everything that the plan may touch, with its mode, and whatever stands beside the drop-in. */
  const WORLD = `sysctl ${KEYS} | tr -s '\t' ' '
cd /etc/sysctl.d; ls -A; stat -c %a:%U *; cat *`;
  const drive = (verb: 'apply' | 'rollback' | 'recover', at: number, plan: string) =>
    `node ${driver} ${verb} ${at} ${plan}`;

  /** One script, so that a point costs two runs of the program and little else. */
  function shell(...lines: readonly string[]): Promise<string> {
    const env = { OLD: OLD.text ?? '', ZZ: ZZ_TEXT };
    return sandbox.output(['sh', '-euc', lines.join('\n')], { env });
  }

  async function expectWhole(verb: 'apply' | 'rollback', plan: string): Promise<void> {
    const prepare = verb === 'apply' ? RESET : APPLIED;
    const old = await shell(RESET, WORLD);
    const all = await shell(`${drive('apply', 0, plan)} >/dev/null`, KEEP_APPLIED, WORLD);
    expect(all).not.toBe(old);
    const calls = Number((await shell(prepare, drive(verb, 0, plan))).trim().split(' ').at(-1));
    expect(calls).toBeGreaterThan(20);
    for (let at = 1; at <= calls; at += 1) {
      // The status of a process that SIGKILL ended, as a shell says it.
      const killed = `status=0; ${drive(verb, at, plan)} || status=$?; test $status = 137`;
      const now = await shell(prepare, killed, `${drive('recover', 0, plan)} >/dev/null`, WORLD);
      points += 1;
      expect([at, now === old || now === all]).toEqual([at, true]);
    }
  }

  test(
    'while it applies 8 values and a file, and takes a line over',
    () => expectWhole('apply', replacing),
    600_000,
  );
  test('while it takes them back', () => expectWhole('rollback', replacing), 600_000);
  test(
    'while it applies a value and gives the file another name',
    () => expectWhole('apply', renaming),
    600_000,
  );
  test('while it takes that back', () => expectWhole('rollback', renaming), 600_000);
});
