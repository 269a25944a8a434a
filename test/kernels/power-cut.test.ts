import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { inGuest } from '../tools/guest.ts';
import { describeWith, GUEST_PROGRAMS } from '../tools/requirements.ts';

/** `CUTS=20`: `npm run test:power`. */
const CUTS = Number(process.env.CUTS ?? 3);
/** An apply and a rollback take some seconds there, of which most go into syncing. */
const LONGEST_CYCLES_MS = 12_000;

const DRIVER = '/root/driver.mjs';
const PLAN = '/root/plan.json';

const START = `
BACKLOGCTL="node $PWD/bin/backlogctl.js"
KEYS='net.core.somaxconn net.ipv4.tcp_max_syn_backlog net.ipv4.tcp_rmem net.ipv4.tcp_wmem net.core.netdev_max_backlog'
world() {
  if [ -e /etc/sysctl.d/90-backlogctl.conf ]; then echo "$1: with the drop-in"; else echo "$1: without the drop-in"; fi
  ls -A /etc/sysctl.d | sed "s/^/$1 file: /"
  sysctl $KEYS 2>/dev/null | sed "s/^/$1: /"
}
`;

/** What stands before anything was applied, and after; and a plan between the two. */
const FIRST = `
world old
$BACKLOGCTL plan --profile web-frontend --out ${PLAN} >/dev/null
$BACKLOGCTL apply ${PLAN} --yes >/dev/null
world new
$BACKLOGCTL rollback >/dev/null
sync
`;

const CYCLE = (milliseconds: number) => `
node ${DRIVER} cycle 0 ${PLAN} &
# It has begun once a transaction more is there than before.
had=$(ls /var/lib/backlogctl/transactions | wc -l)
until [ "$(ls /var/lib/backlogctl/transactions | wc -l)" -gt "$had" ]; do sleep 0.1; done
echo "cut ${milliseconds}" >$(ls /dev/vport*p3)
sleep 1000
`;

/** The boot has set what the files said, and recovery ends what was left. */
const AFTER = `
$BACKLOGCTL recover >/root/recovered 2>&1 || { echo "recover failed: $?"; cat /root/recovered; }
world now
$BACKLOGCTL history --json >/root/history 2>&1 || { echo "history failed: $?"; cat /root/history; }
sed -n 's/^      "state": "\\(.*\\)",$/state: \\1/p' /root/history | sort -u
$BACKLOGCTL rollback --all >/dev/null || true
`;

function said(lines: readonly string[], who: string): readonly string[] {
  const about = new RegExp(`^${who}(?: file)?: `);
  return lines.filter((line) => about.test(line)).map((line) => line.replace(who, ''));
}

describeWith(GUEST_PROGRAMS, 'a host that loses its power while it is changed', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'backlogctl-power-'));
  const driver = path.join(directory, 'driver.mjs');
  const disk = path.join(directory, 'disk');
  const files = new Map([[DRIVER, driver]]);
  const found = { old: 0, all: 0 };
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
  });
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
    process.stdout.write(
      `\n${CUTS} power cuts: ${found.old} times the host came up as it was before, ${found.all} times as it was to be\n`,
    );
  });

  test(
    `${CUTS} times, and each time it comes up all old or all new`,
    async () => {
      const run = async (script: string, losesPower: boolean) => {
        const printed = await inGuest('6.12', START + script, files, {
          disk,
          losesPower,
          longestSeconds: 400,
        });
        return printed.trim().split('\n');
      };
      const first = await run(FIRST, false);
      const [old, all] = [said(first, 'old'), said(first, 'new')];
      expect(old).toContain(': without the drop-in');
      expect(all).toContain(': with the drop-in');
      for (let cut = 1; cut <= CUTS + 1; cut += 1) {
        const check = cut === 1 ? '' : AFTER;
        const isLast = cut > CUTS;
        const next = isLast ? '' : CYCLE(Math.floor(Math.random() * LONGEST_CYCLES_MS));
        const lines = await run(check + next, !isLast);
        if (cut === 1) continue;
        const now = said(lines, 'now');
        expect([old, all]).toContainEqual(now);
        found[now.includes(': with the drop-in') ? 'all' : 'old'] += 1;
        expect(lines.filter((line) => /^(?:recover|history) failed/.test(line))).toEqual([]);
        const states = lines.filter((line) => line.startsWith('state: '));
        // Where history says nothing, what else was said is wanted.
        expect(states.length > 0 ? [] : lines).toEqual([]);
        expect(states.filter((line) => !/^state: (?:committed|undone|rolled-back)$/.test(line))).toEqual([]);
      }
    },
    (CUTS + 2) * 400_000,
  );
});
