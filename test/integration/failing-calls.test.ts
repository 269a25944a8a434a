import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { BIN, type Outcome, openSandbox, type Sandbox } from '../tools/sandbox.ts';
import { AS_KEPT, KEEP, RESET, replacingPlan, SCRIPT_ENV, shareOf, WORLD } from '../tools/whole-change.ts';

const INJECTION = path.join(import.meta.dirname, '../tools/failing-calls.mjs');
const INJECTED = '/run/failing-calls.mjs';
const PLAN = '/run/plan.json';
const CALLS_FILE = '/run/calls';
const ERRNOS = ['EIO', 'ENOSPC', 'EROFS', 'EACCES', 'EINVAL'] as const;
const LONGEST_MS = 1_800_000;

type Command = {
  readonly args: readonly string[];
  /** What was done before it. */
  readonly after?: readonly string[];
  /** What stands behind it. */
  readonly leadsTo: 'old' | 'all';
};

const Left = z.array(z.object({ step: z.string(), why: z.string(), detail: z.string() }));
const Undoing = z.object({ left: Left });
/** Of a receipt, of `confirm` and of `rollback`. */
const Said = z.object({
  left: Left.default([]),
  transactions: z.array(Undoing).default([]),
  recovered: z.array(Undoing).default([]),
});

/** What the document names that could not be put back. */
function failedIn(stdout: string): readonly string[] {
  const { left, transactions, recovered } = Said.parse(JSON.parse(stdout));
  return [{ left }, ...transactions, ...recovered]
    .flatMap((each) => each.left)
    .filter(({ why }) => why === 'failed')
    .map(({ step, detail }) => `${step}: ${detail}`);
}

/** What stands once it has ended with that status, and once the next run has ended what it left. */
function expectedOf(status: number, leadsTo: 'old' | 'all', begun: string) {
  switch (status) {
    case 0:
      return { now: leadsTo, settled: leadsTo };
    case 3:
      return { now: 'old', settled: 'old' };
    case 4:
      return { failed: true, settled: expect.stringMatching(/^(?:old|all)$/) };
    case 5:
      // That it is being confirmed may stand in the log though that failed: then it goes back with the next run.
      return {
        now: begun,
        settled: begun === 'waiting' ? expect.stringMatching(/^(?:old|waiting)$/) : begun,
      };
    default:
      return { status: 'none of these' };
  }
}

const APPLY = ['apply', PLAN, '--yes'];
const APPLY_WITHIN = [...APPLY, '--confirm-within', '10m'];

describeWith(
  SANDBOX_PROGRAMS,
  'the program, while one of the calls by which it changes the host fails',
  () => {
    let sandbox: Sandbox;
    const ended = new Map<number, number>();

    beforeAll(async () => {
      sandbox = await openSandbox();
      const link = await sandbox.output(['readlink', '/proc/self/ns/net']);
      const plan = replacingPlan(/\d+/.exec(link)?.[0] ?? '');
      await sandbox.writeFile(PLAN, JSON.stringify(plan), '0600');
      await sandbox.writeFile(INJECTED, readFileSync(INJECTION, 'utf8'));
      // The journal belongs to no machine here, as in an image.
      await sandbox.output(['rm', '-f', '/etc/machine-id']);
    });
    afterAll(async () => {
      await sandbox?.close();
      const statuses = [...ended].sort(([one], [other]) => one - other);
      const points = statuses.reduce((sum, [, count]) => sum + count, 0);
      process.stdout.write(
        `\nreal processes: ${points} failing calls; exit status ${statuses.map(([status, count]) => `${status}: ${count}`).join(', ')}\n`,
      );
    });

    function shell(...lines: readonly string[]): Promise<string> {
      return sandbox.output(['sh', '-euc', lines.join('\n')], { env: SCRIPT_ENV });
    }

    /** @param at 0: none of them fails */
    function run(args: readonly string[], at: number, errno: string): Promise<Outcome> {
      const env = { FAIL_AT: String(at), FAIL_WITH: errno, CALLS_FILE };
      return sandbox.run(['node', '--import', INJECTED, BIN, ...args, '--json'], { env });
    }

    const ours = (args: readonly string[]) => ['node', BIN, ...args, '>/dev/null'].join(' ');

    test.each<[what: string, command: Command]>([
      ['apply', { args: APPLY, leadsTo: 'all' }],
      ['confirm', { args: ['confirm'], after: APPLY_WITHIN, leadsTo: 'all' }],
      ['rollback', { args: ['rollback'], after: APPLY, leadsTo: 'old' }],
      ['rollback of what waits', { args: ['rollback'], after: APPLY_WITHIN, leadsTo: 'old' }],
    ])(
      '%s: nothing is lost, and the exit status says what stands',
      async (_what, { args, after, leadsTo }) => {
        const old = await shell(RESET, WORLD);
        const all = await shell(ours(APPLY), WORLD);
        expect(all).not.toBe(old);
        const prepare = after === undefined ? RESET : AS_KEPT;
        if (after !== undefined) await shell(RESET, ours(after), KEEP);
        await shell(prepare);
        expect((await run(args, 0, 'EIO')).status).toBe(0);
        const calls = Number(await sandbox.output(['cat', CALLS_FILE]));
        expect(calls).toBeGreaterThan(20);
        for (const at of shareOf(calls, 8)) {
          const errno = ERRNOS[at % ERRNOS.length] ?? 'EIO';
          const begun = await shell(prepare, WORLD);
          const names = new Map([
            [begun, 'waiting'],
            [old, 'old'],
            [all, 'all'],
          ]);
          const nameOf = (world: string) => names.get(world) ?? world;
          const { status, stdout, stderr } = await run(args, at, errno);
          ended.set(status, (ended.get(status) ?? 0) + 1);
          const now = await shell(WORLD);
          await shell(`${ours(['recover'])} || true`);
          const settled = await shell(WORLD);
          const found = {
            at,
            errno,
            status,
            stderr,
            failed: status === 4 ? failedIn(stdout).length > 0 : null,
            now: nameOf(now),
            settled: nameOf(settled),
          };
          expect(found).toEqual({ ...found, ...expectedOf(status, leadsTo, nameOf(begun)) });
        }
      },
      LONGEST_MS,
    );
  },
);
