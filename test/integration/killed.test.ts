import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import type { FileState, LiveStep, Plan } from '../../src/plan/plan.ts';
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

const PLAN: Plan = {
  kind: 'plan',
  schemaVersion: 0,
  madeAt: '2026-11-20T09:00:00Z',
  host: { machineId: null, kernel: 'test', memoryBytes: null },
  profiles: [],
  standing: [],
  steps: [
    ...LIVE,
    { id: `file:${DROP_IN}`, kind: 'file', target: { path: DROP_IN }, from: OLD, to: NEW, because: [] },
  ],
  kept: [],
  noOps: [],
  conflicts: [],
  skipped: [],
  manual: [],
  warnings: [],
};

describeWith(SANDBOX_PROGRAMS, 'a process that is killed at each call of the writer in turn', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'backlogctl-'));
  const driver = path.join(directory, 'driver.mjs');
  const planFile = path.join(directory, 'plan.json');
  let sandbox: Sandbox;
  let points = 0;

  beforeAll(async () => {
    writeFileSync(planFile, JSON.stringify(PLAN));
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

  function drive(verb: 'apply' | 'rollback' | 'recover', at: number) {
    return sandbox.run(['node', driver, verb, String(at), planFile]);
  }

  async function reset(): Promise<void> {
    const values = VALUES.map(([key, from]) => `${key}=${from}`);
    await sandbox.output(['sysctl', '-q', '-w', ...values]);
    await sandbox.output([
      'sh',
      '-c',
      `rm -rf /var/lib/backlogctl; rm -f /etc/sysctl.d/.* 2>/dev/null; true`,
    ]);
    await sandbox.writeFile(DROP_IN, OLD.text ?? '', OLD.mode);
  }

  /** Everything that the plan may touch, with its mode, and whatever stands beside the drop-in. */
  async function world(): Promise<string> {
    const keys = VALUES.map(([key]) => key);
    const script = 'sysctl "$@" | tr -s "\\t" " "; cd /etc/sysctl.d; ls -A; stat -c %a:%U *; cat *';
    return sandbox.output(['sh', '-c', script, 'sh', ...keys]);
  }

  async function expectWhole(verb: 'apply' | 'rollback', prepare: () => Promise<void>): Promise<void> {
    await reset();
    const old = await world();
    await drive('apply', 0);
    const all = await world();
    expect(all).not.toBe(old);
    await prepare();
    const calls = Number((await drive(verb, 0)).stdout.split(' ')[1]);
    expect(calls).toBeGreaterThan(20);
    for (let at = 1; at <= calls; at += 1) {
      await prepare();
      const killed = await drive(verb, at);
      // No status: a signal ended it, and it said nothing.
      expect([at, killed.status, killed.stdout]).toEqual([at, -1, '']);
      const next = await drive('recover', 0);
      expect([at, next.status, next.stderr]).toEqual([at, 0, '']);
      points += 1;
      const now = await world();
      expect([at, now === old || now === all]).toEqual([at, true]);
    }
  }

  test('while it applies 8 values and a file', () => expectWhole('apply', reset), 180_000);

  test(
    'while it takes them back',
    () =>
      expectWhole('rollback', async () => {
        await reset();
        await drive('apply', 0);
      }),
    240_000,
  );
});
