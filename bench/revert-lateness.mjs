// How long after its deadline a change that nobody confirmed is taken back, by the process that does it where systemd
// does not run. In seconds: that is what it has to be measured in, for there is nothing to compare it with. The
// same program under a timer of systemd starts within the timer's accuracy (AccuracySec=1s) after it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BIN, inSandbox } from './measure.mjs';

const ROUNDS = 10;
const WINDOW = '6s';
const KEY = '/proc/sys/net/core/somaxconn';
const LONGEST_LATE_SECONDS = 30;

const value = () => readFileSync(KEY, 'utf8').trim();
/** CLOCK_BOOTTIME, as the deadline is kept. */
const bootTime = () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);

async function latenessSeconds() {
  const options = ['--profile', 'web-frontend', '--yes', '--confirm-within', WINDOW, '--json'];
  const before = value();
  const receipt = JSON.parse(
    execFileSync(process.execPath, [BIN, 'apply', ...options], { encoding: 'utf8' }),
  );
  const log = readFileSync(`/var/lib/backlogctl/transactions/${receipt.transaction}/log.ndjson`, 'utf8');
  const waiting = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).record)
    .find(({ kind }) => kind === 'waiting');
  const deadline = waiting.deadline.bootTimeMs / 1000;
  while (value() !== before) {
    if (bootTime() > deadline + LONGEST_LATE_SECONDS) throw new Error('it was not taken back');
    await sleep(5);
  }
  return bootTime() - deadline;
}

if (await inSandbox(import.meta.filename)) {
  const late = [];
  for (let round = 0; round < ROUNDS; round += 1) late.push(await latenessSeconds());
  late.sort((a, b) => a - b);
  const median = late[Math.floor(late.length / 2)];
  process.stdout.write(
    `Node ${process.versions.node}, ${ROUNDS} rounds of ${WINDOW}: taken back ${median.toFixed(2)} s after the deadline (median), at the latest ${late.at(-1).toFixed(2)} s\n`,
  );
}
