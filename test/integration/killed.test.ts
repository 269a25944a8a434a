import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type Sandbox } from '../tools/sandbox.ts';
import {
  AS_KEPT,
  KEEP,
  RESET,
  renamingPlan,
  replacingPlan,
  SCRIPT_ENV,
  shareOf,
  WORLD,
} from '../tools/whole-change.ts';

const LONGEST_MS = 1_800_000;

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

  const drive = (verb: string, at: number, plan: string) => `node ${driver} ${verb} ${at} ${plan}`;
  const through = (verb: string, plan: string) => `${drive(verb, 0, plan)} >/dev/null`;

  /** One script, so that a point costs two runs of the program and little else. */
  function shell(...lines: readonly string[]): Promise<string> {
    return sandbox.output(['sh', '-euc', lines.join('\n')], { env: SCRIPT_ENV });
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
